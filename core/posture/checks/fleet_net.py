"""Who meets whom on one segment, and whether the hosts are alike enough to trust alike."""

from core.facts import Unknown
from core.posture.checks.net_filter import effective
from core.posture.fleet_index import (
    FleetAnswer,
    FleetCase,
    FleetIndex,
    NicUse,
    several,
    tenants_of,
    untold_of,
    zones_of,
)
from core.posture.outcome import failed, listed, passed, seen, unknown, warned


def segments_apart(index: FleetIndex) -> FleetAnswer:
    """FLEET-NET-001: tenants or zones on one segment are kept apart by ports and filters."""
    cases = [case for key, uses in index.segments.items() for case in _segment(key, uses)]
    if cases:
        return tuple(cases)
    unread = index.unread_of("nics")
    if unread is not None:
        where = f"{unread[0].target} /domain/devices/interface"
        return (FleetCase(unknown(unread[2], where)),)
    count = len(index.segments)
    return (FleetCase(passed("FLEET-NET-001", seen("segments", count), count=count)),)


def _segment(key: str, uses: list[NicUse]) -> list[FleetCase]:
    machines = several(use.subject for use in uses)
    tenants, zones = tenants_of(machines), zones_of(uses)
    if len(tenants) < 2 and len(zones) < 2:
        return []
    names = listed(sorted(tenants) if len(tenants) > 1 else sorted(zones))
    shown = listed([each.machine.name for each in machines])
    evidence = seen(f"segment {key}", shown)
    untold = untold_of(uses)
    if untold is not None:
        return [FleetCase(unknown(untold, f"segment {key}"), machines)]
    isolated = all(use.nic.isolated or _isolating(use) for use in uses)
    if isolated and all(_filtered(use) for use in uses):
        return []
    if isolated:
        outcome = warned("FLEET-NET-001", "unfiltered", evidence, segment=key, names=names)
    else:
        outcome = failed("FLEET-NET-001", "mixed", evidence, segment=key, names=names)
    return [FleetCase(outcome, machines)]


def _isolating(use: NicUse) -> bool:
    host = use.subject.host
    networks = () if host is None or isinstance(host.networks, Unknown) else host.networks
    return any(each.name == use.nic.source and each.isolated_ports for each in networks)


def _filtered(use: NicUse) -> bool:
    names = effective(use.subject.host, use.nic.filter) if use.nic.filter else frozenset[str]()
    if isinstance(names, Unknown):
        return use.nic.filter.startswith("clean-traffic")
    return "no-mac-spoofing" in names and "no-ip-spoofing" in names


def hosts_alike(index: FleetIndex) -> FleetAnswer:
    """FLEET-VER-001: the hosts run the same libvirt, and one is not behind the others."""
    versions: dict[str, list[str]] = {}
    for host in index.subject.hosts:
        if host.driver == "QEMU":
            if isinstance(host.libvirt_version, Unknown):
                where = f"{host.name} virConnectGetLibVersion"
                return (FleetCase(unknown(host.libvirt_version, where)),)
            versions.setdefault(_series(host.libvirt_version), []).append(host.name)
    evidence = tuple(
        seen(f"libvirt {version}", listed(names)) for version, names in sorted(versions.items())
    )
    if len(versions) > 1:
        shown = listed(sorted(versions))
        return (FleetCase(warned("FLEET-VER-001", "differ", *evidence, versions=shown)),)
    return (FleetCase(passed("FLEET-VER-001", *evidence)),)


def _series(version: str) -> str:
    """9.0.0 -> 9.0: patch levels of one series count as alike."""
    return ".".join(version.split(".")[:2])


CHECKS = (
    ("FLEET-NET-001", segments_apart),
    ("FLEET-VER-001", hosts_alike),
)
