"""Raising a barrier, changing what it does, and lowering it: each in one transaction, so that at no
instant frames pass that neither the old nor the new one lets through."""

from __future__ import annotations

from collections import OrderedDict

from core.hosts.helper.on_host.barrier_rules import bridge_rules, netdev_rules
from core.hosts.helper.on_host.machines import host_macs, machine_of
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.ring import begin_ring, end_ring
from core.hosts.helper.on_host.rules import nft, removed
from core.hosts.helper.on_host.values import Refused, table_of
from core.hosts.helper.on_host.watch import end_watch


def raise_barrier(
    uuid: str,
    asked: tuple[str, ...],
    doors: tuple[tuple[str, int], ...],
    observe: bool,
    here: Places = HERE,
) -> None:
    """Both tables in one transaction; a kernel that refuses one still gets the other."""
    machine = machine_of(uuid)
    known = [*asked, *(card.mac for card in machine.cards if card.mac)]
    own = host_macs(machine.cards)
    macs = tuple(mac for mac in OrderedDict.fromkeys(known) if mac not in own)
    taps = tuple(card for card in machine.cards if card.kind == "tap")
    if observe:
        bridge = removed("bridge", table_of(uuid, "barrier"))
    else:
        bridge = bridge_rules(uuid, taps, macs, doors)
    both, below = (
        netdev_rules(uuid, machine.cards, macs, egress, doors, observe) for egress in (True, False)
    )
    apply_first((bridge + both,), (below, bridge))
    if observe:
        begin_ring(uuid, machine, here)
    else:
        end_ring(uuid, here)


def apply_first(whole: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """The whole, or where the kernel refuses that, each part it takes."""
    try:
        nft("-f", "-", rules="".join(whole))
    except Refused as first:
        done = [tried(rules) for rules in parts]
        if not any(done):
            raise first from None


def tried(rules: str) -> bool:
    try:
        nft("-f", "-", rules=rules)
    except Refused:
        return False
    return True


def lower_barrier(uuid: str, here: Places = HERE) -> None:
    name = table_of(uuid, "barrier")
    nft("-f", "-", rules=removed("netdev", name) + removed("bridge", name))
    end_ring(uuid, here, forget=True)
    end_watch(uuid, here)
