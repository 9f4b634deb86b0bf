"""One instance of the barrier's unit a held machine: kept in step with the holds that stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.prepare_disk import real_path
from core.hosts.helper.on_host.prepare_items import BARRIER_UNIT, UNITS_FOLDER
from core.hosts.helper.on_host.values import Refused, checked_uuid

WANTS_FOLDER = f"{UNITS_FOLDER}/multi-user.target.wants"
HELD_FOLDER = "/var/lib/ringfence/holds"


def units_in_step(root: Path) -> None:
    """Where the unit is not installed, or no systemd lives, there is nothing to do."""
    wants = real_path(root, WANTS_FOLDER)
    unit = f"{UNITS_FOLDER}/{BARRIER_UNIT}"
    if not wants.is_dir():
        return
    held: set[str] = {f"ringfence-barrier@{uuid}.service" for uuid in uuids_held_below(root)}
    if not real_path(root, unit).is_file():
        held.clear()
    for link in wants.glob("ringfence-barrier@*.service"):
        if link.name not in held:
            link.unlink()
    for name in held:
        if not (wants / name).is_symlink():
            (wants / name).symlink_to(unit)


def uuids_held_below(root: Path) -> list[str]:
    found: list[str] = []
    for file in real_path(root, HELD_FOLDER).glob("*.json"):
        try:
            found.append(checked_uuid(file.stem))
        except Refused:
            continue
    return found


def with_units(verb: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The verb, and afterwards the units in step with what stands then."""

    def obeyed(values: dict[str, Any]) -> dict[str, Any]:
        answer = verb(values)
        units_in_step(Path("/"))
        return answer

    return obeyed
