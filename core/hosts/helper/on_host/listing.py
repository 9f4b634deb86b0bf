"""What stands now, read from the kernel, never from what was asked."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from core.hosts.helper.on_host.barrier_rules import HOOKS, Rule, bridge_chain, card_chain
from core.hosts.helper.on_host.expressions import same_rule, side_text
from core.hosts.helper.on_host.images import deleted_images
from core.hosts.helper.on_host.machines import Card, Machine, carrier_of, machine_of, master_of
from core.hosts.helper.on_host.ring import ring_runs
from core.hosts.helper.on_host.rules import nft
from core.hosts.helper.on_host.values import Refused, table_of

KEYS = {"ingress": "iif", "egress": "oif"}
HOOK_NAMES = ("ingress", "egress")


class Table(NamedTuple):
    """A table as the kernel lists it."""

    chains: dict[str, dict[str, Any]]
    rules: dict[str, list[list[Any]]]
    sets: dict[str, set[str]]
    counters: dict[str, int]
    flags: list[str]  # of the table; a dormant one does nothing

    @property
    def doors(self) -> tuple[tuple[str, int], ...]:
        pairs = (text.split(" . ") for text in self.sets.get("doors", ()))
        return tuple(sorted((pair[0], int(pair[-1])) for pair in pairs if pair[-1].isdigit()))

    @property
    def doors_fit(self) -> bool:
        """Whether ARP passes for the doors' stations and for nobody else."""
        stations = {station for station, _ in self.doors}
        counted = len(self.doors) == len(self.sets.get("doors", ()))
        return counted and self.sets.get("stations", set()) == stations


def table(family: str, name: str) -> Table | None:
    try:
        listing = json.loads(nft("-j", "-n", "list", "table", family, name))["nftables"]
    except Refused as refused:
        if refused.code == "helper-no-nft":
            raise
        return None
    found = Table({}, {}, {}, {}, [])
    for item in listing:
        for kind, value in item.items():
            if kind == "table":
                found.flags.extend(value.get("flags") or ())
            elif kind == "chain":
                found.chains[value["name"]] = value
            elif kind == "rule":
                found.rules.setdefault(value["chain"], []).append(value["expr"])
            elif kind == "set":
                found.sets[value["name"]] = {side_text(each) for each in value.get("elem", [])}
            elif kind == "counter":
                found.counters[value["name"]] = value["packets"]
    return found


def holds_rules(
    found: Table, chain: str, rules: tuple[Rule, ...], numbers: tuple[str, ...]
) -> bool:
    lines = found.rules.get(chain, [])
    if found.flags or len(lines) != len(rules):
        return False
    return all(same_rule(lines[place], rule, numbers) for place, rule in enumerate(rules))


def bridge_whole(found: Table | None) -> bool:
    """Whether the bridge table blocks as it was made to, and nothing in it is another's."""
    if found is None or not found.doors_fit:
        return False
    for name, hook in HOOKS.items():
        chain, rules = found.chains.get(name, {}), bridge_chain(name, bool(found.doors))
        if chain.get("hook") != hook or chain.get("prio") != -400:
            return False
        if not holds_rules(found, name, rules, ()):
            return False
    return True


def hooked(found: Table | None, card: Card, hook: str, observe: bool = False) -> bool:
    """Whether a card's own chain stands on its device and blocks, or with `observe` counts."""
    name, device = f"{hook}_{card.number}", card.lower or card.device
    chain = found.chains.get(name, {}) if found else {}
    # nft 1.0.6 does not tell the device; newer ones tell one or a list.
    at_device = chain.get("dev", device) in (device, [device])
    if found is None or chain.get("hook") != hook or not at_device or not found.doors_fit:
        return False
    numbers = tuple(f"{KEYS[hook]} == {word}" for word in (str(card.number), card.device))
    rules = card_chain(card.kind, hook, bool(found.doors), observe)
    return holds_rules(found, name, rules, numbers)


def watched(netdev: Table | None, machine: Machine) -> bool:
    """Whether every card is counted and none is blocked."""
    return netdev is not None and all(
        hooked(netdev, card, hook, observe=True) for card in machine.cards for hook in HOOK_NAMES
    )


def card_seen(card: Card, bridge: bool, netdev: Table | None) -> dict[str, Any]:
    return {
        "device": card.device,
        "number": card.number,
        "mac": card.mac,
        "kind": card.kind,
        "bridge": bridge,
        "ingress": hooked(netdev, card, "ingress"),
        "egress": hooked(netdev, card, "egress"),
        "master": master_of(card.device),
        "carrier": carrier_of(card.device),
    }


def seen(uuid: str) -> dict[str, Any]:
    """What stands now: read from the kernel, never from what was asked."""
    machine = machine_of(uuid)
    bridge, netdev = (table(family, table_of(uuid, "barrier")) for family in ("bridge", "netdev"))
    whole, tables = bridge_whole(bridge), [each for each in (bridge, netdev) if each is not None]
    observing = bridge is None and watched(netdev, machine) and ring_runs(uuid, machine)
    return {
        "running": bool(machine.pid),
        "up": bool(tables),
        "bridge": whole,
        "macs": sorted(bridge.sets.get("macs", ())) if bridge else [],
        "cards": [
            card_seen(card, whole and in_taps(bridge, card), netdev) for card in machine.cards
        ],
        "from_guest": sum(each.counters.get("sent", 0) for each in tables),
        "to_guest": sum(each.counters.get("got", 0) for each in tables),
        "draining": table("bridge", table_of(uuid, "drain")) is not None,
        "doors": doors_seen(tables),
        "observing": observing,
        "passed": passed_in(tables, observing),
        "deleted": deleted_images(uuid, machine.pid),
    }


def in_taps(bridge: Table | None, card: Card) -> bool:
    """Whether the bridge table knows the card by its number; a macvtap's frames pass no bridge."""
    names = bridge.sets.get("taps", ()) if bridge else ()
    return card.kind != "tap" or str(card.number) in names or card.device in names


def doors_seen(tables: list[Table]) -> list[dict[str, Any]]:
    found = sorted({door for each in tables for door in each.doors})
    return [{"station": station, "port": port} for station, port in found]


def passed_in(tables: list[Table], observing: bool) -> int:
    """A frame that passes a door is counted in both tables."""
    if observing:
        return sum(each.counters.get("sent", 0) + each.counters.get("got", 0) for each in tables)
    return max((each.counters.get("door", 0) for each in tables), default=0)
