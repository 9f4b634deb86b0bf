"""Zones proposed from what is found: every network and bridge that no declared zone covers.

A proposal grants nothing. It is shown as one until the admin accepts it into fleet.toml.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from core.facts import Host, Network, NetworkMode, Unknown
from core.settings.model import DataClass, Protection, ZoneEntry
from core.zones.colours import default_colour
from core.zones.membership import counts_on

MAX_PROPOSALS = 64
MAX_NAME = 64
_PUBLIC_WORDS = ("dmz", "public", "guest", "wan", "external")
_STRICT_WORDS = ("mgmt", "management", "admin", "storage", "backup", "secret", "vault")
_OUTSIDE = frozenset(
    {NetworkMode.BRIDGE, NetworkMode.MACVTAP, NetworkMode.HOSTDEV, NetworkMode.OPEN}
)


class _Find(Struct):
    """One name over all hosts where nothing covers it."""

    hosts: set[str]
    networks: set[str]
    bridges: set[str]
    modes: set[NetworkMode]


def propose_zones(
    hosts: Iterable[Host],
    declared: tuple[ZoneEntry, ...] = (),
    bridges: Mapping[str, Iterable[str]] | None = None,
) -> tuple[ZoneEntry, ...]:
    """Propose one zone a name. `bridges` are those that machines' cards use, by host."""
    finds: dict[str, _Find] = {}
    for host in hosts:
        networks = () if isinstance(host.networks, Unknown) else host.networks
        for network in networks:
            if not _network_covered(network, host.name, declared):
                find = finds.setdefault(network.name, _Find(set(), set(), set(), set()))
                find.hosts.add(host.name)
                find.networks.add(network.name)
                find.modes.add(network.mode)
        behind = {network.bridge for network in networks}
        for bridge in (bridges or {}).get(host.name, ()):
            if bridge and bridge not in behind and not _covered(bridge, host.name, declared):
                find = finds.setdefault(bridge, _Find(set(), set(), set(), set()))
                find.hosts.add(host.name)
                find.bridges.add(bridge)
                find.modes.add(NetworkMode.BRIDGE)
    taken = {zone.name for zone in declared}
    chosen = sorted(finds.items())[:MAX_PROPOSALS]
    return tuple(_proposal(name, find, taken) for name, find in chosen if len(name) <= MAX_NAME)


def _network_covered(network: Network, host: str, declared: tuple[ZoneEntry, ...]) -> bool:
    groups = {f"{network.name}/{group.name}" for group in network.port_groups}
    for zone in declared:
        if counts_on(zone, host) and (
            network.name in zone.networks
            or (network.bridge and network.bridge in zone.bridges)
            or groups.intersection(zone.port_groups)
            or set(network.vlans).intersection(zone.vlans)
        ):
            return True
    return False


def _covered(bridge: str, host: str, declared: tuple[ZoneEntry, ...]) -> bool:
    return any(counts_on(zone, host) and bridge in zone.bridges for zone in declared)


def _proposal(name: str, find: _Find, taken: set[str]) -> ZoneEntry:
    protection, data_class = _level(name.lower(), find.modes)
    return ZoneEntry(
        name=f"{name} (found)"[:MAX_NAME] if name in taken else name,
        colour=default_colour(name),
        protection=protection,
        data_class=data_class,
        networks=tuple(sorted(find.networks)),
        bridges=tuple(sorted(find.bridges)),
        hosts=tuple(sorted(find.hosts)),
        proposed=True,
    )


def _level(name: str, modes: set[NetworkMode]) -> tuple[Protection, DataClass]:
    """The careful guess: what is isolated was isolated for a reason; what faces out is public."""
    if any(word in name for word in _STRICT_WORDS):
        return Protection.VERY_HIGH, DataClass.SENSITIVE
    if any(word in name for word in _PUBLIC_WORDS):
        return Protection.HIGH, DataClass.PUBLIC
    if modes == {NetworkMode.ISOLATED}:
        return Protection.HIGH, DataClass.SENSITIVE
    if modes & _OUTSIDE:
        return Protection.HIGH, DataClass.INTERNAL
    return Protection.NORMAL, DataClass.INTERNAL
