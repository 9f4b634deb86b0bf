"""Evidence through a storage pool: written there under names of ours, read in pieces, deleted.

A pool is used when it is active and a directory of the host itself. What is read may be any
volume that a station's plan names; what is written or deleted is a collection's alone.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import libvirt

from core.hosts.evidence import Taken
from core.hosts.evidence_pool import (
    MAX_PIECE_BYTES,
    MEMORY_NAME,
    AnyPoolOrder,
    BackupToPool,
    DropFromPool,
    DumpToPool,
    FindVolumes,
    Piece,
    PoolGone,
    PoolSeen,
    PoolSeenAnew,
    PoolsSeen,
    ReadPiece,
    ReadPool,
    ReadPools,
    VolumeFile,
    VolumesSeen,
    copy_name,
)
from core.hosts.protocol import Failure
from core.hosts.worker.evidence_copies import backed_up, dumped
from core.hosts.worker.volume_chains import chain_of, volumes_of
from core.hosts.worker.volume_pieces import PieceReader, Place
from core.hosts.worker.xml.document import attribute, content, parse

KINDS = frozenset({"dir", "fs"})  # a directory of the host's own; netfs would send it on, plain
MOST_POOLS = 64
OUR_NAME = re.compile(r"memory\.elf|disk-[a-z]{2,4}[a-z0-9]{0,8}\.qcow2")
NO_POOL = frozenset({libvirt.VIR_ERR_NO_STORAGE_POOL, libvirt.VIR_ERR_NO_STORAGE_VOL})
Whole = ReadPools | FindVolumes | ReadPool | DumpToPool | BackupToPool | DropFromPool
Result = Taken | PoolsSeen | VolumesSeen | PoolSeenAnew | PoolGone | Piece | Failure
StoragePool = Any  # a libvirt.virStoragePool, of whose calls the binding types some wrongly


class NotUsable(Exception):
    """The pool is not there, not active, or no directory of the host."""


def carry_out_pool(
    connection: libvirt.virConnect, order: AnyPoolOrder, reader: PieceReader
) -> Result:
    """Raises libvirtError; who calls answers it. `reader` is the calling thread's own."""
    try:
        if isinstance(order, ReadPiece):
            return _piece(connection, order, reader)
        reader.drop()
        return _done(connection, order)
    except NotUsable as error:
        return Failure("evidence-no-pool", {"pool": getattr(order, "pool", "")}, str(error))
    except libvirt.libvirtError as error:
        if error.get_error_code() not in NO_POOL:
            raise
        pool = getattr(order, "pool", "")
        return Failure("evidence-no-pool", {"pool": pool}, error.get_error_message() or "")


def _done(connection: libvirt.virConnect, order: Whole) -> Result:
    match order:
        case ReadPools():
            return PoolsSeen(tuple(_usable(connection.listAllStoragePools(_ACTIVE))))
        case FindVolumes():
            return _disks_of(connection, order.uuid)
        case ReadPool():
            pool, _ = pool_of(connection, order.pool)
            pool.refresh(0)
            files = _lying(pool, prefix_of(order.collection))
            return PoolSeenAnew(int(pool.info()[3]), tuple(files))
        case DropFromPool():
            return _dropped(connection, order)
        case DumpToPool() | BackupToPool():
            return _written(connection, order)


_ACTIVE = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE


def _usable(pools: Iterable[StoragePool]) -> Iterator[PoolSeen]:
    for pool in list(pools)[:MOST_POOLS]:
        try:
            yield PoolSeen(pool.name(), _directory(pool), int(pool.info()[3]))
        except NotUsable:
            continue


def pool_of(connection: libvirt.virConnect, name: str) -> tuple[StoragePool, str]:
    """The pool and its directory.

    Raises:
        NotUsable: it is none.
    """
    pool = connection.storagePoolLookupByName(name)
    return pool, _directory(pool)


def _directory(pool: StoragePool) -> str:
    if not pool.isActive():
        raise NotUsable("not active")
    document = parse(pool.XMLDesc(0))
    kind, path = attribute(document, "type"), content(document, "target/path")
    if kind not in KINDS:
        raise NotUsable(f"of type {kind}")
    if not path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise NotUsable("no directory")
    return path.rstrip("/")


