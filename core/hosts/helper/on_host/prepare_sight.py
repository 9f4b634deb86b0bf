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
    SELINUX_ITEM,
    Preparation,
    preparation_values,
    program_file,
    wanted_files,
    wanted_items,
)
from core.hosts.helper.on_host.prepare_module import MODULE_NAME, module_text
from core.hosts.helper.on_host.prepare_policy import Policy, RealPolicy
from core.hosts.helper.on_host.prepare_services import RealServices, Services, daemon_values
from core.hosts.helper.on_host.prepare_state import (
    ABSENT,
    DRIFTED,
    FOREIGN,
    LOADING,
    MISSING,
    OURS,
    PlaceSeen,
    difference_of,
    places_of,
    state_over,
)

MODULE_PLACE = f"semodule {MODULE_NAME}"
HOLDS_FOLDER = "/var/lib/ringfence/holds"
INTERPRETERS = ("/usr/bin/python3", "/usr/libexec/platform-python")


class Ground(NamedTuple):
    """Where preparation works; tests have a tree and services of their own."""

    root: Path
    services: Services
    policy: Policy
    interpreter: str
    source: bytes
    sent: bool  # the station's own bytes run here, not what was installed earlier


def real_ground() -> Ground:
    stable = next((each for each in INTERPRETERS if os.access(each, os.X_OK)), sys.executable)
    given = globals().get("RINGFENCE_SOURCE")  # the channel keeps what it sent under this name
    if isinstance(given, bytes):
        return Ground(Path("/"), RealServices(), RealPolicy(), stable, given, True)
    body = found_at(Path("/"), PROGRAM_FILE).body or b""
    return Ground(Path("/"), RealServices(), RealPolicy(), stable, body.partition(b"\n")[2], False)


def preparation_seen(ground: Ground, wanted: Preparation | None) -> dict[str, Any]:
    """All items beside what they should be: as asked, else as the host was prepared."""
    record = record_at(ground.root)
    target = wanted or record.wanted
    recorded = preparation_values(record.wanted) if record.wanted else None
    selinux = selinux_wanted(ground, record)
    names = wanted_items(target, selinux) if target is not None else ()
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
    places = places_on(ground, item, wanted, program, record)
    modes = {each.path: each.mode for each in wanted_files(item, wanted, program)}
    modes.update(OWN_FOLDERS if item == FOLDERS else ())
    return {
        "item": item,
        "state": state_over(places),
        "places": [place.as_values() for place in places],
        "difference": [*difference_of(places, modes), *_labels_told(ground, places)],
    }


def selinux_wanted(ground: Ground, record: DiskRecord) -> bool:
    """Where it was switched off meanwhile, what we brought is still to be taken away."""
    return ground.policy.on or SELINUX_ITEM in record.files


def places_on(
    ground: Ground, item: str, wanted: Preparation, program: bytes, record: DiskRecord
) -> tuple[PlaceSeen, ...]:
    """The files of an item with their labels, and our module as it is in force."""
    found = places_of(ground.root, item, wanted, program, record)
    places = tuple(
        each._replace(state=DRIFTED)
        if each.state == OURS and ground.policy.wrong_label(each.path)
        else each
        for each in found
    )
    return (*places, module_place(ground, record)) if item == SELINUX_ITEM else places


def module_place(ground: Ground, record: DiskRecord) -> PlaceSeen:
    found, wanted = ground.policy.module(), module_text()
    if ground.policy.busy() or ground.policy.unheard():
        state = LOADING
    elif found is None:
        state = MISSING if SELINUX_ITEM in record.files else ABSENT
    elif found == wanted:
        state = OURS
    else:
        state = DRIFTED if SELINUX_ITEM in record.files else FOREIGN
    return PlaceSeen(MODULE_PLACE, state, "", "", wanted, found)


def _labels_told(ground: Ground, places: tuple[PlaceSeen, ...]) -> list[str]:
    labels = ((place.path, ground.policy.wrong_label(place.path)) for place in places)
    return [f"@ {path} {label}" for path, label in labels if label]


def hold_names(ground: Ground) -> list[str]:
    folder = real_path(ground.root, HOLDS_FOLDER)
    return sorted(file.name for file in folder.glob("*.json")) if folder.is_dir() else []
