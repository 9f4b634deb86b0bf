"""The packets around a cut: kept from when it is planned, without any rule, for minutes at most.

A process of its own keeps them in memory. When no cut follows it ends by itself and removes them;
when one does they lie there until they are collected, or the barrier is lowered.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.files import packed, put
from core.hosts.helper.on_host.happenings import alone
from core.hosts.helper.on_host.listing import table
from core.hosts.helper.on_host.machines import machine_of
from core.hosts.helper.on_host.nft_library import nft_library
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.ring import (
    RING_FILES,
    Ring,
    apart,
    ears_on,
    listen_once,
    ring_busy,
    ring_wish,
    room_says,
)
from core.hosts.helper.on_host.values import Refused, checked_uuid, table_of

WATCH_S = 300.0
WATCH_FILE_BYTES = 4 * 1024 * 1024  # two of them: /run is the host's memory
WATCH_END_S = 3.0
MOST_WATCHES = 16
WATCH_WANTED, WATCH_KEEP, WATCH_LOCK = "wanted", "keep", "lock"


def watch_room(uuid: str, here: Places = HERE) -> Path:
    return here.run / "watch" / uuid


def start_watch(values: dict[str, Any]) -> dict[str, Any]:
    """Returns at once. Asked again, the minutes begin anew."""
    uuid = checked_uuid(values.get("uuid"))
    machine = machine_of(uuid)
    if not machine.pid or not machine.cards:
        return {"watching": False, "seconds": 0.0}
    return begin_watch(uuid, ring_wish(machine))


def begin_watch(uuid: str, wish: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    room = watch_room(uuid, here)
    room.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    others = [each for each in room.parent.iterdir() if each.name != uuid]
    for each in others:
        if not ring_busy(each) and not (each / WATCH_KEEP).exists():
            clear_watch(each)  # its process was killed
    if len(others) >= MOST_WATCHES:
        return {"watching": False, "seconds": 0.0}
    room.mkdir(mode=0o700, exist_ok=True)
    put(room / WATCH_WANTED, packed({**wish, "until": time.monotonic() + WATCH_S}))
    if not ring_busy(room):
        apart(lambda: keep_watch(uuid, here))
    return {"watching": True, "seconds": WATCH_S}


def keep_watch(uuid: str, here: Places = HERE) -> None:
    """Keep frames until time or machine is over; what nobody can want any more is removed."""
    room = watch_room(uuid, here)
    with (room / WATCH_LOCK).open("wb") as lock:
        if not alone(lock):
            return
        try:
            hear_cards(room)
            kept = (room / WATCH_KEEP).exists() or barrier_stands(uuid)
        except (OSError, Refused):
            kept = False
        if kept:
            (room / WATCH_KEEP).touch(mode=0o600)
            return
        clear_watch(room)


def hear_cards(room: Path) -> None:
    first = room_says(room, WATCH_WANTED)
    ears = ears_on(first)
    try:
        with Ring(room, WATCH_FILE_BYTES) as ring:
            while ears and (wanted := room_says(room, WATCH_WANTED)):
                over = time.monotonic() > float(wanted.get("until", 0.0))
                if over or not Path("/proc", str(first.get("pid"))).exists():
                    return
                listen_once(ears, ring)
    finally:
        for ear in ears:
            ear.close()


def barrier_stands(uuid: str) -> bool:
    """Whether a cut followed. The library is opened anew: in a process apart its sockets, which
    were another's, are closed."""
    nft_library.cache_clear()
    names = ((family, table_of(uuid, "barrier")) for family in ("bridge", "netdev"))
    return any(table(family, name) is not None for family, name in names)


def collected_watch(uuid: str, room: Path, here: Places = HERE) -> list[tuple[str, str]]:
    """End it, and move what it kept into a collection's room."""
    own = watch_room(uuid, here)
    if not own.is_dir():
        return []
    (own / WATCH_KEEP).touch(mode=0o600)
    stop_watching(own)
    found: list[tuple[str, str]] = []
    for place, name in enumerate(RING_FILES):
        source = own / name
        if source.is_file() and not source.is_symlink():
            target = room / f"packets-{80 + place}.pcap"
            target.write_bytes(source.read_bytes())
            found.append((target.name, "kept from before the cut, on all its cards"))
    clear_watch(own)
    return found


def end_watch(uuid: str, here: Places = HERE) -> None:
    """Nobody wants it any more; its process removes everything when it next looks."""
    room = watch_room(uuid, here)
    if not room.is_dir():
        return
    for name in (WATCH_KEEP, WATCH_WANTED):
        (room / name).unlink(missing_ok=True)
    if not ring_busy(room):
        clear_watch(room)


def stop_watching(room: Path) -> None:
    (room / WATCH_WANTED).unlink(missing_ok=True)
    until = time.monotonic() + WATCH_END_S
    while ring_busy(room) and time.monotonic() < until:
        time.sleep(0.02)


def clear_watch(room: Path) -> None:
    for name in (*RING_FILES, WATCH_WANTED, WATCH_KEEP, WATCH_LOCK, f".{WATCH_WANTED}.new"):
        (room / name).unlink(missing_ok=True)
    try:
        room.rmdir()
    except OSError:  # somebody begins it again just now
        return
