"""Evidence through a storage pool: sealed as it comes, nothing left there, nothing plain here."""

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.hands import Result
from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.facts.machine import MachineState
from core.fleet.model import MachineView
from core.hosts.evidence import DiskSizes, MeasureDisks
from core.hosts.evidence_pool import (
    BackupToPool,
    DropFromPool,
    DumpToPool,
    FindVolumes,
    PoolSeen,
    ReadPiece,
    VolumesSeen,
)
from core.hosts.protocol import Order
from core.incidents.evidence.custody import read_custody
from core.incidents.evidence.estimates import estimates
from core.incidents.evidence.manifest import Manifest, read_manifest
from core.incidents.evidence.measure import Measured, measured
from core.incidents.evidence.plan import plan_evidence
from core.incidents.evidence.verify import check
from core.incidents.model import EvidenceKind
from core.text import RingfenceError, Text
from tests.unit.changes.station import view
from tests.unit.incidents.evidence_host import MEMORY
from tests.unit.incidents.evidence_pool_host import DISK, POOL, PoolHost
from tests.unit.incidents.evidence_station import CASE, EvidenceStation, make_keys, now
from tests.unit.incidents.evidence_station import DISK as SIZE

MEMORY_ONLY = (EvidenceKind.MEMORY,)
BOTH = (EvidenceKind.MEMORY, EvidenceKind.DISKS)
ROOM = PoolSeen(POOL, "/var/lib/libvirt/images", 10**12)
THERE = Measured(shell=False, disks=(SIZE,), pools=(ROOM,))


@pytest.fixture
def station(tmp_path: Path) -> EvidenceStation:
    make_keys(tmp_path)
    return EvidenceStation(tmp_path, pool=True)


def host_of(station: EvidenceStation) -> PoolHost:
    assert isinstance(station.host, PoolHost)
    return station.host


def stopped() -> MachineView:
    return structs.replace(view(), row=structs.replace(view().row, state=MachineState.OFF))


def planned(
    kinds: tuple[EvidenceKind, ...], measured: Measured = THERE, of: MachineView | None = None
) -> Plan:
    about = (of or view(), CASE, kinds)
    return plan_evidence(*about, reason="t", operator="alice", now=now(), measured=measured)


def ran(station: EvidenceStation, plan: Plan) -> tuple[PlanOutcome, Manifest]:
    outcome = asyncio.run(station.runner.run(plan))
    station.close()
    found = check(station.collection, frozenset(station.ring.trusted.all()))
    assert found.good, found.problems
    return outcome, read_manifest(station.collection)[0]


def test_memory_and_disks_come_whole_and_nothing_is_left_in_the_pool(
    station: EvidenceStation,
) -> None:
    outcome, manifest = ran(station, planned(BOTH))
    assert outcome.state is PlanState.DONE, outcome
    assert {item.name: item.bytes for item in manifest.items} == {
        "memory.elf": len(MEMORY),
        "disk-vda.qcow2": len(DISK),
    }
    assert all("hashed and encrypted by the station" in item.flags[-1] for item in manifest.items)
    assert station.host.left == [] and set(manifest.deleted) == {"memory", "disks"}
    events = [entry.event for entry in read_custody(station.collection)[0]]
    assert events == ["taken", "deleted-on-host"] * 2 + ["sealed"]


def test_nothing_of_it_lies_here_plain(station: EvidenceStation) -> None:
    ran(station, planned(BOTH))
    for file in station.folder.joinpath("cases").rglob("*"):
        if file.is_file():
            assert MEMORY[:40] not in file.read_bytes(), file


def test_the_plan_names_the_pool_and_what_cannot_be_known(station: EvidenceStation) -> None:
    plan = planned((*BOTH, EvidenceKind.LOGS))
    codes = [warning.code for warning in plan.warnings]
    assert codes == ["evidence.note.memory", "evidence.note.session", "evidence.note.pool"]
    [memory] = [step for step in plan.steps if step.tag == "take-memory-by-pool"]
    assert memory.describe().params["pool"] == POOL
    _, manifest = ran(station, plan)
    assert manifest.missing == ("logs: cannot be had here: no-shell",)


def test_a_pool_that_was_made_for_it_comes_first_if_it_has_room() -> None:
    made = structs.replace(ROOM, name="ringfence", available=10**11)
    full = structs.replace(made, available=10)
    for pools, chosen in (((ROOM, made), "ringfence"), ((ROOM, full), POOL)):
        plan = planned(MEMORY_ONLY, THERE._replace(pools=pools))
        assert plan.steps[1].describe().params["pool"] == chosen


@pytest.mark.parametrize(
    ("pools", "reason"),
    [
        ((), "no-pool"),
        ((structs.replace(ROOM, available=2**29),), "pool-too-small"),
        (None, "not-told"),
    ],
)
def test_without_a_pool_with_room_it_says_so_and_writes_nothing(
    station: EvidenceStation, pools: tuple[PoolSeen, ...] | None, reason: str
) -> None:
    outcome, manifest = ran(station, planned(BOTH, THERE._replace(pools=pools)))
    assert outcome.state is PlanState.DONE
    assert manifest.missing == tuple(
        f"{kind}: cannot be had here: {reason}" for kind in ("memory", "disks")
    )
    assert station.host.given == []


def test_room_is_looked_at_again_before_anything_is_written(station: EvidenceStation) -> None:
    station.host.free = 2**29
    outcome, manifest = ran(station, planned(MEMORY_ONLY))
    assert outcome.missing == ("evidence: memory",) and "DumpToPool" not in station.host.given
    assert manifest.missing == ("memory: cannot be had here: evidence-no-room-in-pool",)


