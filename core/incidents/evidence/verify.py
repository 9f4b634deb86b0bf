"""Check a collection as a stranger would: nothing of this station is needed but a trusted key.

Every file must be accounted for, every hash, signature and link must hold. A signature by a key
nobody pinned proves only that the files belong together; it is said, and it is not a pass.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from msgspec import Struct

from core.incidents.evidence.custody import custody_key, public_key, read_custody
from core.incidents.evidence.manifest import (
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    SUMS,
    Manifest,
    read_manifest,
    sha256_of,
    sums_of,
)
from core.incidents.evidence.rfc3161 import ANSWER, Authority, is_stamped
from core.incidents.evidence.room import CERTIFICATE, NOTES, UNSUMMED
from core.keys.purposes import fingerprint_of
from core.text import RingfenceError, Text


class Check(Struct, frozen=True):
    """What was found. `stamp`: none, good, unchecked (no authority is known here)."""

    folder: str
    manifest: Manifest | None
    problems: tuple[Text, ...]
    signed_by: str  # a fingerprint; "": by nobody
    pinned: bool
    stamp: str = "none"

    @property
    def good(self) -> bool:
        return not self.problems and self.pinned


def collections_in(folder: Path) -> tuple[Path, ...]:
    """The folder itself when it is a collection, else the collections of the case it is.

    Raises:
        RingfenceError: evidence-manifest: there is none.
    """
    if (folder / MANIFEST).exists() or (folder / NOTES).exists():
        return (folder,)
    found = tuple(sorted(file.parent for file in folder.glob(f"*/{MANIFEST}")))
    if not found:
        raise RingfenceError("evidence-manifest", path=str(folder))
    return found


def check(folder: Path, pinned: frozenset[str], authority: Authority | None = None) -> Check:
    """Check one collection against keys that are believed."""
    try:
        manifest, body = read_manifest(folder)
    except RingfenceError as error:
        return Check(str(folder), None, (_problem("manifest", detail=error.detail),), "", False)
    signed_by = _signer(folder, body)
    problems = [*_signature(manifest, signed_by), *_files(folder, manifest), *_sums(folder)]
    problems += [*_custody(folder, manifest, body), *_unsealed(folder)]
    stamp = _stamp(folder, authority)
    if stamp == "bad":
        problems.append(_problem("stamp"))
    last = custody_key(folder)
    trusted = signed_by in pinned and last in pinned
    return Check(str(folder), manifest, tuple(problems), signed_by, trusted, stamp)


def _signer(folder: Path, body: bytes) -> str:
    """By which key the manifest is signed; "" when it is not, or wrongly."""
    try:
        key = public_key((folder / PUBLIC_KEY).read_bytes().decode("ascii", "replace"))
        if key is None:
            return ""
        key.verify((folder / SIGNATURE).read_bytes(), body)
    except (OSError, InvalidSignature, ValueError):
        return ""
    return fingerprint_of(key)


def _signature(manifest: Manifest, signed_by: str) -> Iterator[Text]:
    if not signed_by:
        yield _problem("signature")
    elif signed_by != manifest.key:
        yield _problem("other-key")


def _files(folder: Path, manifest: Manifest) -> Iterator[Text]:
    """Each part is as the manifest has it; nothing else lies there."""
    expected = {SUMS, MANIFEST, SIGNATURE, PUBLIC_KEY, CERTIFICATE, *UNSUMMED}
    expected |= {"manifest.tsq", ANSWER}
    for item in manifest.items:
        for part in item.parts:
            expected.add(part.path)
            yield from _part(folder, part.path, part.bytes, part.sha256)
    certificate = manifest.encryption.certificate_sha256
    yield from _part(folder, CERTIFICATE, None, certificate)
    for file in sorted(folder.iterdir()):
        if file.name not in expected:
            yield _problem("extra-file", file=file.name)


def _part(folder: Path, name: str, size: int | None, sha256: str) -> Iterator[Text]:
    path = folder / name
    if Path(name).name != name or path.is_symlink() or not path.is_file():
        yield _problem("file-missing", file=name)
    elif size is not None and path.stat().st_size != size:
        yield _problem("file-size", file=name)
    elif sha256_of(path) != sha256:
        yield _problem("file-changed", file=name)


def _sums(folder: Path) -> Iterator[Text]:
    """The list for sha256sum is what it would be if it were written now."""
    names = (file.name for file in folder.iterdir() if file.is_file())
    summed = tuple(name for name in names if name not in UNSUMMED)
    try:
        written = (folder / SUMS).read_bytes()
    except OSError:
        yield _problem("file-missing", file=SUMS)
        return
    if written != sums_of(folder, summed, {}):
        yield _problem("sums")


def _custody(folder: Path, manifest: Manifest, body: bytes) -> Iterator[Text]:
    entries, problems = read_custody(folder)
    yield from (_problem(code) for code in problems)
    sealed = [entry for entry in entries if entry.event == "sealed"]
    closing = sealed[0].files if len(sealed) == 1 else {}
    if closing.get(MANIFEST) != hashlib.sha256(body).hexdigest():
        yield _problem("custody-other")
    for name, sha256 in closing.items():
        yield from _part(folder, name, None, sha256)
    taken = {kind for entry in entries if entry.event == "taken" for kind in entry.files}
    if taken != {part.path for item in manifest.items for part in item.parts}:
        yield _problem("custody-other")


def _unsealed(folder: Path) -> Iterator[Text]:
    if (folder / NOTES).exists():
        yield _problem("not-sealed")


def _stamp(folder: Path, authority: Authority | None) -> str:
    if not (folder / ANSWER).exists():
        return "none"
    if authority is None:
        return "unchecked"
    good = is_stamped(folder, folder / MANIFEST, Path(authority.ca_file))
    return "good" if good else "bad"


def _problem(code: str, file: str = "", detail: str = "") -> Text:
    return Text(f"evidence.problem.{code}", {"file": file}, detail)
