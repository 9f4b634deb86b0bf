"""What must be different from machine to machine: categories, uuids, addresses."""

import re

from core.facts import SecurityLabel, Unknown, mac_label
from core.posture.fleet_index import FleetAnswer, FleetCase, FleetIndex, several
from core.posture.outcome import failed, listed, passed, seen, unknown, warned
from core.posture.subject import MachineSubject

LABEL_CALL = "virDomainGetSecurityLabelList"
MAX_ODD, MAX_CATEGORIES = 50, 64
LAST_CATEGORY = 1023
_RANGE = re.compile(r"c(\d{1,4})\.c(\d{1,4})")


def own_categories(index: FleetIndex) -> FleetAnswer:
    """FLEET-MCS-001: no running machine's categories contain those of a neighbour."""
    cases = tuple(case for machines in index.labelled.values() for case in _readable(machines))
    if cases:
        return cases
    unread = index.unread_of("labels")
    if unread is not None:
        return (FleetCase(unknown(unread[2], f"{unread[0].target} {LABEL_CALL}")),)
    count = sum(map(len, index.labelled.values()))
    return (FleetCase(passed("FLEET-MCS-001", seen(LABEL_CALL, count), count=count)),)


def _readable(machines: list[MachineSubject]) -> list[FleetCase]:
    """Machines of one host of which one may read what is the other's.

    Labels as libvirt makes them have two categories and clash only when equal; only the odd ones
    are compared with all, and of those no more than MAX_ODD.
    """
    by_set: dict[frozenset[str], list[MachineSubject]] = {}
    for each in machines:
        by_set.setdefault(expanded(label_of(each).categories), []).append(each)
    cases = [_same(group) for group in by_set.values() if len(group) > 1]
    bare = by_set.pop(frozenset(), [])
    if len(bare) == 1 and by_set:
        cases.append(_bare(bare[0]))
    for odd in [each for each in by_set if len(each) != 2][:MAX_ODD]:
        other = next((each for each in by_set if each < odd or odd < each), None)
        if other is not None:
            small, large = sorted((odd, other), key=len)
            cases.append(_subset(by_set[small][0], by_set[large][0]))
    return cases


def expanded(categories: tuple[str, ...]) -> frozenset[str]:
    """The categories with ranges such as c0.c1023 written out."""
    found: set[str] = set()
    for each in categories[:MAX_CATEGORIES]:
        match = _RANGE.fullmatch(each)
        if match is None:
            found.add(each)
        else:
            first, last = int(match[1]), min(int(match[2]), LAST_CATEGORY)
            found.update(f"c{number}" for number in range(first, last + 1))
    return frozenset(found)


def label_of(subject: MachineSubject) -> SecurityLabel:
    labels = subject.machine.labels
    found = None if isinstance(labels, Unknown) else mac_label(labels)
    if found is None:
        raise ValueError("the index lists only labelled machines")
    return found


def _same(group: list[MachineSubject]) -> FleetCase:
    evidence = tuple(seen(f"{each.target} label", label_of(each).text) for each in group[:6])
    names = listed([each.target for each in group])
    return FleetCase(failed("FLEET-MCS-001", "same", *evidence, names=names), tuple(group))


def _bare(subject: MachineSubject) -> FleetCase:
    evidence = seen(f"{subject.target} label", label_of(subject).text)
    outcome = failed("FLEET-MCS-001", "bare", evidence, name=subject.target)
    return FleetCase(outcome, (subject,))


def _subset(small: MachineSubject, large: MachineSubject) -> FleetCase:
    evidence = tuple(seen(f"{each.target} label", label_of(each).text) for each in (small, large))
    outcome = failed("FLEET-MCS-001", "subset", *evidence, name=small.target, reader=large.target)
    return FleetCase(outcome, (small, large))


def own_uuid(index: FleetIndex) -> FleetAnswer:
    """FLEET-CLONE-001: no two machines have one uuid."""
    cases: list[FleetCase] = []
    for uuid, uses in index.uuids.items():
        if len(uses) > 1:
            names = listed([each.target for each in uses])
            running = sum(each.machine.active for each in uses) > 1
            say, case = (failed, "running") if running else (warned, "stored")
            outcome = say("FLEET-CLONE-001", case, seen("/domain/uuid", uuid), names=names)
            cases.append(FleetCase(outcome, tuple(uses)))
    count = len(index.machines)
    passing = passed("FLEET-CLONE-001", seen("/domain/uuid", count), count=count)
    return tuple(cases) or (FleetCase(passing),)


def own_address(index: FleetIndex) -> FleetAnswer:
    """FLEET-MAC-001: no two machines have one hardware address."""
    cases: list[FleetCase] = []
    for mac, uses in index.addresses.items():
        machines = several(use.subject for use in uses)
        if machines:
            names = listed([each.target for each in machines])
            running = sum(each.machine.active for each in machines) > 1
            say, case = (failed, "running") if running else (warned, "stored")
            evidence = seen("/domain/devices/interface/mac", mac)
            cases.append(
                FleetCase(say("FLEET-MAC-001", case, evidence, mac=mac, names=names), machines)
            )
    unread = index.unread_of("nics")
    if not cases and unread is not None:
        return (FleetCase(unknown(unread[2], f"{unread[0].target} /domain/devices/interface")),)
    evidence = seen("/domain/devices/interface/mac", len(index.addresses))
    count = len(index.addresses)
    return tuple(cases) or (FleetCase(passed("FLEET-MAC-001", evidence, count=count)),)


CHECKS = (
    ("FLEET-MCS-001", own_categories),
    ("FLEET-CLONE-001", own_uuid),
    ("FLEET-MAC-001", own_address),
)
