"""What the machines of a host share: segments, networks, pools and memory."""

from core.facts import Network, NetworkMode, Unknown
from core.posture.fleet_index import FleetIndex, NicUse, several, tenants_of, untold_of, zones_of
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
from core.posture.subject import FleetSubject, HostSubject

_LOOSE = 0o002
_WIDE = 0o044
MOST_MEMORY = 1.0


def ports_isolated(subject: HostSubject) -> Outcome:
    """NET-ISO-001: machines on one segment that need not talk cannot. One open port undoes the
    isolation of all, so the whole segment is judged."""
    index = FleetIndex(FleetSubject((subject.host,), subject.machines, subject.now))
    unread = index.unread_of("nics")
    if unread is not None:
        return unknown(unread[2], f"{unread[0].target} /domain/devices/interface")
    shared = {
        key: uses for key, uses in index.segments.items() if several(use.subject for use in uses)
    }
    if not shared:
        return not_applicable("no-neighbour")
    return worst([_segment(subject.host.networks, key, uses) for key, uses in shared.items()])


def _segment(networks: tuple[Network, ...] | Unknown, key: str, uses: list[NicUse]) -> Outcome:
    untold = untold_of(uses)
    if untold is not None:
        return unknown(untold, f"segment {key}")
    known = () if isinstance(networks, Unknown) else networks
    by_network = {each.name for each in known if each.isolated_ports}
    open_ports = [u for u in uses if not u.nic.isolated and u.nic.source not in by_network]
    machines = several(use.subject for use in uses)
    evidence = seen(f"segment {key}", listed([use.subject.machine.name for use in uses]))
    if not open_ports:
        return passed("NET-ISO-001", evidence)
    names = listed([use.subject.machine.name for use in open_ports])
    if len(open_ports) < len(uses):
        return warned("NET-ISO-001", "partly", evidence, segment=key, names=names)
    several_owners = len(tenants_of(machines)) > 1 or len(zones_of(uses)) > 1
    if several_owners or any(each.high for each in machines):
        return failed("NET-ISO-001", "open", evidence, segment=key)
    return warned("NET-ISO-001", "open", evidence, segment=key)


def forwarding_meant(subject: HostSubject) -> Outcome:
    """NET-FWD-001: no virtual network routes guests into the LAN without rules."""
    networks = subject.host.networks
    if isinstance(networks, Unknown):
        return unknown(networks, "/network/forward/@mode")
    active = [each for each in networks if each.active]
    if not active:
        return not_applicable("no-network")
    modes = seen("/network/forward/@mode", listed([f"{n.name}={n.mode.value}" for n in active]))
    open_ones = [each.name for each in active if each.mode is NetworkMode.OPEN]
    if open_ones:
        return failed("NET-FWD-001", "open", modes, names=listed(open_ones))
    routed = [each.name for each in active if each.mode is NetworkMode.ROUTE]
    if routed:
        return warned("NET-FWD-001", "route", modes, names=listed(routed))
    return passed("NET-FWD-001", modes)


def pools_private(subject: HostSubject) -> Outcome:
    """STO-PERM-002: other accounts of the host cannot write, or browse, the folders of images."""
    pools = subject.host.pools
    if isinstance(pools, Unknown):
        return unknown(pools, "/pool/target/permissions/mode")
    folders = [each for each in pools if each.kind in {"dir", "fs", "netfs"} and each.mode]
    if not folders:
        return not_applicable("no-pool")
    for pool in folders:
        evidence = seen(f"/pool[{pool.name}]/target/permissions/mode", f"{pool.mode} {pool.target}")
        if _mode(pool.mode) & _LOOSE or pool.target.startswith(("/tmp", "/var/tmp", "/home")):
            return failed("STO-PERM-002", "open", evidence, pool=pool.name)
    for pool in folders:
        if _mode(pool.mode) & _WIDE:
            evidence = seen(f"/pool[{pool.name}]/target/permissions/mode", pool.mode)
            return warned("STO-PERM-002", "wide", evidence, pool=pool.name)
    return passed("STO-PERM-002", seen("/pool/target/permissions/mode", folders[0].mode))


def _mode(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        return _LOOSE


def memory_suffices(subject: HostSubject) -> Outcome:
    """FLEET-OVER-001: the running machines' memory fits into the host's."""
    total = subject.host.memory_bytes
    if isinstance(total, Unknown):
        return unknown(total, "virNodeGetInfo memory")
    promised = 0
    for each in subject.machines:
        if each.machine.active:
            if isinstance(each.machine.tuning, Unknown):
                return unknown(each.machine.tuning, f"{each.target} /domain/memory")
            promised += each.machine.tuning.max_memory_bytes
    percent = int(100 * promised / total) if total else 0
    evidence = (seen("/domain/memory", promised), seen("virNodeGetInfo memory", total))
    if total and promised > total * MOST_MEMORY:
        return warned("FLEET-OVER-001", "over", *evidence, percent=percent)
    return passed("FLEET-OVER-001", *evidence, percent=percent)


CHECKS = (
    ("NET-ISO-001", ports_isolated),
    ("NET-FWD-001", forwarding_meant),
    ("STO-PERM-002", pools_private),
    ("FLEET-OVER-001", memory_suffices),
)
