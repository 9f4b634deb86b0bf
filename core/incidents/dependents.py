"""Who depends on a machine: ourselves, its host, other machines. Asked before it is cut off.

Addresses come from what the host's kernel and its networks say of the machine's cards. Where no
address of it is known, that itself is told: nothing found is not the same as nothing there.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from msgspec import Struct

from core.facts import Machine, Network, Unknown
from core.facts.host_network import HostNetwork
from core.fleet.model import FleetView, MachineView
from core.incidents.own_network import OwnNetwork
from core.text import Text
from core.text.message import Parameter

STATION, HOST, MACHINES, MEMORY, UNKNOWN = "station", "host", "machines", "memory", "unknown"


class Dependent(Struct, frozen=True):
    """`blocking`: cutting the machine off asks for a yes of its own."""

    kind: str
    text: Text
    blocking: bool


def dependents_of(
    view: MachineView, fleet: FleetView, own: OwnNetwork, host: HostNetwork | Unknown
) -> tuple[Dependent, ...]:
    """Everything known to depend on the machine, what blocks first."""
    machine = view.machine
    macs = _macs(machine)
    networks = _networks(fleet, view.key.host)
    addresses = _addresses(machine, macs, networks, host)
    found = [
        *_station(own, macs, addresses),
        *_host(host, addresses),
        *_machines(view, fleet, networks, addresses),
        *_unknown(view, host, macs, addresses),
        *_memory(view),
    ]
    return tuple(sorted(found, key=lambda each: not each.blocking))


def _say(kind: str, word: str, blocking: bool = True, **params: Parameter) -> Dependent:
    return Dependent(kind, Text(f"incidents.dependent.{word}", dict(params)), blocking)


def _macs(machine: Machine | None) -> frozenset[str]:
    if machine is None or isinstance(machine.nics, Unknown):
        return frozenset()
    return frozenset(nic.mac.lower() for nic in machine.nics if nic.mac)


def _networks(fleet: FleetView, host: str) -> tuple[Network, ...]:
    seen = fleet.hosts.get(host)
    facts = None if seen is None else seen.facts
    if facts is None or isinstance(facts.networks, Unknown):
        return ()
    return facts.networks


def _addresses(
    machine: Machine | None,
    macs: frozenset[str],
    networks: tuple[Network, ...],
    host: HostNetwork | Unknown,
) -> frozenset[str]:
    near = () if isinstance(host, Unknown) else host.neighbours
    reserved = (pair for network in networks for pair in network.reserved)
    found = {address for address, mac in (*near, *reserved) if mac in macs}
    nics = () if machine is None or isinstance(machine.nics, Unknown) else machine.nics
    found |= {value for nic in nics for value in nic.filter_parameters.get("IP", ())}
    return frozenset(filter(None, map(_plain, found)))


def _plain(address: str) -> str:
    """The address in its one spelling; a link's own address names nobody."""
    try:
        found = ip_address(address.partition("/")[0].strip())
    except ValueError:
        return ""
    return "" if found.is_link_local or found.is_loopback else str(found)


def _station(
    own: OwnNetwork, macs: frozenset[str], addresses: frozenset[str]
) -> Iterator[Dependent]:
    if macs.intersection(own.macs):
        yield _say(STATION, "station-inside")
    for word, ours in (("route", own.routers), ("dns", own.resolvers), ("vpn", own.peers)):
        for address in ours:
            if _plain(address) in addresses:
                yield _say(STATION, f"own-{word}", address=address)


def _host(host: HostNetwork | Unknown, addresses: frozenset[str]) -> Iterator[Dependent]:
    if isinstance(host, Unknown):
        return
    for peer in host.storage:
        if peer.address in addresses:
            yield _say(HOST, f"host-{peer.kind}", address=peer.address, what=peer.what)
    for word, theirs in (("route", host.routers), ("dns", host.resolvers)):
        for address in theirs:
            if address in addresses:
                yield _say(HOST, f"host-{word}", address=address)


def _machines(
    view: MachineView,
    fleet: FleetView,
    networks: tuple[Network, ...],
    addresses: frozenset[str],
) -> Iterator[Dependent]:
    """Machines whose network hands this one out as their router or resolver."""
    for network in networks:
        for word, given in (("route", network.routers), ("dns", network.resolvers)):
            if addresses.isdisjoint(map(_plain, given)):
                continue
            names = sorted(_on(network, view, fleet))
            if names:
                shown = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
                where = network.name
                yield _say(
                    MACHINES, f"machines-{word}", network=where, count=len(names), names=shown
                )


def _on(network: Network, view: MachineView, fleet: FleetView) -> Iterator[str]:
    for key, row in fleet.machines.items():
        machine = row.machine
        if key.host != view.key.host or key == view.key or machine is None:
            continue
        nics = () if isinstance(machine.nics, Unknown) else machine.nics
        if any(nic.source == network.name for nic in nics):
            yield row.name


def _unknown(
    view: MachineView,
    host: HostNetwork | Unknown,
    macs: frozenset[str],
    addresses: frozenset[str],
) -> Iterator[Dependent]:
    if isinstance(host, Unknown):
        yield _say(UNKNOWN, "host-unread", blocking=False, host=view.host)
    if macs and not addresses:
        yield _say(UNKNOWN, "no-address", blocking=False)


def _memory(view: MachineView) -> Iterator[Dependent]:
    """What would lose the memory of a running machine; none of it is ours to prevent."""
    machine = view.machine
    if machine is None or not machine.active:
        return
    snapshots = () if isinstance(machine.snapshots, Unknown) else machine.snapshots
    if snapshots:
        yield _say(MEMORY, "revert", blocking=False, count=len(snapshots))
    yield _say(MEMORY, "power-off", blocking=False)
