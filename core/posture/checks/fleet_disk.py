"""What two machines must not both have: a writable disk, a host device, a folder."""

from core.posture.fleet_index import (
    DiskUse,
    FleetAnswer,
    FleetCase,
    FleetIndex,
    several,
    tenants_of,
)
from core.posture.outcome import failed, listed, passed, seen, unknown, warned

DISK = "/domain/devices/disk/source"


def own_disk(index: FleetIndex) -> FleetAnswer:
    """FLEET-DISK-001: no two machines write to one disk, or to what another builds on."""
    cases = [case for key, uses in index.disks.items() for case in _disk(index, key, uses)]
    if cases:
        return tuple(cases)
    unread = index.unread_of("disks")
    if unread is not None:
        return (FleetCase(unknown(unread[2], f"{unread[0].target} {DISK}")),)
    count = len(index.disks)
    return (FleetCase(passed("FLEET-DISK-001", seen(DISK, count), count=count)),)


def _disk(index: FleetIndex, key: str, uses: list[DiskUse]) -> list[FleetCase]:
    writers = [use for use in uses if not use.disk.read_only]
    if not writers:
        return []
    evidence = tuple(seen(f"{use.subject.target} {DISK}", use.disk.source) for use in uses[:6])
    users = several(use.subject for use in uses)
    cases: list[FleetCase] = []
    if users:
        names = listed([each.target for each in users])
        meant = all(use.disk.shareable for use in writers) and len(tenants_of(users)) < 2
        say, case = (warned, "cluster") if meant else (failed, "twice")
        outcome = say("FLEET-DISK-001", case, *evidence, names=names, source=uses[0].disk.source)
        cases.append(FleetCase(outcome, users))
    built_on = several([writers[0].subject, *index.backing.get(key, ())])
    if built_on:
        names = listed([each.target for each in built_on])
        outcome = failed(
            "FLEET-DISK-001", "backing", *evidence, names=names, source=uses[0].disk.source
        )
        cases.append(FleetCase(outcome, built_on))
    return cases


def own_device(index: FleetIndex) -> FleetAnswer:
    """FLEET-PT-001: no host device is promised to two machines."""
    cases: list[FleetCase] = []
    for key, uses in index.devices.items():
        users = several(uses)
        if users:
            names = listed([each.target for each in users])
            say = failed if sum(each.machine.active for each in users) else warned
            evidence = seen("/domain/devices/hostdev/source", key)
            cases.append(
                FleetCase(say("FLEET-PT-001", "twice", evidence, names=names, device=key), users)
            )
    return _or_clean(index, cases, "FLEET-PT-001", "/domain/devices/hostdev", len(index.devices))


def own_folder(index: FleetIndex) -> FleetAnswer:
    """FLEET-FS-001: no folder or shared memory of the host joins two machines."""
    cases: list[FleetCase] = []
    for key, uses in index.folders.items():
        users = several(uses)
        if users:
            names = listed([each.target for each in users])
            say = warned if len(tenants_of(users)) < 2 else failed
            evidence = seen("/domain/devices/filesystem/source", key)
            cases.append(
                FleetCase(say("FLEET-FS-001", "joined", evidence, names=names, folder=key), users)
            )
    return _or_clean(index, cases, "FLEET-FS-001", "/domain/devices/filesystem", len(index.folders))


def _or_clean(
    index: FleetIndex, cases: list[FleetCase], check: str, where: str, count: int
) -> FleetAnswer:
    """The cases; without any, a pass if everything could be read."""
    if cases:
        return tuple(cases)
    unread = index.unread_of("devices")
    if unread is not None:
        return (FleetCase(unknown(unread[2], f"{unread[0].target} {where}")),)
    return (FleetCase(passed(check, seen(where, count))),)


CHECKS = (
    ("FLEET-DISK-001", own_disk),
    ("FLEET-PT-001", own_device),
    ("FLEET-FS-001", own_folder),
)
