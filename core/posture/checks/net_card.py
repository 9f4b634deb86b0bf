"""How a card is plugged in: VLANs, user mode, macvtap, tunnels, and how much it may send."""

from core.facts import Nic, NicKind
from core.posture.checks.net_filter import CARD, nics_of, ruled_nics_of
from core.posture.model import Outcome
from core.posture.outcome import failed, not_applicable, passed, seen, warned, worst
from core.posture.subject import MachineSubject

_TUNNELS = frozenset({NicKind.MCAST, NicKind.SERVER, NicKind.CLIENT, NicKind.UDP})
_APART = frozenset({"private", "passthrough"})


def one_vlan(subject: MachineSubject) -> Outcome:
    """NET-VLAN-001: a card sees one VLAN, not a trunk."""
    nics = ruled_nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    for nic in nics:
        if nic.vlan_trunk or len(nic.vlans) > 1:
            tags = ",".join(str(tag) for tag in nic.vlans[:20])
            evidence = seen(f"{CARD}[{nic.mac}]/vlan", f"trunk={nic.vlan_trunk} {tags}")
            return failed("NET-VLAN-001", "trunk", evidence, mac=nic.mac)
    return passed("NET-VLAN-001", seen(f"{CARD}/vlan", "no trunk"))


def no_user_mode(subject: MachineSubject) -> Outcome:
    """NET-USER-001: no user-mode network, which speaks with the host's own address."""
    nics = nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    found = next((nic for nic in nics if nic.kind is NicKind.USER), None)
    if found is None:
        return passed("NET-USER-001", seen(f"{CARD}/@type", "no user"))
    return failed("NET-USER-001", "user", seen(f"{CARD}[{found.mac}]/@type", "user"), mac=found.mac)


def macvtap_apart(subject: MachineSubject) -> Outcome:
    """NET-MACVTAP-001: macvtap neighbours on one port do not talk past every filter."""
    nics = nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    direct = [nic for nic in nics if nic.kind is NicKind.DIRECT]
    if not direct:
        return not_applicable("no-card")
    return worst([_macvtap(subject, nic) for nic in direct])


def _macvtap(subject: MachineSubject, nic: Nic) -> Outcome:
    mode = nic.mode or "vepa"
    evidence = seen(f"{CARD}[{nic.mac}]/source/@mode", mode)
    if mode in _APART:
        return passed("NET-MACVTAP-001", evidence)
    if mode == "bridge" and (subject.sharing.mixed or subject.high):
        return failed("NET-MACVTAP-001", "bridge", evidence, mac=nic.mac)
    return warned("NET-MACVTAP-001", "joined", evidence, mac=nic.mac, mode=mode)


def no_tunnel(subject: MachineSubject) -> Outcome:
    """NET-TUN-001: no card that carries its frames in clear text to whoever listens."""
    nics = nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    for nic in nics:
        if nic.kind in _TUNNELS:
            evidence = seen(f"{CARD}[{nic.mac}]/@type", nic.kind.value)
            return failed("NET-TUN-001", "tunnel", evidence, mac=nic.mac, kind=nic.kind.value)
    return passed("NET-TUN-001", seen(f"{CARD}/@type", "no tunnel"))


def bounded_rate(subject: MachineSubject) -> Outcome:
    """NET-QOS-001: one machine cannot fill the line."""
    nics = ruled_nics_of(subject)
    if isinstance(nics, Outcome):
        return nics
    free = [nic.mac for nic in nics if not nic.outbound_limited]
    if free:
        evidence = seen(f"{CARD}[{free[0]}]/bandwidth/outbound", "none")
        return warned("NET-QOS-001", "unbounded", evidence, mac=free[0])
    return passed("NET-QOS-001", seen(f"{CARD}/bandwidth/outbound", "set"))


CHECKS = (
    ("NET-VLAN-001", one_vlan),
    ("NET-USER-001", no_user_mode),
    ("NET-MACVTAP-001", macvtap_apart),
    ("NET-TUN-001", no_tunnel),
    ("NET-QOS-001", bounded_rate),
)
