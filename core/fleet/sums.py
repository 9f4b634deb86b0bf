"""Judging of whole hosts and of the fleet, which looks at every machine at once.

It is one pure function of values, so that it can run beside the loop: with thousands of machines
it takes a few tenths of a second.
"""

from collections.abc import Mapping

from msgspec import Struct

from core.facts import NicKind, Unknown
from core.fleet.judging import Judge, same_verdicts
from core.fleet.model import Key
from core.posture.model import Finding
from core.posture.subject import FleetSubject, HostSubject, MachineSubject
from core.settings.model import ZoneEntry
from core.zones import propose_zones

Shared = dict[str, dict[str, tuple[Finding, ...]]]  # host -> uuid -> findings


class SumOrder(Struct, frozen=True):
    """What to judge; `fleet` is None when only hosts are due."""

    judge: Judge
    hosts: Mapping[str, HostSubject | None]
    fleet: FleetSubject | None
    declared: tuple[ZoneEntry, ...]
    known: tuple[Finding, ...]  # the fleet's findings so far


class Sums(Struct, frozen=True):
    """What came of it."""

    hosts: dict[str, tuple[Finding, ...]]
    fleet: tuple[Finding, ...] | None
    shared: Shared
    proposed: tuple[ZoneEntry, ...]


def sum_up(order: SumOrder) -> Sums:
    """Judge the hosts and, when asked, the fleet."""
    hosts = {
        name: order.judge.judge_host(subject)
        for name, subject in order.hosts.items()
        if subject is not None
    }
    if order.fleet is None:
        return Sums(hosts, None, {}, ())
    findings = _kept(order.judge.judge_fleet(order.fleet), order.known)
    bridges = _bridges(order.fleet.machines)
    proposed = propose_zones(order.fleet.hosts, order.declared, bridges)
    return Sums(hosts, findings, _shared(findings), proposed)


def _kept(findings: tuple[Finding, ...], known: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings that say what they said before stay the same objects: nothing changed then."""
    before: dict[tuple[str, tuple[tuple[str, str], ...]], Finding] = {
        (each.check, each.concerns): each for each in known
    }
    return tuple(_or_before(each, before.get((each.check, each.concerns))) for each in findings)


def _or_before(finding: Finding, before: Finding | None) -> Finding:
    return before if before and same_verdicts((before,), (finding,)) else finding


def _shared(findings: tuple[Finding, ...]) -> Shared:
    found: dict[Key, list[Finding]] = {}
    for finding in findings:
        for host, uuid in finding.concerns:
            found.setdefault(Key(host, uuid), []).append(finding)
    shared: Shared = {}
    for key, concerned in found.items():
        shared.setdefault(key.host, {})[key.uuid] = tuple(concerned)
    return shared


def _bridges(machines: tuple[MachineSubject, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for subject in machines:
        nics = () if isinstance(subject.machine.nics, Unknown) else subject.machine.nics
        names = {nic.source for nic in nics if nic.kind is NicKind.BRIDGE}
        found.setdefault(subject.on, set()).update(names)
    return found
