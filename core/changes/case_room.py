"""Where a step puts evidence on this station: sealed files, what is known of each, the seal.

Steps of a plan know this face only; `core.incidents.evidence.room` is what stands behind it.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

FILE_NAME = re.compile(r"[a-z][a-z0-9.-]{1,60}")  # of a piece, whoever names it


class Collection(Struct, frozen=True):
    """What was taken of one machine in one plan. `id` is the plan's."""

    case: str
    id: str
    host: str
    uuid: str
    machine: str


class Part(Struct, frozen=True):
    """One sealed file: what `sha256sum` tells of it."""

    path: str  # a name in the collection's directory
    bytes: int
    sha256: str


class Item(Struct, frozen=True):
    """One piece of evidence. Times are UTC, ISO 8601, of whoever took it."""

    kind: str
    name: str
    bytes: int  # before it was sealed
    sha256: str
    method: str
    flags: tuple[str, ...]
    format: str
    started_at: str
    ended_at: str
    parts: tuple[Part, ...]


class Taking(Struct, frozen=True):
    """What came of one kind; `deleted_at`: the host's copy is gone since then, by its clock
    or, where nothing of ours runs there, by ours.
    `failed`: it was tried and could not be had; the code of the error."""

    kind: str
    items: tuple[Item, ...]
    missing: tuple[str, ...] = ()
    deleted_at: str = ""
    failed: str = ""


class Sealed(Struct, frozen=True):
    """The collection is closed. Without a signature somebody has to sign it later."""

    manifest_sha256: str
    signed_by: str  # a fingerprint; "": not signed
    stamped: bool
    items: int


class Stream(Protocol):
    """A piece of evidence that is encrypted as it comes, and is never plain on this disk."""

    def feed(self, piece: bytes | int) -> None:
        """More of it; a number stands for that many zeros."""
        ...

    def close(self) -> tuple[tuple[Part, ...], int, str]:
        """The sealed parts, how many bytes went in, and their SHA-256."""
        ...

    def abandon(self) -> None:
        """Give it up; after `close` there is nothing to give up."""
        ...


class CaseRoom(Protocol):
    """Blocks: who calls is in a thread. Raises RingfenceError."""

    def begin(self, which: Collection) -> str:
        """Make the directory; the certificate to encrypt to, PEM."""
        ...

    def folder(self, which: Collection) -> Path: ...

    def free_bytes(self) -> int: ...

    def taking(self, which: Collection, kind: str) -> Taking | None:
        """What was recorded of a kind, by this run or an earlier one."""
        ...

    def put_here(self, which: Collection, name: str, content: bytes) -> tuple[Part, str]:
        """Encrypt what libvirt told before it touches the disk; with the plain content's hash."""
        ...

    def stream(self, which: Collection, name: str) -> Stream:
        """Begin to encrypt what comes piece by piece."""
        ...

    def forget(self, which: Collection, prefix: str) -> None:
        """Remove files of that name no record speaks of: a run ended before it could."""
        ...

    def record(self, which: Collection, taking: Taking) -> None: ...

    def sealed(self, which: Collection) -> Sealed | None: ...

    def seal(
        self,
        which: Collection,
        kinds: tuple[str, ...],
        operator: str,
        reason: str,
        now: datetime,
    ) -> Sealed:
        """Write the manifest, sign it if the key is open, and make everything read-only."""
        ...
