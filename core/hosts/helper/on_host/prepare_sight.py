"""This host as it is prepared: where that is looked for, and everything that is told of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from core.hosts.helper.on_host.prepare_disk import (
    DiskRecord,
    found_at,
    real_path,
    record_at,
    sha_of,
)
from core.hosts.helper.on_host.prepare_items import (
    FOLDERS,
    OWN_FOLDERS,
    PROGRAM_FILE,
    Preparation,
    preparation_values,
    program_file,
    wanted_files,
    wanted_items,
)
from core.hosts.helper.on_host.prepare_services import RealServices, Services, daemon_values
from core.hosts.helper.on_host.prepare_state import difference_of, places_of, state_over

HOLDS_FOLDER = "/var/lib/ringfence/holds"
INTERPRETERS = ("/usr/bin/python3", "/usr/libexec/platform-python")


class Ground(NamedTuple):
    """Where preparation works; tests have a tree and services of their own."""

    root: Path
    services: Services
    interpreter: str
    source: bytes
    sent: bool  # the station's own bytes run here, not what was installed earlier


def real_ground() -> Ground:
    stable = next((each for each in INTERPRETERS if os.access(each, os.X_OK)), sys.executable)
    given = globals().get("RINGFENCE_SOURCE")  # the channel keeps what it sent under this name
    if isinstance(given, bytes):
        return Ground(Path("/"), RealServices(), stable, given, True)
    body = found_at(Path("/"), PROGRAM_FILE).body or b""
    return Ground(Path("/"), RealServices(), stable, body.partition(b"\n")[2], False)


def preparation_seen(ground: Ground, wanted: Preparation | None) -> dict[str, Any]:
    """All items beside what they should be: as asked, else as the host was prepared."""
    record = record_at(ground.root)
    target = wanted or record.wanted
    recorded = preparation_values(record.wanted) if record.wanted else None
    names = wanted_items(target) if target is not None else ()
    items = [_item(ground, name, target, record) for name in names if target is not None]
    return {
        "sent": ground.sent,
        "prepared": record.wanted is not None,
        "wanted": recorded,
        "source_sha256": sha_of(ground.source),
        "items": items,
        "daemons": daemon_values(record.waiting, ground.services),
        "systemd": ground.services.systemd,
        "keep": ground.services.keeping(),
        "holds": len(hold_names(ground)),
    }


def _item(ground: Ground, item: str, wanted: Preparation, record: DiskRecord) -> dict[str, Any]:
    program = program_file(ground.interpreter, ground.source)
    places = places_of(ground.root, item, wanted, program, record)
    modes = {each.path: each.mode for each in wanted_files(item, wanted, program)}
    modes.update(OWN_FOLDERS if item == FOLDERS else ())
    return {
        "item": item,
        "state": state_over(places),
        "places": [place.as_values() for place in places],
        "difference": difference_of(places, modes),
    }


def hold_names(ground: Ground) -> list[str]:
    folder = real_path(ground.root, HOLDS_FOLDER)
    return sorted(file.name for file in folder.glob("*.json")) if folder.is_dir() else []
