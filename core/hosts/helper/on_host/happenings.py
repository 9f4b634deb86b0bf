"""What happened to held machines while nobody looked: appended, bounded, told with the hold."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.hosts.helper.on_host.files import ROOM_LOCK, locked, packed, put, taken, utc_now
from core.hosts.helper.on_host.holds import MAX_EVENTS, MAX_EVENTS_BYTES, events_file
from core.hosts.helper.on_host.places import Places
from core.hosts.helper.on_host.values import Refused

GAP, BARRIER_GONE, BARRIER_BACK = "gap", "barrier-gone", "barrier-back"
START_REFUSED, CARD_REFUSED, STOPPED = "start-refused", "card-refused", "stopped"
LOCK_WAIT_S = 2.0


def happened(here: Places, uuid: str, what: str, detail: str = "", seconds: float = 0.0) -> None:
    """Append one event; when they are too many the oldest go."""
    line = {"at": utc_now(), "what": what, "detail": detail[:500], "seconds": round(seconds, 4)}
    file = events_file(here, uuid)
    with locked(here.holds):
        if file.exists() and file.stat().st_size > MAX_EVENTS_BYTES:
            put(file, last_lines(file))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(file, flags, 0o600), "wb") as out:
            out.write(packed(line) + b"\n")
            out.flush()
            os.fsync(out.fileno())


def last_lines(file: Path) -> bytes:
    try:
        lines = taken(file).splitlines(keepends=True)
    except Refused:
        return b""
    return b"".join(lines[-MAX_EVENTS:])


@contextmanager
def alone_if_soon(room: Path) -> Generator[None]:
    """Alone in this directory; or not, for what keeps a machine held waits for nobody's lock and
    for no disk."""
    try:
        lock = (room / ROOM_LOCK).open("rb")
    except OSError:
        yield
        return
    with lock:
        alone(lock)
        yield


def alone(lock: BinaryIO) -> bool:
    """Take a lock for good. Who only looks whether it is taken holds it for an instant."""
    until = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        else:
            return True
