"""Which zones a machine is in: by its cards as they are now, or by its name.

Only what fleet.toml declares counts. What the machine's own metadata says of its zone is a claim
and is never looked at here (house rule 7).
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from core.facts import Host, Machine, Network, Nic, NicKind, Unknown
from core.settings.model import ZoneEntry
from core.zones.model import Membership


def zones_of(
    machine: Machine, host: Host, zones: tuple[ZoneEntry, ...]
) -> tuple[Membership, ...] | Unknown:
    """The declared zones of one machine; an empty tuple is "unzoned".

    Unknown when the machine's cards could not be read: it may be in any zone.
    """
    return ZoneIndex(host, zones).of(machine)


class ZoneIndex:
    """The zones that count on one host, ready for many machines."""

    def __init__(self, host: Host, zones: tuple[ZoneEntry, ...]) -> None:
        self._host = host.name
        self._zones = tuple(zone for zone in zones if counts_on(zone, host.name))
        networks = host.networks
        self._networks: dict[str, Network] = (
            {} if isinstance(networks, Unknown) else {each.name: each for each in networks}
        )

    def of(self, machine: Machine) -> tuple[Membership, ...] | Unknown:
        if isinstance(machine.nics, Unknown):
            return machine.nics
        reached = [tuple(self._reached(nic)) for nic in machine.nics]
        found: list[Membership] = []
        for zone in self._zones:
            by = [*self._by_cards(zone, reached), *self._by_name(zone, machine.name)]
            if by:
                found.append(Membership(zone, tuple(dict.fromkeys(by))))
        return tuple(found)

    def _by_cards(
        self, zone: ZoneEntry, reached: list[tuple[tuple[str, str, str], ...]]
    ) -> Iterator[str]:
        wanted: dict[str, tuple[str, ...]] = {
            "network": zone.networks,
            "bridge": zone.bridges,
            "port-group": zone.port_groups,
            "vlan": tuple(str(vlan) for vlan in zone.vlans),
            "filter": zone.filters,
        }
        for card in reached:
            for mac, kind, name in card:
                if name in wanted[kind]:
                    yield f"{mac} {kind} {name}"

    def _by_name(self, zone: ZoneEntry, name: str) -> Iterator[str]:
        target = f"{self._host}/{name}"
        for pattern in zone.names:
            if fnmatchcase(target if "/" in pattern else name, pattern):
                yield f"name {pattern}"

    def _reached(self, nic: Nic) -> Iterator[tuple[str, str, str]]:
        """(mac, kind, name) of everything a card hangs on."""
        network = self._networks.get(nic.source) if nic.kind is NicKind.NETWORK else None
        if nic.kind is NicKind.NETWORK:
            yield nic.mac, "network", nic.source
        elif nic.kind in (NicKind.BRIDGE, NicKind.DIRECT):
            yield nic.mac, "bridge", nic.source
        for bridge in {nic.bridge, network.bridge if network else ""} - {"", nic.source}:
            yield nic.mac, "bridge", bridge
        group = nic.port_group or _default_group(network)
        if group and nic.kind is NicKind.NETWORK:
            yield nic.mac, "port-group", f"{nic.source}/{group}"
        for vlan in nic.vlans or _network_vlans(network, group):
            yield nic.mac, "vlan", str(vlan)
        if nic.filter:
            yield nic.mac, "filter", nic.filter


def counts_on(zone: ZoneEntry, host: str) -> bool:
    """Whether a zone speaks of this host at all."""
    return not zone.hosts or any(fnmatchcase(host, pattern) for pattern in zone.hosts)


def _default_group(network: Network | None) -> str:
    groups = network.port_groups if network else ()
    return next((group.name for group in groups if group.default), "")


def _network_vlans(network: Network | None, group: str) -> tuple[int, ...]:
    """libvirt's precedence: the card's own tag, then the port group's, then the network's."""
    if network is None:
        return ()
    of_group = next((each.vlans for each in network.port_groups if each.name == group), ())
    return of_group or network.vlans
