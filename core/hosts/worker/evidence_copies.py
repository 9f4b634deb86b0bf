"""What libvirt writes on its host: a machine's memory, and its disks as they are at one moment.

Never plain is the copy of an encrypted disk. Where a copy goes is said by who calls.
"""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import libvirt
from lxml import etree

from core.hosts.evidence import DiskSize, DiskSizes, Taken
from core.hosts.evidence_pool import copy_name
from core.hosts.protocol import Failure
from core.hosts.worker.failures import ends_connection, failure_of
from core.hosts.worker.xml.document import Element, attribute, parse

JOB_LOOK_S = 0.2
CLOCK_STOOD, CLOCK_TRIES = "accurate CPU usage", 8
DISK_TARGET = re.compile(r"[a-z]{2,4}[a-z0-9]{0,8}")
Domain = Any  # a libvirt.virDomain, of whose calls the binding types some wrongly
PlaceOf = Callable[[str], str]  # of a disk: the path its copy is written to


def dumped(domain: Domain, path: str, name: str) -> Taken:
    """Past the page cache where the file system can: the dump must not push out what the host's
    other machines use."""
    raw, only = libvirt.VIR_DOMAIN_CORE_DUMP_FORMAT_RAW, libvirt.VIR_DUMP_MEMORY_ONLY
    flags: tuple[str, ...] = ("RAW", "VIR_DUMP_MEMORY_ONLY", "VIR_DUMP_BYPASS_CACHE")
    try:
        domain.coreDumpWithFormat(path, raw, only | libvirt.VIR_DUMP_BYPASS_CACHE)
    except libvirt.libvirtError as error:
        words = (error.get_error_message() or "").lower()
        if "o_direct" not in words and "invalid argument" not in words:
            raise
        domain.coreDumpWithFormat(path, raw, only)
        flags = flags[:2]
    return Taken((name,), "virDomainCoreDumpWithFormat", flags)


def backed_up(domain: Domain, wanted: tuple[str, ...], place_of: PlaceOf) -> Taken | Failure:
    """Copy them all at one moment and wait; what a failure leaves is for the caller to remove."""
    if not all(DISK_TARGET.fullmatch(name) for name in wanted):
        return Failure("order-unknown")
    disks = disks_in(parse(domain.XMLDesc(0)))
    refused = [name for name in wanted if name not in disks or plain_copy(disks[name])]
    if refused or not wanted:
        return Failure("evidence-encrypted", {"disks": ", ".join(refused)})
    _begin(domain, backup_xml(place_of, wanted, disks))
    locked = tuple(name for name in wanted if _encrypted(disks[name]))
    if not all_locked(locked, domain.backupGetXMLDesc(0) if locked else ""):
        domain.abortJob()
        _end_of_job(domain)
        return Failure("evidence-encrypted", {"disks": ", ".join(locked)})
    failed = _end_of_job(domain)
    if failed:
        return Failure(refusal_in(failed) or "evidence-backup", {}, failed)
    names = tuple(copy_name(name) for name in wanted)
    flags = tuple(f"{name}: LUKS, the disk's own secret" for name in locked)
    return Taken(names, "virDomainBackupBegin", ("push", "full", *flags))


def _begin(domain: Domain, text: str) -> None:
    """QEMU measures its processor before it makes an encrypted file, and fails when the clock has
    not moved meanwhile: nothing is wrong then."""
    for left in reversed(range(CLOCK_TRIES)):
        try:
            domain.backupBegin(text, None, 0)
            return
        except libvirt.libvirtError as error:
            if not left or CLOCK_STOOD not in (error.get_error_message() or ""):
                raise
            time.sleep(JOB_LOOK_S)


def why_not(error: libvirt.libvirtError) -> Failure:
    """Why the host did not write: one of the known reasons, or libvirt's own words."""
    failure = failure_of(error)
    code = refusal_in(failure.detail)
    return Failure(code, failure.params, failure.detail) if code else failure


def refusal_in(words: str) -> str:
    """Which of the known reasons not to write the host's words give; "" for none."""
    said = words.lower()
    if "no space left" in said:
        return "evidence-no-room"
    refused = ("permission denied", "operation not permitted", "read-only file system")
    return "evidence-refused-there" if any(each in said for each in refused) else ""


