"""The closed set of verbs."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from typing import Any

from core.hosts.helper.on_host.anchors import read_anchors, write_anchor
from core.hosts.helper.on_host.consoles import kick_consoles, open_consoles, read_consoles
from core.hosts.helper.on_host.disks_held import with_disks
from core.hosts.helper.on_host.evidence_items import collect_evidence
from core.hosts.helper.on_host.evidence_room import begin_evidence, drop_evidence, read_evidence
from core.hosts.helper.on_host.evidence_send import send_evidence
from core.hosts.helper.on_host.holds import (
    ask_release,
    clear_hold,
    may_lower,
    may_raise,
    read_holds,
    write_hold,
)
from core.hosts.helper.on_host.listening import listen
from core.hosts.helper.on_host.listing import seen
from core.hosts.helper.on_host.machines import machine_of
from core.hosts.helper.on_host.places import HERE
from core.hosts.helper.on_host.prepare import (
    read_preparation,
    remove_item,
    restart_daemons,
    start_keep,
    stop_keep,
    write_item,
)
from core.hosts.helper.on_host.prepare_links import with_units
from core.hosts.helper.on_host.raising import lower_barrier, raise_barrier
from core.hosts.helper.on_host.rules import drain_rules, nft, removed
from core.hosts.helper.on_host.values import (
    Refused,
    checked_bool,
    checked_doors,
    checked_macs,
    checked_uuid,
    table_of,
)
from core.hosts.helper.on_host.volatile import read_volatile
from core.hosts.helper.on_host.watch import start_watch

VERSION = 1


def hello(_: dict[str, Any]) -> dict[str, Any]:
    found = {"version": VERSION, "kernel": platform.release(), "root": os.geteuid() == 0}
    try:
        return {**found, "nft": nft("--version").strip()[:100]}
    except Refused:
        return {**found, "nft": ""}


def barrier_raise(values: dict[str, Any]) -> dict[str, Any]:
    uuid, asked = checked_uuid(values.get("uuid")), checked_macs(values.get("macs"))
    doors = checked_doors(values.get("doors"))
    observe = checked_bool(values.get("observe"), "observe")
    if doors and observe:
        raise Refused("helper-value", "doors")
    may_raise(uuid, doors, observe, HERE)
    raise_barrier(uuid, asked, doors, observe)
    return seen(uuid)


def barrier_lower(values: dict[str, Any]) -> dict[str, Any]:
    uuid = checked_uuid(values.get("uuid"))
    may_lower(uuid, HERE)
    lower_barrier(uuid)
    return seen(uuid)


def barrier_status(values: dict[str, Any]) -> dict[str, Any]:
    return seen(checked_uuid(values.get("uuid")))


def drain(values: dict[str, Any]) -> dict[str, Any]:
    uuid = checked_uuid(values.get("uuid"))
    taps = tuple(card for card in machine_of(uuid).cards if card.kind == "tap")
    if taps:
        nft("-f", "-", rules=drain_rules(uuid, taps))
    return seen(uuid)


def drain_end(values: dict[str, Any]) -> dict[str, Any]:
    uuid = checked_uuid(values.get("uuid"))
    nft("-f", "-", rules=removed("bridge", table_of(uuid, "drain")))
    return seen(uuid)


Verb = Callable[[dict[str, Any]], dict[str, Any]]
_EVIDENCE = frozenset({"uuid", "case", "collection"})
VERBS: dict[str, tuple[Verb, frozenset[str]]] = {
    "begin-evidence": (begin_evidence, _EVIDENCE | {"certificate"}),
    "collect-evidence": (collect_evidence, _EVIDENCE | {"kind"}),
    "send-evidence": (send_evidence, _EVIDENCE | {"name"}),
    "read-evidence": (read_evidence, _EVIDENCE),
    "drop-evidence": (drop_evidence, _EVIDENCE | {"name"}),
    "hello": (hello, frozenset()),
    "raise-barrier": (barrier_raise, frozenset({"uuid", "macs", "doors", "observe"})),
    "lower-barrier": (barrier_lower, frozenset({"uuid"})),
    "read-barrier": (barrier_status, frozenset({"uuid"})),
    "start-drain": (drain, frozenset({"uuid"})),
    "end-drain": (drain_end, frozenset({"uuid"})),
    "kick-consoles": (kick_consoles, frozenset({"uuid"})),
    "open-consoles": (open_consoles, frozenset({"uuid"})),
    "read-consoles": (read_consoles, frozenset({"uuid"})),
    "read-volatile": (read_volatile, frozenset({"uuid", "macs"})),
    "start-watch": (start_watch, frozenset({"uuid"})),
    "listen": (listen, frozenset({"macs", "seconds"})),
    "read-holds": (read_holds, frozenset()),
    "write-hold": (
        with_units(with_disks(write_hold)),
        frozenset({"uuid", "document", "signature", "expected"}),
    ),
    "ask-release": (with_disks(ask_release), frozenset({"uuid", "release", "signature"})),
    "clear-hold": (with_units(clear_hold), frozenset({"uuid", "expected"})),
    "write-anchor": (write_anchor, frozenset({"count", "sha256", "signature"})),
    "read-anchors": (read_anchors, frozenset()),
    "read-preparation": (read_preparation, frozenset({"wanted"})),
    "write-item": (write_item, frozenset({"item", "wanted"})),
    "remove-item": (remove_item, frozenset({"item"})),
    "restart-daemons": (restart_daemons, frozenset()),
    "start-keep": (start_keep, frozenset()),
    "stop-keep": (stop_keep, frozenset()),
}
