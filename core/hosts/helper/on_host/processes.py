"""Which processes are a machine's: found by the uuid they were started with."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

PROC = Path("/proc")


def pids_of(uuid: str, holds_card: Callable[[int], bool]) -> tuple[int, ...]:
    """Every process that looks like the machine's: none that only looks so may hide the real one.

    To look through all processes takes long on a busy host: those found last are asked first, and
    believed while they hold a card.
    """
    last = pids_found_last().get(uuid, ())
    if last and all(runs_machine(pid, uuid) for pid in last) and any(map(holds_card, last)):
        return last
    numbers = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    found = tuple(sorted(pid for pid in numbers if runs_machine(pid, uuid)))
    pids_found_last()[uuid] = found
    return found


@cache
def pids_found_last() -> dict[str, tuple[int, ...]]:
    """What this process remembers of machines' processes."""
    return {}


def runs_machine(pid: int, uuid: str) -> bool:
    words = words_of(pid)
    if b"-uuid" not in words[:-1] or words[words.index(b"-uuid") + 1] != uuid.encode():
        return False
    try:
        return "qemu" in str((PROC / str(pid) / "exe").readlink())
    except OSError:
        return False


def words_of(pid: int) -> list[bytes]:
    """What the process was started with; nothing when it has gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def guest_name_of(pid: int) -> str:
    """From "-name guest=NAME,..."; a comma in a name is written twice."""
    words = words_of(pid)
    value = words[words.index(b"-name") + 1] if b"-name" in words[:-1] else b""
    found = re.match(r"guest=((?:[^,]|,,)*)", value.decode("utf-8", "replace"))
    return found[1].replace(",,", ",") if found else ""
