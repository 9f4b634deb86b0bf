"""Files of root's own, replaced whole or not at all, under one lock."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.values import Refused, is_object

MAX_RECORD_BYTES = 40 * 1024 * 1024
ROOM_LOCK = ".lock"


@contextmanager
def locked(room: Path) -> Generator[None]:
    """Alone in this directory, until left; readers need no lock."""
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(room / ROOM_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def put(file: Path, body: bytes) -> None:
    """Replace a file; after a loss of power it is the old one or the new one."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    remember_names(file.parent)


def take_away(*files: Path) -> None:
    for file in files:
        file.unlink(missing_ok=True)
    remember_names(files[0].parent)


def remember_names(room: Path) -> None:
    handle = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def taken(file: Path, limit: int = MAX_RECORD_BYTES) -> bytes:
    """What a regular file holds, which nobody but us may write.

    Raises:
        Refused: helper-system; also when there is none.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as source:
            found = os.fstat(source.fileno())
            ours = found.st_uid == os.geteuid() and not found.st_mode & 0o022
            if not stat.S_ISREG(found.st_mode) or not ours or found.st_size > limit:
                raise Refused("helper-system", f"{file.name}: not ours")
            return source.read(limit)
    except OSError as error:
        raise Refused("helper-system", str(error)[:500]) from error


def object_in(text: bytes | str) -> dict[str, Any]:
    """A JSON object; no key may be there twice, for readers differ on which one counts."""
    try:
        found = json.loads(text, object_pairs_hook=single_keys)
    except (ValueError, RecursionError) as error:
        raise Refused("helper-value", "json") from error
    if not is_object(found):
        raise Refused("helper-value", "json")
    return found


def single_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def packed(values: object) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def is_locked(file: Path) -> bool:
    """Whether somebody has this lock just now; a file that is not there is nobody's."""
    try:
        with file.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def utc_now() -> str:
    now = datetime.now(timezone.utc)  # noqa: UP017 - a host's Python may be 3.9
    return now.isoformat(timespec="milliseconds")
