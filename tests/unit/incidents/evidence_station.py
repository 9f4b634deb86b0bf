"""A station that takes evidence: journal, runner, keys and cases on one folder."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.audit.log import AuditLog
from core.changes.journal import Journal
from core.changes.killpoints import KillPoints
from core.changes.locks import Locks
from core.changes.plan import Plan
from core.changes.runner import Runner
from core.changes.seal import open_sealer
from core.hosts.evidence import DiskSize
from core.hosts.evidence_pool import PoolSeen
from core.incidents.evidence.kinds import EvidenceKind
from core.incidents.evidence.measure import Measured
from core.incidents.evidence.plan import plan_evidence
from core.incidents.evidence.room import CaseFiles
from core.keys.purposes import Purpose
from core.keys.ring import open_ring
from core.keys.store import open_keys
from core.keys.wrapping import Wrapping, wrap_by_passphrase
from tests.unit.changes.station import view
from tests.unit.incidents.evidence_host import EvidenceHost
from tests.unit.incidents.evidence_pool_host import POOL, PoolHost

CASE = "01a201c2-cd81-7161-a8e0-a5fd9388f133"
PASSPHRASE = "a long enough passphrase"
KINDS = (EvidenceKind.MEMORY, EvidenceKind.NETWORK, EvidenceKind.DISKS, EvidenceKind.SNAPSHOTS)
BY_POOL = (EvidenceKind.MEMORY, EvidenceKind.DISKS)
DISK = DiskSize("vda", "file", "qcow2", False, False, 5000, 5000)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class EvidenceStation:
    """One process's view of it; `unlocked`: the key that signs is open."""

    folder: Path
    points: KillPoints | None = None
    unlocked: bool = True
    pool: bool = False  # nothing of ours runs on its host

    def __post_init__(self) -> None:
        folder = self.folder
        keys = open_keys(folder / "keys", None)
        self.host = (PoolHost if self.pool else EvidenceHost)(folder / "host")
        self.ring = open_ring(folder / "config")
        if self.unlocked:
            self.ring.unlock(self.ring.need(Purpose.EVIDENCE), PASSPHRASE)
        self.audit = AuditLog(folder / "audit.sqlite3", keys)
        self.journal = Journal(folder / "journal.sqlite3")
        config = folder / "config"
        self.cases = CaseFiles(folder / "cases", config, lambda: self.ring, self.audit.head)
        about = (self.journal, self.host, open_sealer(keys), Locks(folder / "locks"), self.audit)
        self.runner = Runner(*about, now, self.points, cases=self.cases)

    def close(self) -> None:
        self.journal.close()
        self.audit.close()

    @property
    def collection(self) -> Path:
        """The one there is."""
        [found] = (self.folder / "cases" / CASE).iterdir()
        return found


def make_keys(folder: Path) -> None:
    def wrap(key: bytes, name: str) -> Wrapping:
        return wrap_by_passphrase(key, name, PASSPHRASE, 64)

    for purpose in (Purpose.CASE, Purpose.EVIDENCE):
        open_ring(folder / "config").make(purpose, wrap)


def sample_plan(kinds: tuple[EvidenceKind, ...] = (), pool: bool = False) -> Plan:
    kinds = kinds or (BY_POOL if pool else KINDS)
    room = (PoolSeen(POOL, "/var/lib/libvirt/images", 10**12),) if pool else ()
    measured = Measured(not pool, (DISK,), room)
    about = (view(), CASE, kinds)
    return plan_evidence(*about, reason="test", operator="alice", now=now(), measured=measured)
