"""A host that has evidence: its files outlive whoever asks, as a real host's do."""

import hashlib
import shutil
from pathlib import Path

from core.changes.hands import Result
from core.hosts.evidence import (
    BackupDisks,
    DumpMemory,
    JobSeen,
    Material,
    ReadJob,
    ReadMaterial,
    Taken,
)
from core.hosts.helper.evidence import (
    BeginEvidence,
    CollectEvidence,
    DropEvidence,
    EvidenceFetched,
    EvidenceGone,
    EvidenceLying,
    EvidenceOrder,
    EvidenceRoom,
    EvidenceTaken,
    FetchEvidence,
    FileLying,
    ReadEvidence,
    SealedPart,
    TakenFile,
)
from core.hosts.protocol import (
    Order,
)
from core.text import RingfenceError

AT = "2026-11-22T02:00:00.000+00:00"
FILES = {
    "memory": ("memory.elf",),
    "disks": ("disk-vda.qcow2",),
    "network": ("network.txt",),
    "host": ("host.txt",),
    "logs": ("machine.log", "journal.log", "audit.log"),
}
MEMORY = b"\x7fELF" + b"secret of the guest" * 1000


class EvidenceHost:
    """`free`: bytes it says are free; `refuse`: orders of these types fail with a code."""

    def __init__(self, root: Path, free: int = 10**12) -> None:
        self.root = root
        self.free = free
        self.refuse: dict[type[Order], str] = {}
        self.given: list[str] = []

    @property
    def left(self) -> list[str]:
        """Everything of evidence that still lies here."""
        return sorted(path.name for path in self.root.rglob("*") if path.is_file())

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        self.given.append(type(order).__name__)
        if type(order) in self.refuse:
            raise RingfenceError(self.refuse[type(order)], host=host)
        match order:
            case ReadJob():
                return JobSeen(False, "", 0, 0)
            case ReadMaterial():
                return Material(order.what, f"<{order.what}/>".encode(), "call")
            case DumpMemory():
                room = self.root / order.case / order.collection
                return self._written(room, ("memory.elf",), MEMORY)
            case BackupDisks():
                room = self.root / order.case / order.collection
                names = tuple(f"disk-{name}.qcow2" for name in order.disks)
                return self._written(room, names, b"QFI\xfb" + bytes(5000))
            case EvidenceOrder():
                return self._evidence(order)
            case _:
                raise RingfenceError("no-support", host=host)

    def _written(self, room: Path, names: tuple[str, ...], content: bytes) -> Taken:
        for name in names:
            assert not (room / name).exists(), "an existing file must never be written over"
            (room / f"{name}.partial").write_bytes(content)
        return Taken(names, "call", ("FLAG",))

    def _evidence(self, order: EvidenceOrder) -> Result:
        room = self.root / order.case / order.collection
        match order:
            case BeginEvidence():
                room.mkdir(parents=True, exist_ok=True)
                return EvidenceRoom(self.free, "OpenSSL 3", AT)
            case ReadEvidence():
                files = sorted(room.iterdir())
                lying = (FileLying(file.name, file.stat().st_size) for file in files)
                return EvidenceLying(self.free, tuple(lying))
            case CollectEvidence():
                return EvidenceTaken(tuple(self._collected(room, order.kind)), ())
            case FetchEvidence():
                return _fetched(room / order.name, Path(order.folder))
            case DropEvidence():
                if order.name:
                    (room / order.name).unlink()
                else:
                    shutil.rmtree(room, ignore_errors=True)
                return EvidenceGone((order.name,), AT)
            case _:
                raise AssertionError(order)

    def _collected(self, room: Path, kind: str) -> list[TakenFile]:
        found: list[TakenFile] = []
        for name in FILES[kind]:
            file = room / name
            unfinished = file.with_name(f"{name}.partial")
            if unfinished.exists():
                unfinished.replace(file)
            elif kind not in ("memory", "disks"):
                file.write_text(f"{kind} {name}")
            body = file.read_bytes()
            sha256 = hashlib.sha256(body).hexdigest()
            found.append(TakenFile(name, len(body), sha256, "call", AT, AT))
        return found


def _fetched(file: Path, folder: Path) -> EvidenceFetched:
    """Sealing is the real host's; here only that it is not the plain file."""
    body = file.read_bytes()
    sealed = bytes(byte ^ 0x5A for byte in body)
    target = folder / f"{file.name}.000.cms"
    partial = target.with_name(target.name + ".partial")
    partial.write_bytes(sealed[: len(sealed) // 2])
    partial.write_bytes(sealed)
    partial.replace(target)
    part = SealedPart(target.name, len(sealed), hashlib.sha256(sealed).hexdigest(), len(body))
    return EvidenceFetched((part,), len(body), hashlib.sha256(body).hexdigest())
