"""A pool that is used for evidence: which may be, under which names, and what is deleted there."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import libvirt
import pytest

from core.hosts.evidence_pool import (
    MAX_PIECE_BYTES,
    AnyPoolOrder,
    BackupToPool,
    DropFromPool,
    DumpToPool,
    FindVolumes,
    PoolGone,
    PoolSeenAnew,
    PoolsSeen,
    ReadPiece,
    ReadPool,
    ReadPools,
    VolumesSeen,
)
from core.hosts.protocol import Failure, FullRead
from core.hosts.worker.evidence_pool import carry_out_pool
from core.hosts.worker.own_connection import Open, OwnConnection
from core.hosts.worker.volume_pieces import PieceReader
from tests.unit.hosts.worker.child import opening
from tests.unit.hosts.worker.conftest import StartWorker

OURS = "01a201c2-ff70-7b0d-abc6-40a6643704b6"
OTHER = "01a201c2-ff70-7b0d-abc6-40a6643704b7"
POOL = "default-pool"


# A host of this test's own: the driver's default one is shared by all who open it.
NODE = f"""<node>
  <domain type='test'><name>test</name><memory>8192</memory><os><type>hvm</type></os></domain>
  <pool type='dir'><name>{POOL}</name><target><path>/{POOL}</path></target></pool>
</node>"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[libvirt.virConnect]:
    libvirt.registerErrorHandler(lambda _opaque, _error: None, None)
    (tmp_path / "node.xml").write_text(NODE)
    connection = libvirt.open(f"test://{tmp_path}/node.xml")
    pool = connection.storagePoolLookupByName(POOL)
    for name in (f"ringfence-{OURS}-memory.elf", f"ringfence-{OTHER}-memory.elf", "g1.img"):
        pool.createXML(f"<volume><name>{name}</name><capacity>4096</capacity></volume>", 0)
    yield connection
    connection.close()


def carried_out(host: libvirt.virConnect, order: AnyPoolOrder) -> object:
    return carry_out_pool(host, order, PieceReader())


def names_in(host: libvirt.virConnect) -> list[str]:
    return sorted(host.storagePoolLookupByName(POOL).listVolumes())


def test_an_active_directory_is_offered_and_another_pool_is_not(host: libvirt.virConnect) -> None:
    host.storagePoolCreateXML(
        "<pool type='logical'><name>lvm</name><target><path>/dev/lvm</path></target></pool>", 0
    )
    seen = carried_out(host, ReadPools(0))
    assert isinstance(seen, PoolsSeen) and [pool.name for pool in seen.pools] == [POOL]
    host.storagePoolLookupByName(POOL).destroy()
    assert carried_out(host, ReadPools(0)) == PoolsSeen(())


def test_only_what_is_of_the_collection_is_seen_and_deleted(host: libvirt.virConnect) -> None:
    seen = carried_out(host, ReadPool(0, POOL, OURS))
    assert isinstance(seen, PoolSeenAnew) and [file.name for file in seen.files] == ["memory.elf"]
    drop = DropFromPool(0, POOL, OURS)
    assert carried_out(host, drop) == PoolGone(("memory.elf",))
    assert names_in(host) == ["g1.img", f"ringfence-{OTHER}-memory.elf"]
    assert carried_out(host, drop) == PoolGone(())


@pytest.mark.parametrize("collection", ["", "..", "../x", OURS.upper(), OURS + "/x"])
def test_only_a_collections_id_makes_a_name(host: libvirt.virConnect, collection: str) -> None:
    before = names_in(host)
    for order in (DropFromPool(0, POOL, collection), ReadPool(0, POOL, collection)):
        answer = carried_out(host, order)
        assert isinstance(answer, Failure) and answer.code == "evidence-no-pool"
    assert names_in(host) == before


def test_nothing_is_written_over(host: libvirt.virConnect) -> None:
    uuid = host.lookupByName("test").UUIDString()
    answer = carried_out(host, DumpToPool(0, POOL, OURS, uuid))
    assert isinstance(answer, Failure) and answer.code == "evidence-in-the-way"


@pytest.mark.parametrize("disk", ["../vda", "vda.qcow2", "", "VDA"])
def test_only_a_disks_name_makes_a_copys(host: libvirt.virConnect, disk: str) -> None:
    uuid = host.lookupByName("test").UUIDString()
    answer = carried_out(host, BackupToPool(0, POOL, OTHER, uuid, (disk,)))
    assert answer == Failure("order-unknown")


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, 0), (0, MAX_PIECE_BYTES + 1)])
def test_a_piece_has_its_bounds(host: libvirt.virConnect, offset: int, length: int) -> None:
    assert carried_out(host, ReadPiece(0, POOL, "g1.img", offset, length)) == Failure(
        "order-unknown"
    )


