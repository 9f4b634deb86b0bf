"""Who had the evidence, from whom and why: one signed line for each time it changed hands.

Lines are chained by hash. The whole file is signed after each line, and the signature before is
part of the next line, so that openssl alone can check the file, and nobody can cut its middle.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from msgspec import Struct

from core.incidents.evidence.manifest import canonical
from core.keys.purposes import fingerprint_of, public_pem

CUSTODY, CUSTODY_SIGNATURE, CUSTODY_KEY = "custody.jsonl", "custody.sig", "custody.pub.pem"
FIRST = "0" * 64
MAX_BYTES = 16 * 1024 * 1024


class Entry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`event`: taken, deleted-on-host, sealed, exported. `files`: path -> SHA-256."""

    number: int
    at: str
    event: str
    giver: str
    receiver: str
    by: str
    why: str
    files: dict[str, str]
    previous: str  # SHA-256 of the line before
    previous_signature: str = ""  # over the file as it was before this signing, hex
    previous_key: str = ""  # PEM


Sign = Callable[[bytes], bytes]


def append(folder: Path, entries: tuple[Entry, ...], sign: Sign, public: str) -> None:
    """Add lines and sign the file anew; number and chain are filled in."""
    body = _content(folder / CUSTODY)
    lines = body.splitlines(keepends=True)
    signature = _content(folder / CUSTODY_SIGNATURE).hex()
    key = _content(folder / CUSTODY_KEY).decode("ascii", "replace")
    for place, entry in enumerate(entries):
        previous = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST
        entry = msgspec.structs.replace(
            entry,
            number=len(lines) + 1,
            previous=previous,
            previous_signature=signature if not place else "",
            previous_key=key if not place else "",
        )
        lines.append(canonical(entry) + b"\n")
    whole = b"".join(lines)
    contents = {CUSTODY: whole, CUSTODY_SIGNATURE: sign(whole), CUSTODY_KEY: public.encode()}
    for name, content in contents.items():
        _write(folder / name, content)


def read_custody(folder: Path) -> tuple[tuple[Entry, ...], list[str]]:
    """The entries, and codes of what is wrong with them: `evidence.problem.<code>`."""
    body = _content(folder / CUSTODY)
    entries: list[Entry] = []
    problems: list[str] = []
    previous, before = FIRST, b""
    for line in body.splitlines(keepends=True):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except (msgspec.DecodeError, RecursionError):
            return tuple(entries), ["custody-unreadable"]
        if canonical(entry) + b"\n" != line or entry.previous != previous:
            problems.append("custody-chain")
        if entry.number != len(entries) + 1:
            problems.append("custody-chain")
        if entry.previous_signature and not _good(
            entry.previous_key, entry.previous_signature, before
        ):
            problems.append("custody-signature")
        entries.append(entry)
        previous, before = hashlib.sha256(line).hexdigest(), before + line
    signature = _content(folder / CUSTODY_SIGNATURE).hex()
    key = _content(folder / CUSTODY_KEY).decode("ascii", "replace")
    if not body or not _good(key, signature, body):
        problems.append("custody-signature")
    return tuple(entries), list(dict.fromkeys(problems))


def custody_key(folder: Path) -> str:
    """The fingerprint of the last signer's key; "" when it is none."""
    key = public_key(_content(folder / CUSTODY_KEY).decode("ascii", "replace"))
    return "" if key is None else fingerprint_of(key)


def public_key(pem: str) -> Ed25519PublicKey | None:
    """A key written exactly as we write one; another form could hide a changed byte."""
    try:
        found = load_pem_public_key(pem.encode())
    except (ValueError, TypeError):
        return None
    if not isinstance(found, Ed25519PublicKey) or public_pem(found) != pem:
        return None
    return found


def _good(pem: str, signature: str, message: bytes) -> bool:
    key = public_key(pem)
    if key is None:
        return False
    try:
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except FileNotFoundError:
        return b""


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.write_bytes(content)
    fresh.chmod(0o440)
    fresh.replace(path)
