"""Evidence on a host where nothing of ours runs: through a storage pool, by libvirt's calls alone.

What libvirt writes there has a name made by the worker from the collection's id and a closed set,
in a directory pool that the plan names. What is read comes in pieces, each asked for by itself.
"""

from msgspec import Struct

from core.hosts.order import Order

MAX_PIECE_BYTES = 2 * 1024 * 1024  # larger ones would hold up the window that asks for them
MEMORY_NAME = "memory.elf"


def copy_name(disk: str) -> str:
    """What the copy of a running machine's disk is called, wherever libvirt writes it."""
    return f"disk-{disk}.qcow2"


class ReadPools(Order, frozen=True, tag="read-pools"):
    """Which active pools are directories of the host, and how much is free. Changes nothing."""


class FindVolumes(Order, frozen=True, tag="find-volumes"):
    """The files of a stopped machine's disks, as far as they are volumes. Changes nothing."""

    uuid: str


class ReadPiece(Order, frozen=True, tag="read-piece"):
    """Some bytes of a volume, MAX_PIECE_BYTES at most. Changes nothing."""

    pool: str
    volume: str
    offset: int
    length: int


class ReadPool(Order, frozen=True, tag="read-pool"):
    """Look into the pool anew: what is free, and what of a collection lies there."""

    pool: str
    collection: str


class PoolEffect(Order, frozen=True):
    """Base: what writes into a pool, or deletes there what it wrote."""

    pool: str
    collection: str


class DumpToPool(PoolEffect, frozen=True, tag="dump-to-pool"):
    """Write the machine's memory as an ELF image; once begun it cannot be cancelled."""

    uuid: str


class BackupToPool(PoolEffect, frozen=True, tag="backup-to-pool"):
    """Copy these disks of a running machine; see BackupDisks for the encrypted ones."""

    uuid: str
    disks: tuple[str, ...]


class DropFromPool(PoolEffect, frozen=True, tag="drop-from-pool"):
    """Delete one file of a collection, or with an empty name all of them."""

    name: str = ""


class PoolSeen(Struct, frozen=True):
    name: str
    path: str
    available: int


class PoolsSeen(Struct, frozen=True, tag="pools"):
    pools: tuple[PoolSeen, ...]


class VolumeFile(Struct, frozen=True):
    """One file; `name` is ours for it, `changed_at` its host's word for when it last changed."""

    name: str
    pool: str
    volume: str
    path: str
    bytes: int
    changed_at: str


class VolumesSeen(Struct, frozen=True, tag="volumes"):
    """`missing`: disks that are no volume of any active pool, and so cannot be read."""

    files: tuple[VolumeFile, ...]
    missing: tuple[str, ...] = ()


class PoolSeenAnew(Struct, frozen=True, tag="pool"):
    available: int
    files: tuple[VolumeFile, ...]


class PoolGone(Struct, frozen=True, tag="pool-gone"):
    """What was deleted; looked for afterwards and not found."""

    names: tuple[str, ...]


class Piece(Struct, frozen=True, tag="piece"):
    """Bytes as they follow each other; a number stands for that many zeros."""

    runs: tuple[bytes | int, ...]

    @property
    def bytes(self) -> int:
        return sum(run if isinstance(run, int) else len(run) for run in self.runs)


AnyPoolOrder = (
    ReadPools | FindVolumes | ReadPiece | ReadPool | DumpToPool | BackupToPool | DropFromPool
)
AnyPoolResult = PoolsSeen | VolumesSeen | PoolSeenAnew | PoolGone | Piece
POOL_READS = (ReadPools, FindVolumes, ReadPiece, ReadPool)
