"""Proposals name what no zone covers, over all hosts at once, and are marked as proposals."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.facts import NetworkMode, Reason, Unknown
from core.settings.model import DataClass, Protection, ZoneEntry
from core.zones import default_colour, propose_zones
from core.zones.colours import PALETTE
from core.zones.proposals import MAX_NAME, MAX_PROPOSALS
from tests.unit.fleet.machines import host, network


def test_one_proposal_a_name_over_all_hosts() -> None:
    hosts = (host("hv1", networks=(network("lab"),)), host("hv2", networks=(network("lab"),)))
    (zone,) = propose_zones(hosts)
    assert (zone.name, zone.networks, zone.hosts) == ("lab", ("lab",), ("hv1", "hv2"))
    assert zone.proposed
    assert zone.colour in PALETTE


def test_what_is_covered_is_not_proposed() -> None:
    hosts = (host("hv1", networks=(network("dmz"), network("lab"), network("old"))),)
    declared = (
        ZoneEntry("a", networks=("dmz",)),
        ZoneEntry("b", bridges=("br-lab",)),
        ZoneEntry("c", networks=("old",), hosts=("hv2",)),
    )
    assert [zone.name for zone in propose_zones(hosts, declared)] == ["old"]


def test_bridges_without_a_network_are_proposed() -> None:
    (zone,) = propose_zones((host(networks=()),), (), {"hv1": {"br-wild"}})
    assert (zone.name, zone.bridges, zone.networks) == ("br-wild", ("br-wild",), ())


def test_a_bridge_behind_a_network_is_not_a_zone_of_its_own() -> None:
    zones = propose_zones((host(networks=(network("dmz"),)),), (), {"hv1": {"br-dmz"}})
    assert [zone.name for zone in zones] == ["dmz"]


def test_a_name_that_is_taken_is_told_apart() -> None:
    declared = (ZoneEntry("dmz", vlans=(1,)),)
    (zone,) = propose_zones((host(networks=(network("dmz"),)),), declared)
    assert zone.name == "dmz (found)"


def test_the_guess_is_careful() -> None:
    networks = (
        network("mgmt"),
        network("public-web"),
        network("quiet", mode=NetworkMode.ISOLATED),
        network("plain"),
        network("lan", mode=NetworkMode.BRIDGE),
    )
    found = {zone.name: zone for zone in propose_zones((host(networks=networks),))}
    assert found["mgmt"].protection is Protection.VERY_HIGH
    assert found["public-web"].data_class is DataClass.PUBLIC
    assert found["quiet"].protection is Protection.HIGH
    assert found["plain"].protection is Protection.NORMAL
    assert found["lan"].protection is Protection.HIGH


def test_networks_that_could_not_be_read_propose_nothing() -> None:
    assert propose_zones((host(networks=Unknown(Reason.NOT_READ)),)) == ()


@settings(max_examples=25)
@given(st.lists(st.text(max_size=200), unique=True, max_size=90))
def test_a_host_cannot_flood_us_with_proposals(names: list[str]) -> None:
    zones = propose_zones((host(networks=tuple(network(name) for name in names)),))
    assert len(zones) <= MAX_PROPOSALS
    assert all(len(zone.name) <= MAX_NAME for zone in zones)


def test_a_colour_is_always_the_same() -> None:
    assert default_colour("dmz") == default_colour("dmz")
    assert default_colour("\ud800") in PALETTE
