"""The signed head beside the log: how many records there are and what the last one's hash is.

A log whose tail was cut still chains; its head does not fit. The head may be behind (a process
ended between the two writes), never ahead.
"""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from core.audit.signing import Signer

MAX_HEAD_BYTES = 4096


class Head(Struct, frozen=True):
    """What a host is given to anchor the chain, and what lies beside the log."""

    count: int
    sha256: str
    key: str
    signature: str

    @property
    def signed_text(self) -> str:
        return f"head {self.count} {self.sha256}"


def head_file(audit_file: Path) -> Path:
    """Where the head of a log lies."""
    return audit_file.with_name(audit_file.name + ".head")


def new_head(signer: Signer, count: int, sha256: str) -> Head:
    unsigned = Head(count, sha256, signer.key_id, "")
    return Head(count, sha256, signer.key_id, signer.sign(unsigned.signed_text))


def read_head(path: Path) -> Head | None:
    """Return the head, or None when there is none or it cannot be read."""
    try:
        with path.open("rb") as stream:
            return msgspec.json.decode(stream.read(MAX_HEAD_BYTES), type=Head)
    except (OSError, msgspec.DecodeError):
        return None


def write_head(path: Path, head: Head) -> None:
    """Replace the head, durably."""
    new = path.with_suffix(".new")
    with new.open("wb") as stream:
        stream.write(msgspec.json.encode(head))
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
