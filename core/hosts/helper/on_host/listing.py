"""What stands now, read from the kernel, never from what was asked."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from core.hosts.helper.on_host.machines import Card, carrier_of, machine_of, master_of
from core.hosts.helper.on_host.rules import BRIDGE_CHAINS, nft, table_of
from core.hosts.helper.on_host.values import Refused

KEYS = {"ingress": "iif", "egress": "oif"}


class Table(NamedTuple):
    """A table as the kernel lists it."""

    chains: dict[str, dict[str, Any]]
    rules: dict[str, list[list[Any]]]
    sets: dict[str, set[str]]
    counters: dict[str, int]


def table(family: str, name: str) -> Table | None:
    try:
        listing = json.loads(nft("-j", "-n", "list", "table", family, name))["nftables"]
    except Refused as refused:
        if refused.code == "helper-no-nft":
            raise
        return None
    found = Table({}, {}, {}, {})
    for item in listing:
        for kind, value in item.items():
            if kind == "chain":
                found.chains[value["name"]] = value
            elif kind == "rule":
                found.rules.setdefault(value["chain"], []).append(value["expr"])
            elif kind == "set":
                found.sets[value["name"]] = {str(each) for each in value.get("elem", [])}
            elif kind == "counter":
                found.counters[value["name"]] = value["packets"]
    return found


def drops(expression: list[Any], words: tuple[str, ...]) -> bool:
    """Whether a rule is one match with these words, a counter and a drop, and nothing else."""
    if len(expression) != 3 or "match" not in expression[0] or expression[2] != {"drop": None}:
        return False
    match = expression[0]["match"]
    text = json.dumps([match.get("left"), match.get("right")])
    return match.get("op") == "==" and all(json.dumps(word) in text for word in words)


def bridge_whole(found: Table | None) -> bool:
    if found is None:
        return False
    for name, (hook, rules) in BRIDGE_CHAINS.items():
        chain, lines = found.chains.get(name, {}), found.rules.get(name, [])
        if chain.get("hook") != hook or chain.get("prio") != -400 or len(lines) != len(rules):
            return False
        wanted = [(key, f"@{name}") for key, name, _ in rules]
        if not all(drops(line, wanted[place]) for place, line in enumerate(lines)):
            return False
    return True


def hooked(found: Table | None, card: Card, hook: str) -> bool:
    """Whether a card's own chain stands on its device and drops."""
    name = f"{hook}_{card.number}"
    chain = found.chains.get(name, {}) if found else {}
    lines = found.rules.get(name, []) if found else []
    device = card.lower or card.device
    # nft 1.0.6 does not tell the device; newer ones tell one or a list.
    if chain.get("hook") != hook or chain.get("dev", device) not in (device, [device]):
        return False
    if card.kind == "tap":
        return len(lines) == 1 and drops_number(lines[0], KEYS[hook], card)
    roles = ("saddr", "daddr")
    return len(lines) == 2 and all(drops(lines[place], (roles[place], "@macs")) for place in (0, 1))


def drops_number(expression: list[Any], key: str, card: Card) -> bool:
    right = expression[0].get("match", {}).get("right") if expression else None
    return drops(expression, (key,)) and right in (card.number, str(card.number), card.device)


def seen(uuid: str) -> dict[str, Any]:
    """What stands now: read from the kernel, never from what was asked."""
    machine = machine_of(uuid)
    bridge, netdev = (table(family, table_of(uuid, "barrier")) for family in ("bridge", "netdev"))
    whole = bridge_whole(bridge)
    none: set[str] = set()
    names = bridge.sets.get("taps", none) if bridge else none
    macs = bridge.sets.get("macs", none) if bridge else none
    counters = [found.counters for found in (bridge, netdev) if found is not None]
    return {
        "running": bool(machine.pid),
        "up": bridge is not None or netdev is not None,
        "bridge": whole,
        "macs": sorted(macs),
        "cards": [
            {
                "device": card.device,
                "number": card.number,
                "mac": card.mac,
                "kind": card.kind,
                "bridge": whole
                and (card.kind != "tap" or bool(names & {str(card.number), card.device})),
                "ingress": hooked(netdev, card, "ingress"),
                "egress": hooked(netdev, card, "egress"),
                "master": master_of(card.device),
                "carrier": carrier_of(card.device),
            }
            for card in machine.cards
        ],
        "from_guest": sum(each.get("sent", 0) for each in counters),
        "to_guest": sum(each.get("got", 0) for each in counters),
        "draining": table("bridge", table_of(uuid, "drain")) is not None,
    }
