"""A host where nothing of ours runs: libvirt writes into its one pool, and reads out of it."""

from pathlib import Path

from core.changes.hands import Result
from core.hosts.evidence import Taken
from core.hosts.evidence_pool import (
    BackupToPool,
    DropFromPool,
    DumpToPool,
    FindVolumes,
    Piece,
    PoolGone,
    PoolSeenAnew,
    ReadPiece,
    ReadPool,
    VolumeFile,
    VolumesSeen,
)
from core.hosts.helper.orders import HelperOrder
from core.hosts.protocol import Order
from core.text import RingfenceError
from tests.unit.incidents.evidence_host import MEMORY, EvidenceHost

POOL = "images"
DISK = b"QFI\xfb" + b"of the guest" * 500 + bytes(3000)


class PoolHost(EvidenceHost):
    """`lying`: what else is in its pool. `moving`: every look finds a file changed since."""

    def __init__(self, root: Path, free: int = 10**12) -> None:
        super().__init__(root, free)
        self.root.mkdir(exist_ok=True)
        self.moving = False
        self.chain: tuple[str, ...] = ()  # of a stopped machine's one disk
        self.lost: tuple[str, ...] = ()
        self._looks = 0

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if isinstance(order, HelperOrder):
            raise RingfenceError("helper-no-ssh", host=host)
        found = await super().order(host, order, deadline_s) if not _of_pool(order) else None
        if found is not None:
            return found
        self.given.append(type(order).__name__)
        if type(order) in self.refuse:
            raise RingfenceError(self.refuse[type(order)], host=host, pool=POOL, name="")
        return self._done(order)

    def _done(self, order: Order) -> Result:
        match order:
            case DumpToPool():
                return self._new(order.collection, {"memory.elf": MEMORY})
            case BackupToPool():
                copies = {f"disk-{name}.qcow2": DISK for name in order.disks}
                return self._new(order.collection, copies)
            case ReadPool():
                return PoolSeenAnew(self.free, tuple(self._files(order.collection)))
            case DropFromPool():
                files = [
                    file for file in self._files(order.collection) if order.name in ("", file.name)
                ]
                for file in files:
                    (self.root / file.volume).unlink()
                return PoolGone(tuple(file.name for file in files))
            case FindVolumes():
                files = [
                    self._file(f"disk-vda.{at}.img", self.root / name)
                    for at, name in enumerate(self.chain)
                ]
                return VolumesSeen(tuple(files), self.lost)
            case ReadPiece():
                body = (self.root / order.volume).read_bytes()
                return _piece(body[order.offset : order.offset + order.length])
            case _:
                raise AssertionError(order)

    def _new(self, collection: str, files: dict[str, bytes]) -> Taken:
        for name, content in files.items():
            file = self.root / f"ringfence-{collection}-{name}"
            assert not file.exists(), "an existing file must never be written over"
            file.write_bytes(content)
        return Taken(tuple(files), "call", ("FLAG",))

    def _files(self, collection: str) -> list[VolumeFile]:
        prefix = f"ringfence-{collection}-"
        found = sorted(self.root.glob(f"{prefix}*"))
        return [self._file(file.name.removeprefix(prefix), file) for file in found]

    def _file(self, name: str, file: Path) -> VolumeFile:
        self._looks += 1
        at = str(self._looks if self.moving else file.stat().st_mtime_ns)
        return VolumeFile(name, POOL, file.name, str(file), file.stat().st_size, at)


def _of_pool(order: Order) -> bool:
    kinds = ReadPiece | ReadPool | DumpToPool | BackupToPool | DropFromPool | FindVolumes
    return isinstance(order, kinds)


def _piece(body: bytes) -> Piece:
    """The zeros at its end as a number."""
    solid = body.rstrip(b"\0")
    zeros = len(body) - len(solid)
    return Piece(tuple(run for run in (solid, zeros) if run))
