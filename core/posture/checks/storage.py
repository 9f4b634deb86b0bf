"""Where data comes from and what stays behind: shares, network storage, snapshots, media."""

from datetime import datetime, timedelta

from core.facts import Device, Disk, Snapshot, Unknown
from core.posture.checks.devices import devices_of
from core.posture.checks.disk import DISK, disks_of, place
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
from core.posture.subject import MachineSubject

OLD, TOO_OLD = timedelta(days=7), timedelta(days=30)
LONGEST_CHAIN = 10
SNAPSHOTS = "virDomainListAllSnapshots"
_HOST_FOLDERS = ("/etc", "/root", "/home", "/var/lib/libvirt", "/boot", "/usr", "/run", "/dev")
_CLEAR = frozenset({"http", "ftp", "tftp"})
_OPEN = frozenset({"nbd", "iscsi", "sheepdog", "gluster", "nfs"})
_SEEDS = ("cidata", "seed", "cloud-init", "config-2", "configdrive")


def no_host_folder(subject: MachineSubject) -> Outcome:
    """STO-FS-001: no directory of the host stands open to the guest."""
    shares = devices_of(subject, "filesystem")
    if isinstance(shares, Outcome):
        return shares
    if not shares:
        return passed("STO-FS-001", seen("/domain/devices/filesystem", "none"))
    return worst([_share(each) for each in shares])


def _share(share: Device) -> Outcome:
    folder = share.source
    evidence = seen("/domain/devices/filesystem/source", f"{folder} {share['accessmode']}".strip())
    if folder == "/" or any(f"{folder}/".startswith(f"{each}/") for each in _HOST_FOLDERS):
        return failed("STO-FS-001", "system", evidence, folder=folder)
    return warned("STO-FS-001", "shared", evidence, folder=folder)


def guarded_network_storage(subject: MachineSubject) -> Outcome:
    """STO-NET-001: storage over the network knows its client and is not read on the way."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    remote = [each for each in disks if each.source_kind == "network"]
    if not remote:
        return not_applicable("no-disk")
    return worst([_remote(disk) for disk in remote])


def _remote(disk: Disk) -> Outcome:
    protocol = disk.source.partition(":")[0]
    evidence = seen(place(disk, "source/@protocol"), f"{protocol} {listed(disk.hosts)}".strip())
    if protocol in _CLEAR:
        return failed("STO-NET-001", "clear", evidence, disk=disk.target, protocol=protocol)
    if disk.network_tls is True:
        return passed("STO-NET-001", evidence)
    if disk.secret:
        if protocol == "rbd":
            return passed("STO-NET-001", evidence)
        return warned("STO-NET-001", "login-only", evidence, disk=disk.target, protocol=protocol)
    if isinstance(disk.network_tls, Unknown):
        return unknown(disk.network_tls, place(disk, "source/@tls"))
    if protocol in _OPEN or protocol == "rbd":
        return failed("STO-NET-001", "open", evidence, disk=disk.target, protocol=protocol)
    return passed("STO-NET-001", evidence)


def no_old_snapshots(subject: MachineSubject) -> Outcome:
    """STO-SNAP-001: no snapshot that keeps yesterday's holes and passwords."""
    snapshots = subject.machine.snapshots
    if isinstance(snapshots, Unknown):
        return unknown(snapshots, SNAPSHOTS)
    deepest = _deepest(subject)
    if deepest > LONGEST_CHAIN:
        evidence = seen(f"{DISK}/backingStore", deepest)
        return failed("STO-SNAP-001", "deep", evidence, depth=deepest)
    answers = [_age(each, subject.now) for each in snapshots]
    unread = _unread_chain(subject)
    if unread is not None:
        answers.append(unknown(unread, f"{DISK}/backingStore"))
    return worst(answers) if answers else passed("STO-SNAP-001", seen(SNAPSHOTS, "none"))


def _age(snapshot: Snapshot, now: datetime) -> Outcome:
    where = f"{SNAPSHOTS} {snapshot.name}"
    if isinstance(snapshot.created_at, Unknown):
        return unknown(snapshot.created_at, where)
    age = now - snapshot.created_at
    evidence = seen(where, snapshot.created_at.isoformat())
    if age <= OLD:
        return passed("STO-SNAP-001", evidence)
    say = failed if age > TOO_OLD else warned
    return say("STO-SNAP-001", "old", evidence, name=snapshot.name, days=age.days)


def _deepest(subject: MachineSubject) -> int:
    disks = subject.machine.disks
    if isinstance(disks, Unknown):
        return 0
    return max((len(d.chain) for d in disks if not isinstance(d.chain, Unknown)), default=0)


def _unread_chain(subject: MachineSubject) -> Unknown | None:
    """Of a machine that is off nobody knows the chains: libvirt looks for them at the start."""
    disks = subject.machine.disks
    if isinstance(disks, Unknown):
        return disks
    chains = [disk.chain for disk in disks if subject.machine.active]
    return next((chain for chain in chains if isinstance(chain, Unknown)), None)


def no_memory_snapshots(subject: MachineSubject) -> Outcome:
    """STO-SNAP-002: no snapshot holds the guest's memory with its keys."""
    snapshots = subject.machine.snapshots
    if isinstance(snapshots, Unknown):
        return unknown(snapshots, SNAPSHOTS)
    found = [each.name for each in snapshots if each.with_memory]
    evidence = seen(f"{SNAPSHOTS} memory", listed(found) or "none")
    if found:
        return warned("STO-SNAP-002", "memory", evidence, names=listed(found))
    return passed("STO-SNAP-002", evidence)


def no_forgotten_medium(subject: MachineSubject) -> Outcome:
    """STO-CD-001: no installation or seed medium was left in a drive."""
    disks = subject.machine.disks
    if isinstance(disks, Unknown):
        return unknown(disks, DISK)
    media = [each for each in disks if each.device in {"cdrom", "floppy"} and each.source]
    for medium in media:
        if any(word in medium.source.lower() for word in _SEEDS):
            evidence = seen(place(medium, "source"), medium.source)
            return failed("STO-CD-001", "seed", evidence, disk=medium.target)
    if media:
        evidence = seen(place(media[0], "source"), media[0].source)
        return warned("STO-CD-001", "medium", evidence, disk=media[0].target)
    return passed("STO-CD-001", seen(f"{DISK}[@device='cdrom']/source", "empty"))


CHECKS = (
    ("STO-FS-001", no_host_folder),
    ("STO-NET-001", guarded_network_storage),
    ("STO-SNAP-001", no_old_snapshots),
    ("STO-SNAP-002", no_memory_snapshots),
    ("STO-CD-001", no_forgotten_medium),
)
