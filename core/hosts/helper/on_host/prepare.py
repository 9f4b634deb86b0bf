"""The verbs of preparing this host and of taking it back; each may be asked for twice."""

from __future__ import annotations

from typing import Any

from core.hosts.helper.on_host.prepare_disk import record_at
from core.hosts.helper.on_host.prepare_items import PREPARED_ITEMS, checked_preparation
from core.hosts.helper.on_host.prepare_remove import item_removed
from core.hosts.helper.on_host.prepare_services import forget_waiting
from core.hosts.helper.on_host.prepare_sight import (
    Ground,
    hold_names,
    preparation_seen,
    real_ground,
)
from core.hosts.helper.on_host.prepare_write import item_written
from core.hosts.helper.on_host.values import Refused


def checked_item(values: dict[str, Any]) -> str:
    item = values.get("item")
    if not isinstance(item, str) or item not in PREPARED_ITEMS:
        raise Refused("helper-value", "item")
    return item


def read_preparation(values: dict[str, Any]) -> dict[str, Any]:
    given = values.get("wanted")
    return preparation_seen(real_ground(), None if given is None else checked_preparation(given))


def write_item(values: dict[str, Any]) -> dict[str, Any]:
    wanted, ground = checked_preparation(values.get("wanted")), real_ground()
    item_written(ground, checked_item(values), wanted)
    return preparation_seen(ground, wanted)


def remove_item(values: dict[str, Any]) -> dict[str, Any]:
    ground = real_ground()
    item_removed(ground, checked_item(values))
    return preparation_seen(ground, None)


def restart_daemons(_: dict[str, Any]) -> dict[str, Any]:
    ground = real_ground()
    restarted(ground)
    return preparation_seen(ground, None)


def restarted(ground: Ground) -> None:
    if ground.services.systemd:
        for daemon in forget_waiting(record_at(ground.root).waiting, ground.services.runs()):
            ground.services.restart(daemon)


def start_keep(_: dict[str, Any]) -> dict[str, Any]:
    ground = real_ground()
    ground.services.start_keep()
    return preparation_seen(ground, None)


def stop_keep(_: dict[str, Any]) -> dict[str, Any]:
    ground = real_ground()
    if hold_names(ground):
        raise Refused("hold-stands", ", ".join(hold_names(ground))[:300])
    ground.services.stop_keep()
    return preparation_seen(ground, None)
