"""Evidence by libvirt's own calls: what may take hours has a connection and a thread of its own.

Paths are made here from two uuids below one constant directory; ringfence-host has made it. What
is quick (sizes, documents, a picture, how far a job is) goes through the orders' link.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import libvirt
from lxml import etree

from core.hosts.evidence import (
    MATERIALS,
    AbortJob,
    BackupDisks,
    DiskSize,
    DiskSizes,
    DumpMemory,
    JobSeen,
    Material,
    MeasureDisks,
    ReadJob,
    ReadMaterial,
    Taken,
)
from core.hosts.protocol import (
    Answer,
    Applied,
    Failure,
    Report,
)
from core.hosts.worker.failures import ends_connection, failure_of
from core.hosts.worker.link import FIRST, JobQueue, Link
from core.hosts.worker.xml.document import BadXml, Element, attribute, parse

EVIDENCE = "/var/lib/ringfence/evidence"  # as ringfence-host has it
UNFINISHED = ".partial"  # until ringfence-host takes it over
MEMORY_FILE = "memory.elf"
MAX_PICTURE_BYTES = 32 * 1024 * 1024
JOB_LOOK_S = 0.2
_TARGET = re.compile(r"[a-z]{2,4}[a-z0-9]{0,8}")
_PICTURES = {
    "image/png": "png",
    "image/x-portable-pixmap": "ppm",
    "image/jpeg": "jpg",
}
_OPERATIONS = {
    libvirt.VIR_DOMAIN_JOB_OPERATION_DUMP: "dump",
    libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP: "backup",
}

Long = DumpMemory | BackupDisks
Quick = MeasureDisks | ReadMaterial | ReadJob | AbortJob
Result = Taken | DiskSizes | Material | JobSeen | Applied | Failure
Domain = Any  # a libvirt.virDomain, of whose calls the binding types some wrongly
Look = Callable[[str], libvirt.virDomain]


class EvidenceBench:
    """Answers each order once. A long one that finds no connection of its own waits for a link."""

    def __init__(
        self,
        dial: Callable[[], libvirt.virConnect],
        orders: JobQueue,
        bulk: JobQueue,
        send: Callable[[Report], None],
        broken: Callable[[BaseException], None],
        read_only: bool,
    ) -> None:
        self._broken = broken
        self._dial = dial
        self._orders = orders
        self._bulk = bulk
        self._send = send
        self._read_only = read_only

    def take(self, order: Long | Quick) -> None:
        if self._read_only and isinstance(order, Long | AbortJob):
            self._send(Answer(order.number, Failure("not-read-only")))
        elif isinstance(order, Long):
            threading.Thread(target=self._guarded, args=(order,), daemon=True).start()
        else:  # the job is asked for when an order hangs in it: not behind that order
            queue = self._bulk if isinstance(order, ReadJob) else self._orders
            queue.put(FIRST, lambda link: self._on_link(link, order))

    def _guarded(self, order: Long) -> None:
        try:
            self._alone(order)
        except BaseException as error:  # a thread's edge: an order must not stay unanswered
            self._broken(error)

    def _alone(self, order: Long) -> None:
        try:
            connection = self._dial()
        except libvirt.libvirtError:  # no further connection is granted
            self._bulk.put(FIRST, lambda link: self._on_link(link, order))
            return
        try:
            self._send(Answer(order.number, _answer(connection.lookupByUUIDString, order)[0]))
        finally:
            connection.close()

    def _on_link(self, link: Link, order: Long | Quick) -> None:
        result, lost = _answer(link.domain, order)
        self._send(Answer(order.number, result))
        if lost is not None:
            raise lost


def _answer(look: Look, order: Long | Quick) -> tuple[Result, libvirt.libvirtError | None]:
    """Do it; with the error that ends the connection, when it was one."""
    try:
        return _done(look(order.uuid), order), None
    except libvirt.libvirtError as error:
        return _failure(error), error if ends_connection(error) else None
    except (BadXml, UnicodeDecodeError) as error:
        return Failure("xml-unreadable", detail=str(error)), None


def _failure(error: libvirt.libvirtError) -> Failure:
    failure = failure_of(error)
    if "no space left" in failure.detail.lower():
        return Failure("evidence-no-room", failure.params, failure.detail)
    return failure


def _done(domain: Domain, order: Long | Quick) -> Result:
    match order:
        case DumpMemory():
            return _dumped(domain, order)
        case BackupDisks():
            return _backed_up(domain, order)
        case MeasureDisks():
            return _measured(domain)
        case ReadMaterial():
            return _material(domain, order.what)
        case ReadJob():
            return _job(domain)
        case AbortJob():
            domain.abortJob()
            return Applied("aborted")


def directory_of(case: str, collection: str) -> str | None:
    """Where ringfence-host expects what libvirt writes; None for what is no pair of uuids."""
    try:
        good = str(UUID(case)) == case and str(UUID(collection)) == collection
    except ValueError:
        return None
    return f"{EVIDENCE}/{case}/{collection}" if good else None


def _dumped(domain: Domain, order: DumpMemory) -> Result:
    """Past the page cache where the file system can: the dump must not push out what the host's
    other machines use."""
    folder = directory_of(order.case, order.collection)
    if folder is None:
        return Failure("order-unknown")
    path, raw = f"{folder}/{MEMORY_FILE}{UNFINISHED}", libvirt.VIR_DOMAIN_CORE_DUMP_FORMAT_RAW
    only = libvirt.VIR_DUMP_MEMORY_ONLY
    names: tuple[str, ...] = ("RAW", "VIR_DUMP_MEMORY_ONLY", "VIR_DUMP_BYPASS_CACHE")
    try:
        domain.coreDumpWithFormat(path, raw, only | libvirt.VIR_DUMP_BYPASS_CACHE)
    except libvirt.libvirtError as error:
        words = (error.get_error_message() or "").lower()
        if "o_direct" not in words and "invalid argument" not in words:
            raise
        domain.coreDumpWithFormat(path, raw, only)
        names = names[:2]
    return Taken((MEMORY_FILE,), "virDomainCoreDumpWithFormat", names)


# --- disks --------------------------------------------------------------------------------------


def _backed_up(domain: Domain, order: BackupDisks) -> Result:
    folder = directory_of(order.case, order.collection)
    if folder is None or not all(_TARGET.fullmatch(name) for name in order.disks):
        return Failure("order-unknown")
    disks = _disks(parse(domain.XMLDesc(0)))
    refused = [name for name in order.disks if name not in disks or plain_copy(disks[name])]
    if refused or not order.disks:
        return Failure("evidence-encrypted", {"disks": ", ".join(refused)})
    domain.backupBegin(backup_xml(folder, order.disks, disks), None, 0)
    locked = tuple(name for name in order.disks if _encrypted(disks[name]))
    if not all_locked(locked, domain.backupGetXMLDesc(0) if locked else ""):
        domain.abortJob()
        _end_of_job(domain)
        return Failure("evidence-encrypted", {"disks": ", ".join(locked)})
    failed = _end_of_job(domain)
    if failed:
        no_room = "no space left" in failed.lower()
        return Failure("evidence-no-room" if no_room else "evidence-backup", {}, failed)
    names = tuple(f"disk-{name}.qcow2" for name in order.disks)
    flags = tuple(f"{name}: LUKS, the disk's own secret" for name in locked)
    return Taken(names, "virDomainBackupBegin", ("push", "full", *flags))


def backup_xml(folder: str, wanted: tuple[str, ...], disks: dict[str, Element]) -> str:
    root = etree.Element("domainbackup", {"mode": "push"})
    listed = etree.SubElement(root, "disks")
    for name in disks:
        if name not in wanted:
            etree.SubElement(listed, "disk", {"name": name, "backup": "no"})
            continue
        words = {"name": name, "backup": "yes", "type": "file", "backupmode": "full"}
        disk = etree.SubElement(listed, "disk", words)
        etree.SubElement(disk, "driver", {"type": "qcow2"})
        file = {"file": f"{folder}/disk-{name}.qcow2{UNFINISHED}"}
        target = etree.SubElement(disk, "target", file)
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


def _disks(root: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for disk in root.iterfind("devices/disk"):
        name = attribute(disk.find("target"), "dev")
        if _TARGET.fullmatch(name):
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


def _measured(domain: Domain) -> DiskSizes:
    flags = 0 if domain.isActive() else libvirt.VIR_DOMAIN_XML_INACTIVE
    disks = _disks(parse(domain.XMLDesc(flags)))
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


# --- documents and pictures ---------------------------------------------------------------------


def _material(domain: Domain, what: str) -> Result:
    if what not in MATERIALS:
        return Failure("order-unknown")
    if what == "screenshot":
        return _picture(domain)
    text, method = _document(domain, what)
    return Material(what, text.encode("utf-8", "replace"), method)


def _document(domain: Domain, what: str) -> tuple[str, str]:
    inactive, secure = libvirt.VIR_DOMAIN_XML_INACTIVE, libvirt.VIR_DOMAIN_XML_SECURE
    match what:
        case "live.xml":
            return domain.XMLDesc(0), "virDomainGetXMLDesc"
        case "stored.xml":
            return domain.XMLDesc(inactive), "virDomainGetXMLDesc INACTIVE"
        case "migratable.xml":
            flags = secure | libvirt.VIR_DOMAIN_XML_MIGRATABLE
            return domain.XMLDesc(flags), "virDomainGetXMLDesc SECURE|MIGRATABLE"
        case "snapshots.xml":
            return _together("snapshots", domain.listAllSnapshots(0)), "virDomainSnapshotGetXMLDesc"
        case "checkpoints.xml":
            return _together(
                "checkpoints", domain.listAllCheckpoints(0)
            ), "virDomainCheckpointGetXMLDesc"
        case "capabilities.xml":
            return domain.connect().getCapabilities(), "virConnectGetCapabilities"
        case _:
            return domain.connect().getDomainCapabilities(), "virConnectGetDomainCapabilities"


def _together(name: str, items: Iterable[Any]) -> str:
    texts = "\n".join(each.getXMLDesc(0) for each in items)
    return f"<{name}>\n{texts}\n</{name}>\n"


def _picture(domain: Domain) -> Result:
    stream: Any = domain.connect().newStream(0)
    kind = domain.screenshot(stream, 0)
    pieces: list[bytes] = []
    size = 0
    while size <= MAX_PICTURE_BYTES and (piece := stream.recv(256 * 1024)):
        pieces.append(piece)
        size += len(piece)
    if size > MAX_PICTURE_BYTES:
        stream.abort()
        return Failure("evidence-picture", {}, f"more than {MAX_PICTURE_BYTES} bytes")
    stream.finish()
    name = f"screenshot.{_PICTURES.get(kind, 'bin')}"
    return Material(name, b"".join(pieces), "virDomainScreenshot")


def _job(domain: Domain) -> JobSeen:
    stats: Any = domain.jobStats()
    if stats.get("type", 0) == libvirt.VIR_DOMAIN_JOB_NONE:
        return JobSeen(False, "", 0, 0)
    done = sum(int(stats.get(f"{kind}_processed", 0)) for kind in ("memory", "disk"))
    total = sum(int(stats.get(f"{kind}_total", 0)) for kind in ("memory", "disk"))
    operation = _OPERATIONS.get(stats.get("operation", 0), "other")
    return JobSeen(True, operation, min(done, total), total)
