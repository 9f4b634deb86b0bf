"""The barrier's rules, once as they are given to nft and once as a kernel that has them lists them.

Closed: what is a card's is dropped. With doors: TCP that a named station opens to a named port, and
ARP about that station, go before the drop; the guest's side of it can open nothing. Observing: the
same frames are counted and go on.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from core.hosts.helper.on_host.machines import Card
from core.hosts.helper.on_host.rules import filled_set, replaced
from core.hosts.helper.on_host.values import DEVICE, table_of


class Rule(NamedTuple):
    """Keys of MATCHES (or of a card), all of which must be so; a counter; drop, accept or ""."""

    keys: tuple[str, ...]
    counter: str
    verdict: str


# Key -> (as nft is told, as it is listed). IPv4 and ARP only: a tagged frame is neither.
MATCHES = {
    "iif": ("iif @taps", "iif == @taps"),
    "oif": ("oif @taps", "oif == @taps"),
    "saddr": ("ether saddr @macs", "ether.saddr == @macs"),
    "daddr": ("ether daddr @macs", "ether.daddr == @macs"),
    "arp-from": ("ether type arp arp daddr ip @stations", "arp.daddr ip == @stations"),
    "arp-to": ("ether type arp arp saddr ip @stations", "arp.saddr ip == @stations"),
    "whole": ("ether type ip ip frag-off & 0x3fff == 0", "ip.frag-off & 16383 == 0"),
    "door-from": ("ip daddr . tcp sport @doors", "ip.daddr . tcp.sport == @doors"),
    "door-to": ("ip saddr . tcp dport @doors", "ip.saddr . tcp.dport == @doors"),
    "no-opening": ("tcp flags & (syn|ack) != syn", "tcp.flags & 18 != 2"),
}
FROM_GUEST = (("saddr", "arp-from"), ("saddr", "whole", "door-from", "no-opening"))
TO_GUEST = (("arp-to",), ("whole", "door-to"))
FIRST_OF_ALL, TICKS_A_SECOND = -(2**31) + 1, 100
HOOKS = {"on_arrival": "prerouting", "on_passing": "forward", "on_sending": "output"}


def after_the_last() -> int:
    """A priority before everybody else's chains, and after that of the table that is replaced.

    The kernel has both for an instant, and puts the new one of two that are equal first: a frame
    that passed it before it was in force met the old one when that was in force no more. One of
    ten thousand replacements under a flood let one EAPOL frame through.
    """
    return FIRST_OF_ALL + int(time.monotonic() * TICKS_A_SECOND) % -FIRST_OF_ALL


def bridge_chain(name: str, doors: bool) -> tuple[Rule, ...]:
    """What one of the three chains of the bridge table must hold, in order."""
    arrives = name == "on_arrival"
    tap, address, count = ("iif", "saddr", "sent") if arrives else ("oif", "daddr", "got")
    ways = (FROM_GUEST if arrives else TO_GUEST) if doors else ()
    through = tuple(Rule((tap, *way), "door", "accept") for way in ways)
    return (*through, Rule((tap,), count, "drop"), Rule((address,), count, "drop"))


def card_chain(kind: str, hook: str, doors: bool, observe: bool) -> tuple[Rule, ...]:
    """What a card's own chain must hold. On the device below a macvtap others have frames too."""
    count, ways = ("sent", FROM_GUEST) if hook == "ingress" else ("got", TO_GUEST)
    end = "" if observe else "drop"
    if kind == "tap":
        through = tuple(Rule(("number", *way), "door", "accept") for way in ways if doors)
        return (*through, Rule(("number",), count, end))
    below = TO_GUEST if hook == "ingress" else FROM_GUEST
    own = "daddr" if hook == "ingress" else "saddr"
    through = tuple(Rule((own, *way), "door", "accept") for way in below if doors)
    return (*through, Rule(("saddr",), count, end), Rule(("daddr",), count, end))


def bridge_rules(
    uuid: str,
    cards: tuple[Card, ...],
    macs: tuple[str, ...],
    doors: tuple[tuple[str, int], ...] = (),
) -> str:
    body = filled_set("taps", "iface_index", [str(card.number) for card in cards])
    body += common_sets(macs, doors)
    for name, hook in HOOKS.items():
        lines = "".join(text_of(rule, "") for rule in bridge_chain(name, bool(doors)))
        body += (
            f"chain {name} {{\ntype filter hook {hook} priority -400; policy accept;\n{lines}}}\n"
        )
    return replaced("bridge", table_of(uuid, "barrier"), body)


def netdev_rules(
    uuid: str,
    cards: tuple[Card, ...],
    macs: tuple[str, ...],
    egress: bool,
    doors: tuple[tuple[str, int], ...] = (),
    observe: bool = False,
) -> str:
    """Chains on each tap see what the bridge table does not: EAPOL, LLDP, STP. A macvtap's frames
    pass its lower device, which others use too: there by address, in both roles in both hooks."""
    body, priority = common_sets(macs, doors), after_the_last()
    for card in cards:
        device = card.lower or card.device
        if not DEVICE.fullmatch(device):
            continue
        for hook, key in (("ingress", "iif"), ("egress", "oif")):
            if hook == "egress" and not egress:
                continue
            rules = card_chain(card.kind, hook, bool(doors), observe)
            lines = "".join(text_of(rule, f"{key} {card.number}") for rule in rules)
            body += (
                f"chain {hook}_{card.number} {{\n"
                f'type filter hook {hook} device "{device}" priority {priority}; '
                f"policy accept;\n{lines}}}\n"
            )
    return replaced("netdev", table_of(uuid, "barrier"), body)


def common_sets(macs: tuple[str, ...], doors: tuple[tuple[str, int], ...]) -> str:
    stations = dict.fromkeys(station for station, _ in doors)
    ways = [f"{station} . {port}" for station, port in doors]
    body = filled_set("macs", "ether_addr", macs) + "counter sent { }\ncounter got { }\n"
    if doors:
        body += "counter door { }\n" + filled_set("stations", "ipv4_addr", stations)
        body += filled_set("doors", "ipv4_addr . inet_service", ways)
    return body


def text_of(rule: Rule, number: str) -> str:
    """One line for nft; `number` is what binds it to a card."""
    words = [number if key == "number" else MATCHES[key][0] for key in rule.keys]
    return " ".join([*words, f"counter name {rule.counter}", rule.verdict]).rstrip() + "\n"
