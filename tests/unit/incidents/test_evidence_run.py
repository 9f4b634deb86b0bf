"""Evidence taken, checked as a stranger would, altered by a byte, refused where it must be."""

import asyncio
import shutil
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.outcome import PlanState
from core.changes.plan import Plan
from core.hosts.evidence import BackupDisks, DumpMemory
from core.incidents.evidence.manifest import MANIFEST, SIGNATURE, read_manifest
from core.incidents.evidence.measure import Measured
from core.incidents.evidence.plan import plan_evidence
from core.incidents.evidence.verify import check
from core.incidents.model import EvidenceKind
from core.text import RingfenceError
from tests.unit.changes.station import view
from tests.unit.incidents.evidence_host import MEMORY
from tests.unit.incidents.evidence_station import (
    CASE,
    DISK,
    EvidenceStation,
    make_keys,
    now,
    sample_plan,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_keys(tmp_path)
    return tmp_path


def taken(folder: Path) -> EvidenceStation:
    station = EvidenceStation(folder)
    outcome = asyncio.run(station.runner.run(sample_plan()))
    assert outcome.state is PlanState.DONE, outcome
    station.close()
    return station


def planned(kinds: tuple[EvidenceKind, ...], measured: Measured) -> Plan:
    about = (view(), CASE, kinds)
    return plan_evidence(*about, reason="t", operator="alice", now=now(), measured=measured)


def pinned(station: EvidenceStation) -> frozenset[str]:
    return frozenset(station.ring.trusted.all())


def test_what_was_taken_is_whole_and_nothing_is_left_on_the_host(folder: Path) -> None:
    station = taken(folder)
    found = check(station.collection, pinned(station))
    assert found.good and found.stamp == "none", found
    assert station.host.left == []
    manifest, _ = read_manifest(station.collection)
    kinds = {item.kind for item in manifest.items}
    assert kinds == {"memory", "network", "disks", "snapshots", "host"}
    assert manifest.missing == () and set(manifest.deleted) == {
        "memory",
        "network",
        "disks",
        "host",
    }


def test_everything_is_sealed_and_read_only(folder: Path) -> None:
    station = taken(folder)
    for file in station.collection.iterdir():
        assert file.stat().st_mode & 0o777 == 0o440, file
        assert MEMORY[:40] not in file.read_bytes()
    assert station.collection.stat().st_mode & 0o777 == 0o550


def test_memory_is_taken_before_everything_else(folder: Path) -> None:
    given = taken(folder).host.given
    assert given.index("DumpMemory") < given.index("BackupDisks") < given.index("ReadMaterial")


def test_one_flipped_byte_anywhere_is_found(folder: Path, tmp_path: Path) -> None:
    station = taken(folder)
    trusted = pinned(station)
    for name in sorted(file.name for file in station.collection.iterdir()):
        size = (station.collection / name).stat().st_size
        for place in sorted({0, size // 3, size // 2, size - 1}):
            copy = tmp_path / "copy"
            shutil.copytree(station.collection, copy)
            copy.chmod(0o750)
            body = bytearray((copy / name).read_bytes())
            body[place] ^= 1
            (copy / name).chmod(0o640)
            (copy / name).write_bytes(body)
            assert check(copy, trusted).problems, f"{name} at {place}"
            shutil.rmtree(copy)


def test_a_file_less_and_a_file_more_are_found(folder: Path) -> None:
    station = taken(folder)
    place = station.collection
    place.chmod(0o750)
    (place / "more").write_text("x")
    assert [each.code for each in check(place, pinned(station)).problems] == [
        "evidence.problem.extra-file",
        "evidence.problem.sums",
    ]
    (place / "more").unlink()
    (place / "memory.elf.000.cms").unlink()
    assert check(place, pinned(station)).problems


def test_a_key_nobody_pinned_is_no_pass(folder: Path) -> None:
    station = taken(folder)
    found = check(station.collection, frozenset())
    assert not found.problems and found.signed_by and not found.pinned and not found.good


def test_without_a_passphrase_it_is_closed_and_signed_later(folder: Path) -> None:
    station = EvidenceStation(folder, unlocked=False)
    outcome = asyncio.run(station.runner.run(sample_plan()))
    assert outcome.state is PlanState.PARTIAL and outcome.missing == ("evidence: unsigned",)
    station.close()
    found = check(station.collection, pinned(station))
    assert "evidence.problem.signature" in [each.code for each in found.problems]
    later = EvidenceStation(folder)
    later.collection.chmod(0o750)
    assert later.cases.sign(later.collection)
    later.collection.chmod(0o550)
    later.close()
    assert check(later.collection, pinned(later)).good


def test_an_export_is_in_both_custody_records(folder: Path, tmp_path: Path) -> None:
    taken(folder)
    station = EvidenceStation(folder)
    target = tmp_path / "out" / station.collection.name
    station.cases.hand_over(station.collection, target, "bob", "alice", "the court asked")
    station.close()
    for place in (station.collection, target):
        assert check(place, pinned(station)).good
        assert b'"receiver":"bob"' in (place / "custody.jsonl").read_bytes()
    assert (target / MANIFEST).read_bytes() == (station.collection / MANIFEST).read_bytes()


def test_a_host_without_room_gives_what_fits_and_names_the_rest(folder: Path) -> None:
    station = EvidenceStation(folder)
    station.host.refuse = {BackupDisks: "evidence-no-room"}
    outcome = asyncio.run(station.runner.run(sample_plan()))
    station.close()
    assert outcome.state is PlanState.PARTIAL and outcome.missing == ("evidence: disks",)
    manifest, _ = read_manifest(station.collection)
    assert "disks: evidence-no-room" in manifest.missing
    assert "memory" in {item.kind for item in manifest.items}
    assert check(station.collection, pinned(station)).good


def test_no_dump_is_begun_that_cannot_fit(folder: Path) -> None:
    station = EvidenceStation(folder)
    station.host.free = 100
    plan = sample_plan((EvidenceKind.DISKS,))
    outcome = asyncio.run(station.runner.run(plan))
    station.close()
    assert "evidence: disks" in outcome.missing and "BackupDisks" not in station.host.given


def test_a_host_that_vanishes_leaves_the_plan_to_be_resumed(folder: Path) -> None:
    station = EvidenceStation(folder)
    station.host.refuse = {DumpMemory: "host-not-reached"}
    plan = sample_plan()
    outcome = asyncio.run(station.runner.run(plan))
    assert outcome.state is PlanState.UNFINISHED
    station.host.refuse = {}
    assert asyncio.run(station.runner.resume(plan.id)).state is PlanState.DONE
    station.close()
    assert check(station.collection, pinned(station)).good


def test_a_roll_back_leaves_nothing_on_the_host_and_keeps_what_lies_here(folder: Path) -> None:
    station = EvidenceStation(folder)
    station.host.refuse = {BackupDisks: "host-not-reached"}
    plan = sample_plan()
    asyncio.run(station.runner.run(plan))
    station.host.refuse = {}
    assert asyncio.run(station.runner.roll_back(plan.id)).state is PlanState.ROLLED_BACK
    station.close()
    assert station.host.left == []
    assert (station.collection / "memory.elf.000.cms").exists()
    assert not (station.collection / SIGNATURE).exists()


def test_without_a_case_key_nothing_is_begun(tmp_path: Path) -> None:
    station = EvidenceStation(tmp_path, unlocked=False)
    outcome = asyncio.run(station.runner.run(sample_plan()))
    station.close()
    assert outcome.state is PlanState.FAILED
    assert outcome.problem == RingfenceError("key-none", purpose="case").cause
    assert station.host.given == []


def test_without_a_shell_what_libvirt_tells_is_taken_and_the_rest_named(folder: Path) -> None:
    station = EvidenceStation(folder)
    kinds = (EvidenceKind.MEMORY, EvidenceKind.XML)
    plan = planned(kinds, Measured(shell=False))
    assert plan.steps[1].describe().code == "evidence.not-had.no-pool"
    outcome = asyncio.run(station.runner.run(plan))
    station.close()
    assert outcome.state is PlanState.DONE
    manifest, _ = read_manifest(station.collection)
    assert {item.kind for item in manifest.items} == {"xml"}
    assert manifest.missing == ("memory: cannot be had here: no-pool",)
    assert set(station.host.given) == {"ReadMaterial"}
    assert check(station.collection, pinned(station)).good


def test_an_encrypted_disk_is_left_out_of_a_running_copy_and_named(folder: Path) -> None:
    station = EvidenceStation(folder)
    disks = (DISK, structs.replace(DISK, target="vdb", encrypted=True))
    plan = planned((EvidenceKind.DISKS,), Measured(disks=disks))
    outcome = asyncio.run(station.runner.run(plan))
    station.close()
    assert outcome.missing == ("evidence: disks",)
    manifest, _ = read_manifest(station.collection)
    assert manifest.missing == ("disks: vdb: encrypted",)
    assert {item.name for item in manifest.items} == {"disk-vda.qcow2", "host.txt"}