@pytest.mark.parametrize(
    "order",
    [ReadPool(0, "none", OURS), ReadPiece(0, "none", "x", 0, 1), ReadPiece(0, POOL, "x", 0, 1)],
)
def test_a_pool_that_is_not_there_is_told(host: libvirt.virConnect, order: AnyPoolOrder) -> None:
    answer = carried_out(host, order)
    assert isinstance(answer, Failure) and answer.code == "evidence-no-pool"


def test_a_stopped_machines_disks_are_volumes_or_are_named(host: libvirt.virConnect) -> None:
    disks = "".join(
        f"<disk type='file' device='{kind}'><source file='{path}'/><target dev='{name}'/></disk>"
        for name, path, kind in (
            ("vda", f"/{POOL}/g1.img", "disk"),
            ("vdb", "/elsewhere.img", "disk"),
            ("sda", "/an.iso", "cdrom"),
        )
    )
    text = f"<name>m</name><memory>8192</memory><os><type>hvm</type></os><devices>{disks}</devices>"
    domain = host.defineXML(f"<domain type='test'>{text}</domain>")
    seen = carried_out(host, FindVolumes(0, domain.UUIDString()))
    assert isinstance(seen, VolumesSeen)
    assert [(file.name, file.path) for file in seen.files] == [
        ("disk-vda.0.img", f"/{POOL}/g1.img")
    ]
    assert seen.missing == ("vdb: /elsewhere.img: no volume of an active pool",)
    domain.create()
    assert carried_out(host, FindVolumes(0, domain.UUIDString())) == Failure("wrong-state")


def test_a_confined_worker_answers_beside_its_links(start: StartWorker) -> None:
    child = start(opening("test:///default"))
    child.wait_for(FullRead)
    seen = child.ask(ReadPools(child.number())).result
    assert isinstance(seen, PoolsSeen) and seen.pools[0].name == POOL
    refused = child.ask(ReadPiece(child.number(), POOL, "none", 0, 1)).result
    assert isinstance(refused, Failure) and refused.code == "evidence-no-pool"


def test_a_read_only_worker_writes_and_deletes_nothing(start: StartWorker) -> None:
    child = start(opening("test:///default", read_only=True))
    child.wait_for(FullRead)
    for order in (
        DropFromPool(child.number(), POOL, OURS),
        DumpToPool(child.number(), POOL, OURS, OURS),
    ):
        assert child.ask(order).result == Failure("not-read-only")


class Dialled:
    """Counts how often a connection was opened."""

    def __init__(self) -> None:
        self.count = 0
        self.open: list[libvirt.virConnect] = []

    def __call__(self) -> libvirt.virConnect:
        self.count += 1
        self.open.append(libvirt.open("test:///default"))
        return self.open[-1]


def test_one_connection_serves_all_and_is_closed_when_nothing_comes() -> None:
    dialled, done = Dialled(), [threading.Event() for _ in range(3)]
    broken: list[BaseException] = []
    gone: list[int] = []
    own = OwnConnection(dialled, broken.append, lambda: gone.append(dialled.count), idle_s=0.05)
    for each in done[:2]:
        own.do(partial(_told, told=each))
    assert all(each.wait(5) for each in done[:2]) and dialled.count == 1
    while not _is_closed(dialled.open[0]):
        done[2].wait(0.01)
    own.do(lambda opened: _told(opened, done[2]))
    assert done[2].wait(5) and dialled.count == 2 and broken == []
    assert gone[0] == 1


def test_a_connection_that_is_lost_is_opened_anew() -> None:
    dialled, told = Dialled(), threading.Event()
    own = OwnConnection(dialled, lambda _: None, lambda: None)
    own.do(_lost)
    own.do(lambda opened: _told(opened, told))
    assert told.wait(5) and dialled.count == 2


def test_a_bug_is_told_to_who_ends_the_worker() -> None:
    told = threading.Event()
    own = OwnConnection(Dialled(), lambda _: told.set(), lambda: None)
    own.do(lambda opened: print(1 // 0))
    assert told.wait(5)


def _is_closed(connection: libvirt.virConnect) -> bool:
    try:
        return not connection.isAlive()
    except libvirt.libvirtError:
        return True


def _told(opened: Open, told: threading.Event) -> None:
    assert opened().isAlive()
    told.set()


def _lost(opened: Open) -> None:
    opened()
    raise libvirt.libvirtError("lost")