@pytest.mark.parametrize("order", [DumpToPool, BackupToPool])
def test_a_host_that_refuses_is_its_own_verdict(
    station: EvidenceStation, order: type[DumpToPool | BackupToPool]
) -> None:
    station.host.refuse = {order: "evidence-refused-there"}
    outcome, manifest = ran(station, planned(BOTH))
    assert outcome.state is PlanState.PARTIAL
    [missing] = manifest.missing
    assert missing.endswith(": cannot be had here: evidence-refused-there")
    assert station.host.left == []


def test_a_file_that_changes_while_it_is_read_is_no_evidence(station: EvidenceStation) -> None:
    host_of(station).moving = True
    outcome, manifest = ran(station, planned(MEMORY_ONLY))
    assert outcome.state is PlanState.PARTIAL
    assert manifest.missing == ("memory: evidence-changed",) and station.host.left == []


def test_a_line_that_breaks_is_taken_up_from_the_beginning(station: EvidenceStation) -> None:
    plan = planned(MEMORY_ONLY)
    station.host.refuse = {ReadPiece: "host-not-reached"}
    assert asyncio.run(station.runner.run(plan)).state is PlanState.UNFINISHED
    station.host.refuse = {}
    outcome = asyncio.run(station.runner.resume(plan.id))
    station.close()
    assert outcome.state is PlanState.DONE and station.host.left == []
    assert check(station.collection, frozenset(station.ring.trusted.all())).good


def test_a_roll_back_clears_the_pool(station: EvidenceStation) -> None:
    plan = planned(MEMORY_ONLY)
    station.host.refuse = {ReadPiece: "host-not-reached"}
    asyncio.run(station.runner.run(plan))
    assert station.host.left != []
    station.host.refuse = {}
    assert asyncio.run(station.runner.roll_back(plan.id)).state is PlanState.ROLLED_BACK
    station.close()
    assert station.host.left == []


def test_a_pool_that_is_gone_keeps_nothing_from_being_sealed(station: EvidenceStation) -> None:
    station.host.refuse = {DumpToPool: "evidence-no-pool", DropFromPool: "evidence-no-pool"}
    outcome, manifest = ran(station, planned(MEMORY_ONLY))
    assert outcome.missing == ("evidence: left", "evidence: memory")
    assert manifest.missing == ("memory: cannot be had here: evidence-no-pool",)


def test_an_encrypted_disk_never_becomes_a_plain_copy(station: EvidenceStation) -> None:
    locked = structs.replace(SIZE, target="vdb", encrypted=True)
    plan = planned((EvidenceKind.DISKS,), THERE._replace(disks=(SIZE, locked)))
    outcome, manifest = ran(station, plan)
    assert outcome.missing == ("evidence: disks",)
    assert manifest.missing == ("disks: vdb: encrypted",)
    assert [item.name for item in manifest.items] == ["disk-vda.qcow2"]


def test_a_stopped_machines_volumes_are_read_where_they_lie(station: EvidenceStation) -> None:
    host = host_of(station)
    for name in ("top.qcow2", "base.img", "empty.img"):
        (host.root / name).write_bytes(DISK if name != "empty.img" else b"")
    host.chain, host.lost = ("top.qcow2", "base.img", "empty.img"), ("vdb: /x: no volume",)
    seen = asyncio.run(host_of(station).order("h", FindVolumes(0, "")))
    assert isinstance(seen, VolumesSeen)
    plan = planned(BOTH, THERE._replace(volumes=seen), stopped())
    assert "evidence.note.no-volume" in [warning.code for warning in plan.warnings]
    outcome, manifest = ran(station, plan)
    assert outcome.missing == ("evidence: disks",)
    assert [item.name for item in manifest.items] == ["disk-vda.0.img", "disk-vda.1.img"]
    assert manifest.missing == (
        "memory: cannot be had here: not-running",
        "disks: vdb: /x: no volume",
        "disks: disk-vda.2.img: empty",
    )
    assert manifest.deleted == {} and station.host.left == sorted(host.chain)


def test_a_saved_memory_is_named_where_it_cannot_be_had(station: EvidenceStation) -> None:
    off = stopped()
    asleep = structs.replace(off, row=structs.replace(off.row, managed_save=True))
    plan = planned((EvidenceKind.MEMORY, EvidenceKind.XML), THERE, asleep)
    assert plan.steps[1].describe().code == "evidence.not-had.saved-no-shell"
    outcome, manifest = ran(station, plan)
    assert outcome.state is PlanState.DONE
    assert "saved.xml" in [item.name for item in manifest.items]
    with_shell = planned(MEMORY_ONLY, Measured(), asleep)
    assert with_shell.steps[1].describe().code == "evidence.step.saved"


class Mute:
    """A host that answers about its disks, and refuses the rest in these words."""

    def __init__(self, code: str) -> None:
        self._code = code

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if isinstance(order, MeasureDisks):
            return DiskSizes(())
        raise RingfenceError(self._code, host=host)


@pytest.mark.parametrize(("code", "pools"), [("order-timeout", None), ("no-support", ())])
def test_a_host_that_does_not_tell_its_pools_is_not_one_without(
    code: str, pools: tuple[PoolSeen, ...] | None
) -> None:
    found = asyncio.run(measured(Mute(code), stopped(), BOTH, shell=False))
    assert found.pools == pools and found.volumes is None
    [disks] = estimates(stopped(), (EvidenceKind.DISKS,), found)
    assert not disks.possible and disks.note == Text("evidence.note.not-told", {"kind": "disks"})