def backup_xml(place_of: PlaceOf, wanted: tuple[str, ...], disks: dict[str, Element]) -> str:
    root = etree.Element("domainbackup", {"mode": "push"})
    listed = etree.SubElement(root, "disks")
    for name in disks:
        if name not in wanted:
            etree.SubElement(listed, "disk", {"name": name, "backup": "no"})
            continue
        words = {"name": name, "backup": "yes", "type": "file", "backupmode": "full"}
        disk = etree.SubElement(listed, "disk", words)
        etree.SubElement(disk, "driver", {"type": "qcow2"})
        target = etree.SubElement(disk, "target", {"file": place_of(name)})
        secret = luks_secret(disks[name])
        if secret:
            encryption = etree.SubElement(target, "encryption", {"format": "luks"})
            etree.SubElement(encryption, "secret", {"type": "passphrase", "uuid": secret})
    return etree.tostring(root, encoding="unicode")


def _end_of_job(domain: Domain) -> str:
    """Wait until the job is over; what it complained of, "" when it succeeded."""
    stats: Any = domain.jobStats()
    while stats.get("type", 0) != libvirt.VIR_DOMAIN_JOB_NONE:
        time.sleep(JOB_LOOK_S)
        stats = domain.jobStats()
    ended: Any = domain.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)
    if ended.get("success") is True:
        return ""
    return str(ended.get("errmsg") or "the job did not succeed")[:500]


def disks_in(root: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for disk in root.iterfind("devices/disk"):
        name = attribute(disk.find("target"), "dev")
        if DISK_TARGET.fullmatch(name):
            found[name] = disk
    return found


def luks_secret(disk: Element) -> str:
    """The secret that opens the uppermost file of a LUKS disk; "" when it is none, or another's."""
    found = [*disk.iterfind("source/encryption"), *disk.iterfind("encryption")]
    if len(found) != 1 or attribute(found[0], "format") != "luks":
        return ""
    secrets = found[0].findall("secret")
    if len(secrets) != 1 or attribute(secrets[0], "type") != "passphrase":
        return ""
    try:
        return str(UUID(attribute(secrets[0], "uuid")))
    except ValueError:
        return ""


def plain_copy(disk: Element) -> bool:
    """Whether an encrypted disk could only be copied plain."""
    return _encrypted(disk) and not luks_secret(disk)


def all_locked(names: tuple[str, ...], told: str) -> bool:
    """Whether the job that began, as libvirt tells it, seals each of these disks."""
    if not names:
        return True
    disks = {attribute(disk, "name"): disk for disk in parse(told).iterfind("disks/disk")}
    return all(
        name in disks and disks[name].find("target/encryption[@format='luks']/secret") is not None
        for name in names
    )


def _encrypted(disk: Element) -> bool:
    """Also when only a file below it in the chain is: reading it all would make it plain."""
    return disk.find(".//encryption") is not None


def measured(domain: Domain) -> DiskSizes:
    flags = 0 if domain.isActive() else libvirt.VIR_DOMAIN_XML_INACTIVE
    disks = disks_in(parse(domain.XMLDesc(flags)))
    return DiskSizes(
        tuple(
            _size(domain, name, disk)
            for name, disk in disks.items()
            if attribute(disk, "device") in ("", "disk", "lun")
        )
    )


def _size(domain: Domain, name: str, disk: Element) -> DiskSize:
    """One that cannot be measured (not there, on a network) has no size, and is still named."""
    try:
        capacity, allocation, _ = domain.blockInfo(name)
    except libvirt.libvirtError as error:
        if ends_connection(error):
            raise
        capacity = allocation = 0
    return DiskSize(
        target=name,
        kind=attribute(disk, "type"),
        format=attribute(disk.find("driver"), "type"),
        encrypted=_encrypted(disk),
        sealable=bool(luks_secret(disk)),
        read_only=disk.find("readonly") is not None,
        capacity=int(capacity),
        allocation=int(allocation),
    )
