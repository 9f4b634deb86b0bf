"""The manifest: everything that is known of a collection, in one canonical form that is signed.

Canonical: JSON with sorted keys, no spaces, UTF-8, whole numbers only. Who decodes and encodes it
again gets the same bytes, or it is not one of ours.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from core.changes.case_room import Collection, Item, Taking
from core.text import RingfenceError

FORMAT = 1
MANIFEST, SIGNATURE, PUBLIC_KEY, SUMS = (
    "manifest.json",
    "manifest.sig",
    "evidence.pub.pem",
    "SHA256SUMS",
)
# What its host alone can change: trying again does not help.
NOT_HERE = frozenset(
    {"evidence-no-pool", "evidence-no-room-in-pool", "evidence-refused-there", "no-support"}
)
MAX_MANIFEST_BYTES = 32 * 1024 * 1024


class Encryption(Struct, frozen=True, forbid_unknown_fields=True):
    """To which key, and how."""

    method: str
    certificate_sha256: str


class ChainHead(Struct, frozen=True, forbid_unknown_fields=True):
    """Where this station's signed record of what it did stood when the manifest was written."""

    audit_count: int
    audit_sha256: str


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: int
    case: str
    collection: str
    host: str
    uuid: str
    machine: str
    operator: str
    station: str
    reason: str
    began_at: str
    made_at: str
    kinds: tuple[str, ...]  # what was asked for
    items: tuple[Item, ...]
    missing: tuple[str, ...]
    deleted: dict[str, str]  # kind -> when its host deleted its copy; see Taking.deleted_at
    encryption: Encryption
    key: str  # the fingerprint of the key that signs
    head: ChainHead
    tools: dict[str, str]


def canonical(value: Any) -> bytes:
    plain = msgspec.to_builtins(value)
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def read_manifest(folder: Path) -> tuple[Manifest, bytes]:
    """Raises RingfenceError: evidence-manifest: there is none, or it is not canonical."""
    try:
        with (folder / MANIFEST).open("rb") as stream:
            body = stream.read(MAX_MANIFEST_BYTES)
        manifest = msgspec.json.decode(body, type=Manifest)
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise RingfenceError("evidence-manifest", str(error), path=str(folder)) from error
    if canonical(manifest) != body:
        raise RingfenceError("evidence-manifest", "not canonical", path=str(folder))
    return manifest, body


def items_of(takings: tuple[Taking, ...]) -> tuple[Item, ...]:
    return tuple(item for taking in takings for item in taking.items)


def missing_of(takings: tuple[Taking, ...], kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Name each kind that was asked for and not had, with the reason as a code or words."""
    known = {taking.kind: taking for taking in takings}
    found: list[str] = []
    for kind in kinds:
        taking = known.get(kind)
        if taking is None:
            found.append(f"{kind}: not taken")
        elif taking.failed:
            here = "cannot be had here: " if taking.failed in NOT_HERE else ""
            found.append(f"{kind}: {here}{taking.failed}")
        else:
            found.extend(f"{kind}: {words}" for words in taking.missing)
    return tuple(found)


def sums_of(folder: Path, names: tuple[str, ...], known: dict[str, str]) -> bytes:
    """The file `sha256sum -c` reads; hashes that were taken at rest are not taken twice."""
    lines = (f"{known.get(name) or sha256_of(folder / name)}  {name}\n" for name in sorted(names))
    return "".join(lines).encode()


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def relative(which: Collection) -> Path:
    """Where a collection lies below the directory of all cases."""
    return Path(which.case) / which.id