def prefix_of(collection: str) -> str:
    """How everything of a collection begins.

    Raises:
        NotUsable: its id is none.
    """
    try:
        good = str(UUID(collection)) == collection
    except ValueError:
        good = False
    if not good:
        raise NotUsable("no collection")
    return f"ringfence-{collection}-"


def _lying(pool: StoragePool, prefix: str) -> Iterator[VolumeFile]:
    for volume in pool.listVolumes():
        name = volume.removeprefix(prefix)
        if volume.startswith(prefix) and OUR_NAME.fullmatch(name):
            yield file_of(name, pool, pool.storageVolLookupByName(volume))


def file_of(name: str, pool: StoragePool, volume: Any) -> VolumeFile:
    """What is known of one file, asked just now."""
    document = parse(volume.XMLDesc(0))
    size = content(document, "physical") or content(document, "capacity")
    changed_at = content(document, "target/timestamps/mtime")
    length = int(size) if size.isdecimal() else 0
    return VolumeFile(name, pool.name(), volume.name(), volume.path(), length, changed_at)


def _written(connection: libvirt.virConnect, order: DumpToPool | BackupToPool) -> Taken | Failure:
    """Into new files only: a dump writes over what is there without a word."""
    pool, folder = pool_of(connection, order.pool)
    prefix = prefix_of(order.collection)
    domain = connection.lookupByUUIDString(order.uuid)
    disks = order.disks if isinstance(order, BackupToPool) else ()
    names = tuple(copy_name(disk) for disk in disks) or (MEMORY_NAME,)
    if not all(OUR_NAME.fullmatch(name) for name in names):
        return Failure("order-unknown")
    pool.refresh(0)
    there = sorted({f"{prefix}{name}" for name in names} & set(pool.listVolumes()))
    if there:
        return Failure("evidence-in-the-way", {"pool": order.pool, "name": there[0]})
    if isinstance(order, DumpToPool):
        return dumped(domain, f"{folder}/{prefix}{MEMORY_NAME}", MEMORY_NAME)
    return backed_up(domain, order.disks, lambda disk: f"{folder}/{prefix}{copy_name(disk)}")


def _dropped(connection: libvirt.virConnect, order: DropFromPool) -> PoolGone | Failure:
    """Looked for before, because it was written past the pool, and again afterwards."""
    pool, _ = pool_of(connection, order.pool)
    prefix = prefix_of(order.collection)
    pool.refresh(0)
    files = [each for each in _lying(pool, prefix) if order.name in ("", each.name)]
    for each in files:
        pool.storageVolLookupByName(each.volume).delete(0)
    if files:
        pool.refresh(0)
    left = [each.name for each in _lying(pool, prefix) if order.name in ("", each.name)]
    if left:
        return Failure("evidence-left", {"pool": order.pool, "name": ", ".join(left)})
    return PoolGone(tuple(each.name for each in files))


def _piece(
    connection: libvirt.virConnect, order: ReadPiece, reader: PieceReader
) -> Piece | Failure:
    if order.offset < 0 or not 0 < order.length <= MAX_PIECE_BYTES:
        return Failure("order-unknown")
    place = Place(order.pool, order.volume, order.offset)
    return reader.read(connection, place, order.length)


def _disks_of(connection: libvirt.virConnect, uuid: str) -> VolumesSeen | Failure:
    """Of a stopped machine only: what runs is still writing."""
    domain = connection.lookupByUUIDString(uuid)
    if domain.isActive():
        return Failure("wrong-state")
    files: list[VolumeFile] = []
    missing: list[str] = []
    document = parse(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    for name, source, form in volumes_of(connection, document):
        chain, lost = chain_of(connection, source, form)
        for depth, (pool, volume) in enumerate(chain):
            files.append(file_of(f"disk-{name}.{depth}.img", pool, volume))
        if lost:
            missing.append(f"{name}: {lost}: no volume of an active pool")
    return VolumesSeen(tuple(files), tuple(missing))
