"""A machine is in a zone by its cards or its name, never by its own word."""

from typing import Any

import pytest

from core.facts import MachineClaim, Nic, NicKind, PortGroup, Reason, Unknown
from core.settings.model import ZoneEntry
from core.zones import zones_of
from tests.unit.fleet.machines import host, machine, network, nic

MAC = "52:54:00:00:00:01"


def names(zones: tuple[ZoneEntry, ...], *nics: Nic, **fields: Any) -> list[str]:
    found = zones_of(machine(nics=nics, **fields), host(), zones)
    assert not isinstance(found, Unknown)
    return [each.zone.name for each in found]


@pytest.mark.parametrize(
    ("zone", "card", "by"),
    [
        (ZoneEntry("z", networks=("dmz",)), nic(), "network dmz"),
        (ZoneEntry("z", bridges=("br-dmz",)), nic(), "bridge br-dmz"),
        (ZoneEntry("z", bridges=("br0",)), nic(kind=NicKind.BRIDGE, source="br0"), "bridge br0"),
        (ZoneEntry("z", bridges=("eth1",)), nic(kind=NicKind.DIRECT, source="eth1"), "bridge eth1"),
        (
            ZoneEntry("z", port_groups=("dmz/web",)),
            nic(port_group="web"),
            "port-group dmz/web",
        ),
        (ZoneEntry("z", vlans=(42,)), nic(vlans=(7, 42)), "vlan 42"),
        (ZoneEntry("z", filters=("clean-traffic",)), nic(), "filter clean-traffic"),
    ],
)
def test_a_card_puts_a_machine_into_a_zone_and_says_how(
    zone: ZoneEntry, card: Nic, by: str
) -> None:
    found = zones_of(machine(nics=(card,)), host(), (zone,))
    assert not isinstance(found, Unknown)
    assert [(each.zone, each.by) for each in found] == [(zone, (f"{MAC} {by}",))]


def test_a_name_puts_a_machine_into_a_zone_with_or_without_its_host() -> None:
    zones = (
        ZoneEntry("by-name", names=("vm*",)),
        ZoneEntry("by-host", names=("hv1/vm?",)),
        ZoneEntry("elsewhere", names=("hv2/vm*",)),
    )
    assert names(zones) == ["by-name", "by-host"]


def test_cards_in_two_zones_show_both() -> None:
    zones = (ZoneEntry("dmz", networks=("dmz",)), ZoneEntry("lab", networks=("lab",)))
    assert names(zones, nic(1), nic(2, source="lab")) == ["dmz", "lab"]


def test_no_zone_is_an_empty_answer_and_no_card_too() -> None:
    zones = (ZoneEntry("dmz", networks=("dmz",)),)
    assert names(zones, nic(source="other")) == []
    assert names(zones) == []


def test_cards_that_could_not_be_read_are_in_no_known_zone() -> None:
    unread = Unknown(Reason.NOT_PERMITTED)
    zones = (ZoneEntry("by-name", names=("vm*",)),)
    assert zones_of(machine(nics=unread), host(), zones) is unread


def test_what_the_machine_claims_grants_nothing() -> None:
    claim = MachineClaim(zone="vault")
    assert names((ZoneEntry("vault", networks=("vault",)),), nic(), claim=claim) == []


def test_a_zone_of_other_hosts_does_not_count() -> None:
    zones = (
        ZoneEntry("here", networks=("dmz",), hosts=("hv*",)),
        ZoneEntry("there", networks=("dmz",), hosts=("backup",)),
    )
    assert names(zones, nic()) == ["here"]


@pytest.mark.parametrize(
    ("card", "vlan"),
    [(nic(vlans=(1,), port_group="web"), 1), (nic(port_group="web"), 2), (nic(), 3)],
)
def test_the_nearest_vlan_counts_card_then_port_group_then_network(card: Nic, vlan: int) -> None:
    tagged = network("dmz", vlans=(3,), port_groups=(PortGroup("web", vlans=(2,)),))
    zones = tuple(ZoneEntry(f"v{number}", vlans=(number,)) for number in (1, 2, 3))
    found = zones_of(machine(nics=(card,)), host(networks=(tagged,)), zones)
    assert not isinstance(found, Unknown)
    assert [each.zone.name for each in found] == [f"v{vlan}"]


def test_a_card_without_a_port_group_is_in_the_default_one() -> None:
    grouped = network("dmz", port_groups=(PortGroup("web", default=True), PortGroup("db")))
    zones = (ZoneEntry("web", port_groups=("dmz/web",)), ZoneEntry("db", port_groups=("dmz/db",)))
    found = zones_of(machine(nics=(nic(),)), host(networks=(grouped,)), zones)
    assert not isinstance(found, Unknown)
    assert [each.zone.name for each in found] == ["web"]


def test_networks_that_could_not_be_read_still_count_by_name() -> None:
    facts = host(networks=Unknown(Reason.NOT_PERMITTED))
    found = zones_of(machine(), facts, (ZoneEntry("dmz", networks=("dmz",)),))
    assert not isinstance(found, Unknown)
    assert len(found) == 1
