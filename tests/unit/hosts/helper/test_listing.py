"""Only rules that are exactly ours count as a barrier, whichever way nft lists them."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from core.hosts.helper.on_host.barrier_rules import (
    HOOKS,
    Rule,
    bridge_chain,
    bridge_rules,
    card_chain,
    netdev_rules,
)
from core.hosts.helper.on_host.expressions import match_text, same_rule
from core.hosts.helper.on_host.listing import Table, bridge_whole, hooked, watched
from core.hosts.helper.on_host.machines import Card, Machine
from core.hosts.helper.on_host.values import Refused, checked_doors

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
MAC = "52:54:00:00:00:01"
CARD = Card("vnet7", 12, MAC, "tap", "")
MACVTAP = Card("macvtap0", 13, MAC, "macvtap", "eth0")
DOORS = (("192.0.2.9", 22),)


def payload(text: str) -> dict[str, Any]:
    protocol, field = text.split(".", 1)
    return {"payload": {"protocol": protocol, "field": field}}


LISTED: dict[str, dict[str, Any]] = {
    "iif": {"op": "==", "left": {"meta": {"key": "iif"}}, "right": "@taps"},
    "oif": {"op": "==", "left": {"meta": {"key": "oif"}}, "right": "@taps"},
    "saddr": {"op": "==", "left": payload("ether.saddr"), "right": "@macs"},
    "daddr": {"op": "==", "left": payload("ether.daddr"), "right": "@macs"},
    "arp-from": {"op": "==", "left": payload("arp.daddr ip"), "right": "@stations"},
    "arp-to": {"op": "==", "left": payload("arp.saddr ip"), "right": "@stations"},
    "whole": {"op": "==", "left": {"&": [payload("ip.frag-off"), 16383]}, "right": 0},
    "door-from": {
        "op": "==",
        "left": {"concat": [payload("ip.daddr"), payload("tcp.sport")]},
        "right": "@doors",
    },
    "door-to": {
        "op": "==",
        "left": {"concat": [payload("ip.saddr"), payload("tcp.dport")]},
        "right": "@doors",
    },
    "no-opening": {"op": "!=", "left": {"&": [payload("tcp.flags"), [2, 16]]}, "right": 2},
}


def line(rule: Rule, key: str = "iif", number: object = "vnet7") -> list[Any]:
    """A rule as nft 1.0.6 lists it."""
    own = {"op": "==", "left": {"meta": {"key": key}}, "right": number}
    matches = [{"match": deepcopy(LISTED.get(name, own))} for name in rule.keys]
    return [*matches, {"counter": rule.counter}, *([{rule.verdict: None}] if rule.verdict else [])]


def bridge(doors: bool = False) -> Table:
    chains: dict[str, dict[str, Any]] = {
        name: {"hook": hook, "prio": -400} for name, hook in HOOKS.items()
    }
    rules = {name: [line(rule) for rule in bridge_chain(name, doors)] for name in HOOKS}
    return Table(chains, rules, sets(doors), {}, [])


def sets(doors: bool) -> dict[str, set[str]]:
    return {"doors": {"192.0.2.9 . 22"}, "stations": {"192.0.2.9"}} if doors else {}


def netdev(doors: bool = False, observe: bool = False) -> Table:
    chains = {f"{hook}_12": {"hook": hook} for hook in ("ingress", "egress")}
    rules = {
        f"{hook}_12": [line(rule, key) for rule in card_chain("tap", hook, doors, observe)]
        for hook, key in (("ingress", "iif"), ("egress", "oif"))
    }
    return Table(dict(chains), rules, sets(doors), {}, [])


def test_tables_as_they_were_made_are_whole() -> None:
    assert not bridge_whole(None) and not hooked(None, CARD, "ingress")
    for doors in (False, True):
        assert bridge_whole(bridge(doors))
        assert hooked(netdev(doors), CARD, "ingress") and hooked(netdev(doors), CARD, "egress")


def _without_a_chain(found: Table) -> None:
    del found.chains["on_passing"]


def _with_an_accept(found: Table) -> None:
    found.rules["on_arrival"][-1][-1] = {"accept": None}


def _with_a_rule_more(found: Table) -> None:
    found.rules["on_sending"].insert(0, [{"accept": None}])


def _without_a_rule(found: Table) -> None:
    found.rules["on_sending"].pop()


def _at_another_hook(found: Table) -> None:
    found.chains["on_arrival"]["hook"] = "input"


def _at_another_place(found: Table) -> None:
    found.chains["on_arrival"]["prio"] = 400


def _dormant(found: Table) -> None:
    found.flags.append("dormant")


def _narrowed(found: Table) -> None:
    narrow = {"match": {"op": "==", "left": payload("ether.type"), "right": 2048}}
    found.rules["on_arrival"][-1].insert(0, narrow)


@pytest.mark.parametrize("doors", [False, True])
@pytest.mark.parametrize(
    "spoil",
    [
        _without_a_chain,
        _with_an_accept,
        _with_a_rule_more,
        _without_a_rule,
        _at_another_hook,
        _at_another_place,
        _dormant,
        _narrowed,
    ],
)
def test_a_bridge_table_somebody_touched_is_not_whole(
    spoil: Callable[[Table], None], doors: bool
) -> None:
    found = bridge(doors)
    spoil(found)
    assert not bridge_whole(found)


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        (0, Rule(("iif", "arp-from"), "door", "accept")),  # from any address
        (1, Rule(("iif", "saddr", "door-from", "no-opening"), "door", "accept")),  # fragments
        (1, Rule(("iif", "saddr", "whole", "door-from"), "door", "accept")),  # openings
        (1, Rule(("iif", "saddr", "whole", "door-to", "no-opening"), "door", "accept")),
    ],
)
def test_a_door_that_is_wider_than_ours_is_none(place: int, rule: Rule) -> None:
    found = bridge(doors=True)
    found.rules["on_arrival"][place] = line(rule)
    assert not bridge_whole(found)


def test_doors_and_their_stations_belong_together() -> None:
    found = bridge(doors=True)
    assert found.doors == DOORS
    found.sets["stations"].add("192.0.2.10")
    assert not bridge_whole(found)
    found = bridge(doors=True)
    found.sets["doors"].add("192.0.2.0-192.0.2.99 . any")
    assert not bridge_whole(found)


def test_a_door_in_the_sets_needs_its_rules_and_rules_their_door() -> None:
    found = bridge(doors=True)
    found.sets.clear()
    assert not bridge_whole(found)
    found = bridge()
    found.sets.update(sets(True))
    assert not bridge_whole(found)


def test_a_cards_own_chain_must_drop_on_its_own_number() -> None:
    for number in ("vnet7", 12, "12"):
        found = netdev()
        found.rules["ingress_12"] = [line(Rule(("number",), "sent", "drop"), "iif", number)]
        assert hooked(found, CARD, "ingress")
    found.rules["ingress_12"] = [line(Rule(("number",), "sent", "drop"), "iif", "vnet8")]
    assert not hooked(found, CARD, "ingress")
    found = netdev()
    found.chains["egress_12"]["dev"] = "vnet9"
    assert not hooked(found, CARD, "egress")


def test_what_only_counts_does_not_hold() -> None:
    machine = Machine(1, (CARD,))
    assert watched(netdev(observe=True), machine) and not watched(netdev(), machine)
    assert not hooked(netdev(observe=True), CARD, "ingress")
    assert not watched(None, machine)


def test_flags_may_be_listed_as_a_number_one_by_one_or_joined() -> None:
    rule = Rule(("no-opening",), "door", "accept")
    for bits in (18, [2, 16], {"|": [2, 16]}):
        found = line(rule)
        found[0]["match"]["left"]["&"][1] = bits
        assert same_rule(found, rule, ())
    found[0]["match"]["left"]["&"][1] = [2, "ack"]
    assert not same_rule(found, rule, ())


def test_an_accept_may_be_narrower_a_drop_may_not() -> None:
    narrow = {"match": {"op": "==", "left": payload("ether.type"), "right": 2048}}
    accept, drop = Rule(("iif", "door-to"), "door", "accept"), Rule(("iif",), "sent", "drop")
    assert same_rule([narrow, *line(accept)], accept, ())
    assert not same_rule([narrow, *line(drop)], drop, ())


@pytest.mark.parametrize(
    "match",
    [
        None,
        [],
        {},
        {"op": "==", "left": {}, "right": True},
        {"left": {"&": [1]}, "right": {"x": 1}},
    ],
)
def test_what_is_not_known_equals_nothing(match: object) -> None:
    assert "?" in match_text({"match": match})
    assert match_text({"match": match, "accept": None}) == "?"


def test_doors_are_rules_before_the_drop() -> None:
    text = bridge_rules(UUID, (CARD,), (MAC,), DOORS)
    assert "192.0.2.9 . 22" in text and text.count(" accept\n") == 6
    assert text.count(" drop\n") == 6
    text = netdev_rules(UUID, (CARD, MACVTAP), (MAC,), True, DOORS)
    assert text.count(" accept\n") == 8


def test_observing_drops_nothing() -> None:
    text = netdev_rules(UUID, (CARD, MACVTAP), (MAC,), True, observe=True)
    assert " drop" not in text and text.count("counter name") == 6


@pytest.mark.parametrize(
    "value",
    [
        None,
        [{"station": "192.0.2.9"}],
        [{"station": "192.0.2.9", "port": True}],
        [{"station": "192.0.2.9", "port": 65536}],
        [{"station": "192.0.2.9 . 1 }", "port": 22}],
        [{"station": "fe80::1", "port": 22}],
        [{"station": "224.0.0.1", "port": 22}],
        [{"station": "255.255.255.255", "port": 22}],
        [{"station": "192.0.2.9", "port": 22}] * 17,
    ],
)
def test_only_a_stations_address_and_a_port_are_a_door(value: object) -> None:
    with pytest.raises(Refused):
        checked_doors(value)
