"""When the images of held machines get and keep their second names: with the hold, when a release
is asked for, and at every look of the keeper."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.evidence_disks import CONFIG_PLACE
from core.hosts.helper.on_host.files import locked
from core.hosts.helper.on_host.happenings import happened
from core.hosts.helper.on_host.holds import hold_file, read_holds
from core.hosts.helper.on_host.kept_disks import looked_after
from core.hosts.helper.on_host.machines import STATUS_PLACES
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.values import checked_uuid


def look_after_disks(uuid: str, here: Places = HERE, anew: bool = True) -> None:
    """Only while it is held: what lies there need not be believed, nor read each time."""
    with locked(here.holds):
        if not os.path.lexists(hold_file(here, uuid)):
            return
        news = looked_after(here, uuid, anew)
    for what, path in news:
        happened(here, uuid, what, path)


def with_disks(verb: Callable[[dict[str, Any]], dict[str, Any]], here: Places = HERE) -> Any:
    """The verb, and afterwards the images looked after; one that fails fails no hold."""

    def obeyed(values: dict[str, Any]) -> dict[str, Any]:
        answer = verb(values)
        with suppress(OSError):
            look_after_disks(checked_uuid(values.get("uuid")), here)
            answer = read_holds({}, here)
        return answer

    return obeyed


def definitions_mark() -> tuple[int, ...]:
    """Another number when libvirt wrote any machine's state or configuration."""
    found: list[int] = []
    for place in (*STATUS_PLACES, CONFIG_PLACE):
        with suppress(OSError):
            found.append(Path(place).stat().st_mtime_ns)
    return tuple(found)
