"""Evidence by libvirt's own calls: what may take hours has a connection and a thread of its own.

Paths are made here from two uuids below one constant directory; ringfence-host has made it. What
is quick (sizes, documents, a picture, how far a job is) goes through the orders' link; what is in
a storage pool over a connection that nothing else needs.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import libvirt

from core.hosts.evidence import (
    MATERIALS,
    AbortJob,
    BackupDisks,
    DiskSizes,
    DumpMemory,
    JobSeen,
    Material,
    MeasureDisks,
    ReadJob,
    ReadMaterial,
    Taken,
)
from core.hosts.evidence_pool import (
    MEMORY_NAME,
    AnyPoolOrder,
    AnyPoolResult,
    BackupToPool,
    DumpToPool,
    PoolEffect,
    copy_name,
)
from core.hosts.protocol import (
    Answer,
    Applied,
    Failure,
    Report,
)
from core.hosts.worker.evidence_copies import (
    Domain,
    PlaceOf,
    backed_up,
    dumped,
    measured,
    why_not,
)
from core.hosts.worker.evidence_pool import carry_out_pool
from core.hosts.worker.failures import ends_connection
from core.hosts.worker.link import FIRST, JobQueue, Link
from core.hosts.worker.own_connection import Open, OwnConnection
from core.hosts.worker.volume_pieces import PieceReader
from core.hosts.worker.xml.document import BadXml

EVIDENCE = "/var/lib/ringfence/evidence"  # as ringfence-host has it
UNFINISHED = ".partial"  # until ringfence-host takes it over
MAX_PICTURE_BYTES = 32 * 1024 * 1024
_PICTURES = {
    "image/png": "png",
    "image/x-portable-pixmap": "ppm",
    "image/jpeg": "jpg",
}
_OPERATIONS = {
    libvirt.VIR_DOMAIN_JOB_OPERATION_DUMP: "dump",
    libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP: "backup",
}

Long = DumpMemory | BackupDisks | DumpToPool | BackupToPool
Quick = MeasureDisks | ReadMaterial | ReadJob | AbortJob
AnyEvidence = Long | Quick | AnyPoolOrder
Result = Taken | DiskSizes | Material | JobSeen | AnyPoolResult | Applied | Failure
Look = Callable[[str], libvirt.virDomain]
Asked = tuple[Result, libvirt.libvirtError | None]  # with the error that ended the connection


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
        pools: bool,
    ) -> None:
        self._broken = broken
        self._dial = dial
        self._orders = orders
        self._bulk = bulk
        self._send = send
        self._read_only = read_only
        self._pools = pools  # whether the driver has real ones
        self._reader = PieceReader()  # of the next one's thread
        self._volumes = OwnConnection(dial, broken, self._reader.drop)

    def take(self, order: AnyEvidence) -> None:
        if self._read_only and isinstance(order, Long | AbortJob | PoolEffect):
            self._send(Answer(order.number, Failure("not-read-only")))
        elif isinstance(order, AnyPoolOrder) and not self._pools:
            self._send(Answer(order.number, Failure("no-support")))
        elif isinstance(order, Long):
            threading.Thread(target=self._guarded, args=(order,), daemon=True).start()
        elif isinstance(order, AnyPoolOrder):
            self._volumes.do(lambda opened: self._on_own(opened, order))
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
            look = connection.lookupByUUIDString
            self._send(Answer(order.number, _answer(connection, look, order)[0]))
        finally:
            connection.close()

    def _on_own(self, opened: Open, order: AnyPoolOrder) -> None:
        try:
            connection = opened()
        except libvirt.libvirtError:  # no further connection is granted
            self._bulk.put(FIRST, lambda link: self._on_link(link, order))
            return
        result, lost = _answer(connection, connection.lookupByUUIDString, order, self._reader)
        self._send(Answer(order.number, result))
        if lost is not None:
            raise lost

    def _on_link(self, link: Link, order: AnyEvidence) -> None:
        result, lost = _answer(link.connection, link.domain, order)
        self._send(Answer(order.number, result))
        if lost is not None:
            raise lost


def _answer(
    connection: libvirt.virConnect,
    look: Look,
    order: AnyEvidence,
    reader: PieceReader | None = None,
) -> Asked:
    try:
        if isinstance(order, AnyPoolOrder):
            return carry_out_pool(connection, order, reader or PieceReader()), None
        return _done(look(order.uuid), order), None
    except libvirt.libvirtError as error:
        return why_not(error), error if ends_connection(error) else None
    except (BadXml, UnicodeDecodeError) as error:
        return Failure("xml-unreadable", detail=str(error)), None


def _done(domain: Domain, order: DumpMemory | BackupDisks | Quick) -> Result:
    match order:
        case DumpMemory() | BackupDisks():
            return _written(domain, order)
        case MeasureDisks():
            return measured(domain)
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


def _written(domain: Domain, order: DumpMemory | BackupDisks) -> Result:
    folder = directory_of(order.case, order.collection)
    if folder is None:
        return Failure("order-unknown")
    if isinstance(order, DumpMemory):
        return dumped(domain, f"{folder}/{MEMORY_NAME}{UNFINISHED}", MEMORY_NAME)
    return backed_up(domain, order.disks, place_of(folder))


def place_of(folder: str) -> PlaceOf:
    """Of a disk's copy in a collection's directory."""
    return lambda disk: f"{folder}/{copy_name(disk)}{UNFINISHED}"


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
        case "saved.xml":
            return domain.managedSaveGetXMLDesc(secure), "virDomainManagedSaveGetXMLDesc SECURE"
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
