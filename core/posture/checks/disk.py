"""Disks as they are attached: format, encryption, sharing, raw access."""

from core.facts import Disk, EncryptionFormat, Unknown
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
from core.posture.reading import not_qemu
from core.posture.subject import MachineSubject

DISK = "/domain/devices/disk"
_LUKS = frozenset({EncryptionFormat.LUKS, EncryptionFormat.LUKS2})
_UNCACHED = frozenset({"none", "directsync"})


def disks_of(subject: MachineSubject) -> tuple[Disk, ...] | Outcome:
    """A QEMU machine's disks, or the answer when there are none or nobody knows."""
    return not_qemu(subject.machine) or any_disks_of(subject)


def any_disks_of(subject: MachineSubject) -> tuple[Disk, ...] | Outcome:
    """Disks with something in them, whatever runs the machine."""
    disks = subject.machine.disks
    if isinstance(disks, Unknown):
        return unknown(disks, DISK)
    return tuple(each for each in disks if each.source) or not_applicable("no-disk")


def place(disk: Disk, part: str) -> str:
    return f"{DISK}[{disk.target}]/{part}"


def format_declared(subject: MachineSubject) -> Outcome:
    """STO-FMT-001: the format is written down; a guest could fake one that is guessed."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    taints = subject.machine.taints
    if not isinstance(taints, Unknown) and "disk-probing" in taints:
        return failed("STO-FMT-001", "probed", seen("virDomainGetMessages", "disk-probing"))
    guessed = [each for each in disks if not each.format]
    if guessed:
        evidence = seen(place(guessed[0], "driver/@type"), "none")
        return failed("STO-FMT-001", "none", evidence, disks=listed([d.target for d in guessed]))
    if isinstance(taints, Unknown) and subject.machine.active:
        return unknown(taints, "virDomainGetMessages")
    return passed("STO-FMT-001", seen(f"{DISK}/driver/@type", listed([d.format for d in disks])))


def chain_declared(subject: MachineSubject) -> Outcome:
    """STO-FMT-002: every backing file has a written format and lies on this host."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    return worst([_chain(subject, disk) for disk in disks])


def _chain(subject: MachineSubject, disk: Disk) -> Outcome:
    where = place(disk, "backingStore")
    if isinstance(disk.chain, Unknown):
        idle = not subject.machine.active
        return not_applicable("not-running") if idle else unknown(disk.chain, where)
    if not disk.chain:
        return passed("STO-FMT-002", seen(where, "none"))
    evidence = seen(where, " <- ".join(disk.chain[:6]))
    if len(disk.chain_formats) < len(disk.chain) or "" in disk.chain_formats:
        return failed("STO-FMT-002", "no-format", evidence, disk=disk.target)
    if any(":" in layer.split("/")[0] for layer in disk.chain):
        return warned("STO-FMT-002", "elsewhere", evidence, disk=disk.target)
    return passed("STO-FMT-002", evidence)


def encrypted(subject: MachineSubject) -> Outcome:
    """STO-ENC-001: what the machine writes is encrypted where it lies."""
    disks = any_disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    written = [each for each in disks if not each.read_only and each.device in {"disk", "lun"}]
    if not written:
        return not_applicable("no-disk")
    return worst([_encryption(subject, disk) for disk in written])


def _encryption(subject: MachineSubject, disk: Disk) -> Outcome:
    where = place(disk, "source/encryption/@format")
    if isinstance(disk.encryption, Unknown):
        return unknown(disk.encryption, where)
    evidence = seen(where, disk.encryption.value)
    if disk.encryption in _LUKS:
        return passed("STO-ENC-001", evidence)
    say = failed if subject.confidential else warned
    return say("STO-ENC-001", "plain", evidence, disk=disk.target)


def no_old_encryption(subject: MachineSubject) -> Outcome:
    """STO-ENC-002: not the old qcow encryption, which is known to be broken."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    for disk in disks:
        where = place(disk, "source/encryption/@format")
        if isinstance(disk.encryption, Unknown):
            return unknown(disk.encryption, where)
        if disk.encryption is EncryptionFormat.QCOW:
            return failed("STO-ENC-002", "qcow", seen(where, "qcow"), disk=disk.target)
    return passed("STO-ENC-002", seen(f"{DISK}/source/encryption/@format", "no qcow"))


def shared_with_care(subject: MachineSubject) -> Outcome:
    """STO-SHARE-001: a disk that several may write is at least built for it."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    shared = [each for each in disks if each.shareable and not each.read_only]
    if not shared:
        return passed("STO-SHARE-001", seen(f"{DISK}/shareable", "none"))
    return worst([_sharing(disk) for disk in shared])


def _sharing(disk: Disk) -> Outcome:
    evidence = seen(place(disk, "shareable"), f"{disk.format or 'no format'}, cache={disk.cache}")
    if disk.format != "raw" or disk.cache not in _UNCACHED:
        return failed("STO-SHARE-001", "ruinous", evidence, disk=disk.target)
    return warned("STO-SHARE-001", "shared", evidence, disk=disk.target)


def no_raw_commands(subject: MachineSubject) -> Outcome:
    """STO-RAWIO-001: the guest cannot send its own SCSI commands to the device."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    for disk in disks:
        if disk.raw_io or disk.sgio == "unfiltered":
            evidence = seen(place(disk, "@rawio"), disk.sgio or "yes")
            return failed("STO-RAWIO-001", "raw", evidence, disk=disk.target)
    lun = next((each for each in disks if each.device == "lun"), None)
    if lun is not None:
        return warned("STO-RAWIO-001", "lun", seen(place(lun, "@device"), "lun"), disk=lun.target)
    return passed("STO-RAWIO-001", seen(f"{DISK}/@rawio", "no"))


def safe_cache(subject: MachineSubject) -> Outcome:
    """STO-CACHE-001: what the guest was told is written is written."""
    disks = disks_of(subject)
    if isinstance(disks, Outcome):
        return disks
    for disk in disks:
        if disk.cache == "unsafe" or disk.error_policy == "ignore":
            evidence = seen(place(disk, "driver"), f"{disk.cache} {disk.error_policy}".strip())
            return failed("STO-CACHE-001", "unsafe", evidence, disk=disk.target)
    return passed("STO-CACHE-001", seen(f"{DISK}/driver/@cache", listed([d.cache for d in disks])))


CHECKS = (
    ("STO-FMT-001", format_declared),
    ("STO-FMT-002", chain_declared),
    ("STO-ENC-001", encrypted),
    ("STO-ENC-002", no_old_encryption),
    ("STO-SHARE-001", shared_with_care),
    ("STO-RAWIO-001", no_raw_commands),
    ("STO-CACHE-001", safe_cache),
)
