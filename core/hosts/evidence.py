"""Evidence by libvirt's own calls: what a worker may be asked for, and what it answers."""

from msgspec import Struct

from core.hosts.evidence_pool import POOL_READS, AnyPoolOrder, AnyPoolResult
from core.hosts.order import Order

MATERIALS = frozenset(
    {
        "live.xml",
        "stored.xml",
        "migratable.xml",
        "snapshots.xml",
        "checkpoints.xml",
        "saved.xml",
        "capabilities.xml",
        "domcapabilities.xml",
        "screenshot",
    }
)


class MeasureDisks(Order, frozen=True, tag="measure-disks"):
    """How large each disk of a machine is on its host. Changes nothing."""

    uuid: str


class ReadMaterial(Order, frozen=True, tag="read-material"):
    """Evidence that libvirt itself tells: `what` is one of MATERIALS. Changes nothing."""

    uuid: str
    what: str


class EvidenceOrder(Order, frozen=True):
    """Evidence that libvirt writes on its host, in the directory ringfence-host made for this
    collection of this case; both are uuids, and the worker makes the path."""

    uuid: str
    case: str
    collection: str


class DumpMemory(EvidenceOrder, frozen=True, tag="dump-memory"):
    """Write the machine's memory as an ELF image; once begun it cannot be cancelled."""


class BackupDisks(EvidenceOrder, frozen=True, tag="backup-disks"):
    """Copy these disks of a running machine as they are at one moment. An encrypted source's
    copy has the same secret; where that cannot be it is refused, for it would be plain."""

    disks: tuple[str, ...]


class ReadJob(Order, frozen=True, tag="read-job"):
    """How far the machine's present job is. Changes nothing."""

    uuid: str


class AbortJob(Order, frozen=True, tag="abort-job"):
    """Stop a copy of disks that is under way."""

    uuid: str


class DiskSize(Struct, frozen=True):
    """One disk as its host measured it. `capacity` is what the guest sees. `sealable`: encrypted,
    and a copy can be encrypted with the same secret."""

    target: str
    kind: str  # of the source: file, block, network, volume, ""
    format: str
    encrypted: bool
    read_only: bool
    capacity: int
    allocation: int
    sealable: bool = False

    @property
    def only_plain(self) -> bool:
        """Whether a copy made while the machine runs would be plain."""
        return self.encrypted and not self.sealable


class DiskSizes(Struct, frozen=True, tag="disk-sizes"):
    disks: tuple[DiskSize, ...]


class Material(Struct, frozen=True, tag="material"):
    """`name` is one of MATERIALS, for a screenshot with its picture's kind behind it."""

    name: str
    content: bytes
    method: str  # which call of libvirt gave it


class JobSeen(Struct, frozen=True, tag="job"):
    """`done` and `total` are bytes; without a job all is empty."""

    running: bool
    operation: str  # dump, backup, ...
    done: int
    total: int


class Taken(Struct, frozen=True, tag="taken"):
    """What libvirt wrote: names in the collection's directory, with the call and its flags."""

    names: tuple[str, ...]
    method: str
    flags: tuple[str, ...]


AnyEvidenceOrder = (
    MeasureDisks | ReadMaterial | DumpMemory | BackupDisks | ReadJob | AbortJob | AnyPoolOrder
)
AnyEvidenceResult = DiskSizes | Material | JobSeen | Taken | AnyPoolResult
EVIDENCE_READS = (MeasureDisks, ReadMaterial, ReadJob, *POOL_READS)
