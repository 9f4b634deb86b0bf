"""Packet filters: is the sender who it says it is, and who filters where libvirt cannot?"""

from core.facts import Filter, Host, Nic, NicKind, Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import (
    failed,
    listed,
    not_applicable,
    passed,
    seen,
    unknown,
    warned,
    worst,
)
from core.posture.subject import NO_HOST, MachineSubject

CARD = "/domain/devices/interface"
_TAPS = frozenset({NicKind.NETWORK, NicKind.BRIDGE, NicKind.ETHERNET})
_BEYOND = frozenset({NicKind.DIRECT, NicKind.HOSTDEV, NicKind.VHOSTUSER, NicKind.VDPA, NicKind.VDS})
_WHOLE = frozenset({"clean-traffic", "clean-traffic-gateway"})
_ARP = ({"no-arp-spoofing"}, {"no-arp-mac-spoofing", "no-arp-ip-spoofing"})
_MAX_FILTERS = 500


def nics_of(subject: MachineSubject) -> tuple[Nic, ...] | Outcome:
    """The machine's cards, or the answer when there are none or nobody knows."""
    nics = subject.machine.nics
    if isinstance(nics, Unknown):
        return unknown(nics, CARD)
    return nics or not_applicable("no-card")


def ruled_nics_of(subject: MachineSubject) -> tuple[Nic, ...] | Outcome:
    """The cards, for a check of the rules they are under: a driver may tell none of these."""
    nics = nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    silent = next((nic for nic in nics if nic.untold is not None), None)
    if silent is None or silent.untold is None:
        return nics
    return unknown(silent.untold, f"{CARD}[{silent.mac}]")


def filterable(nic: Nic) -> bool:
    """libvirt's filters work on taps that no virtual switch owns."""
    return nic.kind in _TAPS and not nic.virtual_port


def no_spoofing(subject: MachineSubject) -> Outcome:
    """NET-FILTER-001: the card cannot send in another's name (MAC, IP, ARP)."""
    nics = ruled_nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    taps = [nic for nic in nics if filterable(nic)]
    if not taps:
        return not_applicable("no-card")
    return worst([_spoofing(subject, nic) for nic in taps])


def _spoofing(subject: MachineSubject, nic: Nic) -> Outcome:
    evidence = seen(f"{CARD}[{nic.mac}]/filterref", nic.filter or "none")
    if not nic.filter:
        return failed("NET-FILTER-001", "none", evidence, mac=nic.mac)
    names = effective(subject.host, nic.filter)
    if isinstance(names, Unknown):
        if nic.filter in _WHOLE:
            return passed("NET-FILTER-001", evidence)
        return unknown(names, f"nwfilter {nic.filter}")
    if not names:
        return failed("NET-FILTER-001", "missing", evidence, mac=nic.mac, filter=nic.filter)
    if "no-mac-spoofing" not in names:
        return warned("NET-FILTER-001", "own", evidence, mac=nic.mac, filter=nic.filter)
    if "no-ip-spoofing" in names and any(each <= names for each in _ARP):
        return passed("NET-FILTER-001", evidence)
    return warned("NET-FILTER-001", "partly", evidence, mac=nic.mac, filter=nic.filter)


def effective(host: Host | None, name: str) -> frozenset[str] | Unknown:
    """All filters a filter includes, itself too; empty when the host has no such filter."""
    filters = NO_HOST if host is None else host.filters
    if isinstance(filters, Unknown):
        return filters
    by_name: dict[str, Filter] = {each.name: each for each in filters}
    found: set[str] = set()
    open_names = [name] if name in by_name else []
    while open_names and len(found) < _MAX_FILTERS:
        current = open_names.pop()
        if current not in found:
            found.add(current)
            known = by_name.get(current)
            open_names.extend(known.references if known is not None else ())
    return frozenset(found)


def filter_knows_address(subject: MachineSubject) -> Outcome:
    """NET-FILTER-003: the address is written down, not learnt from the first packet."""
    nics = ruled_nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    guarded = [nic for nic in nics if nic.filter]
    if not guarded:
        return not_applicable("no-filter")
    for nic in guarded:
        given = nic.filter_parameters
        evidence = seen(f"{CARD}[{nic.mac}]/filterref/parameter", listed(sorted(given)) or "none")
        by_dhcp = given.get("CTRL_IP_LEARNING") == ("dhcp",) and "DHCPSERVER" in given
        if "IP" not in given and "IPV6" not in given and not by_dhcp:
            return warned("NET-FILTER-003", "learnt", evidence, mac=nic.mac)
    return passed("NET-FILTER-003", seen(f"{CARD}/filterref/parameter", "IP"))


def filtered_elsewhere(subject: MachineSubject) -> Outcome:
    """NET-FILTER-005: a card that libvirt cannot filter is filtered by what carries it."""
    nics = ruled_nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    beyond = [nic for nic in nics if nic.kind in _BEYOND or nic.virtual_port]
    if not beyond:
        return passed("NET-FILTER-005", seen(f"{CARD}/@type", listed([n.kind.value for n in nics])))
    evidence = tuple(
        seen(f"{CARD}[{nic.mac}]/@type", f"{nic.kind.value} {nic.virtual_port}".strip())
        for nic in beyond
    )
    say = failed if subject.high else warned
    return say("NET-FILTER-005", "beyond", *evidence, macs=listed([nic.mac for nic in beyond]))


def guest_cannot_widen(subject: MachineSubject) -> Outcome:
    """NET-TRUST-001: the guest cannot change which frames its card receives."""
    nics = ruled_nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    for nic in nics:
        if nic.trust_guest_rx_filters:
            evidence = seen(f"{CARD}[{nic.mac}]/@trustGuestRxFilters", True)
            return failed("NET-TRUST-001", "card", evidence, mac=nic.mac)
    trusting = _trusting_networks(subject.host)
    for nic in nics:
        if nic.kind is not NicKind.NETWORK:
            continue
        if isinstance(trusting, Unknown):
            return unknown(trusting, "/network/@trustGuestRxFilters")
        if nic.source in trusting:
            evidence = seen(f"/network[{nic.source}]/@trustGuestRxFilters", True)
            return failed("NET-TRUST-001", "network", evidence, network=nic.source)
    return passed("NET-TRUST-001", seen(f"{CARD}/@trustGuestRxFilters", False))


def _trusting_networks(host: Host | None) -> frozenset[str] | Unknown:
    networks = Unknown(Reason.NOT_READ) if host is None else host.networks
    if isinstance(networks, Unknown):
        return networks
    return frozenset(each.name for each in networks if each.trust_guest_rx_filters)


CHECKS = (
    ("NET-FILTER-001", no_spoofing),
    ("NET-FILTER-003", filter_knows_address),
    ("NET-FILTER-005", filtered_elsewhere),
    ("NET-TRUST-001", guest_cannot_widen),
)
