"""The journal keeps what was written, refuses what is not its own, says when it cannot write."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.journal import Journal
from core.changes.locks import Locks
from core.changes.outcome import Done, PlanState, StepOutcome, StepState
from core.changes.plan import Plan
from core.hosts.protocol import XmlTexts
from core.incidents.quarantine import plan_quarantine
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID, SimulatedHost, machine_xml
from tests.unit.changes.station import STRICT, Station, new_machine, view

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OK = StepOutcome(StepState.DONE, Done(notes={"cards": "a"}))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield journal
    journal.close()


@pytest.fixture
def plan() -> Plan:
    texts = XmlTexts(UUID, machine_xml(running=True), machine_xml(running=False))
    return plan_quarantine(view(), texts, "test", "alice", NOW, wish=STRICT)


def test_an_intent_without_a_result_is_in_doubt(journal: Journal, plan: Plan) -> None:
    journal.begin(plan, "apply", [0, 1])
    journal.settle(plan.id, "apply", 0, OK)
    record = journal.need(plan.id)
    assert record.state is PlanState.UNFINISHED
    assert [step.state for step in record.steps[:3]] == [
        StepState.DONE,
        StepState.RUNNING,
        StepState.WAITING,
    ]
    assert journal.unfinished() == (record,)


def test_notes_of_all_runs_are_kept_until_undone(journal: Journal, plan: Plan) -> None:
    journal.begin(plan, "apply", [0])
    journal.settle(plan.id, "apply", 0, OK)
    again = StepOutcome(StepState.DONE, Done(notes={"cards": "b a"}))
    journal.settle(plan.id, "apply", 0, again)
    assert journal.need(plan.id).steps[0].notes == {"cards": "a b"}
    journal.settle(plan.id, "undo", 0, StepOutcome(StepState.UNDONE))
    undone = journal.need(plan.id).steps[0]
    assert (undone.notes, undone.touched) == ({}, False)


def test_a_plan_is_found_by_the_beginning_of_its_id(journal: Journal, plan: Plan) -> None:
    journal.begin(plan, "apply", [0])
    assert journal.need(plan.id[:13]).plan == plan
    for wrong in ("", "zz", plan.id + "0", "%"):
        with pytest.raises(RingfenceError, match="plan-not-found"):
            journal.need(wrong)


def test_a_plan_under_a_known_id_must_be_the_same(journal: Journal, plan: Plan) -> None:
    journal.begin(plan, "apply", [0])
    altered = structs.replace(plan, reason="another")
    with pytest.raises(RingfenceError, match="plan-altered"):
        journal.begin(altered, "apply", [0])


def test_the_first_sealed_value_stays(journal: Journal, plan: Plan) -> None:
    journal.begin(plan, "apply", [0])
    journal.keep(plan.id, "before", b"one")
    journal.keep(plan.id, "before", b"two")
    assert journal.kept(plan.id, "before") == b"one"
    assert journal.kept(plan.id, "other") is None


def test_two_open_journals_see_each_other(journal: Journal, plan: Plan) -> None:
    other = Journal(journal.path)
    journal.begin(plan, "apply", [0])
    assert other.need(plan.id).plan == plan
    assert other.last_seq() == journal.last_seq() == 2
    other.close()


def test_a_plan_nobody_understands_is_a_known_error(journal: Journal, plan: Plan) -> None:
    with journal._database.writing() as connection:  # pyright: ignore[reportPrivateUsage] # damage
        connection.execute("INSERT INTO plans VALUES ('x', 'quarantine', '', '{}')")
    for read in (lambda: journal.need("x"), journal.records):
        with pytest.raises(RingfenceError, match="database-unreadable"):
            read()


def test_readers_wait_for_no_writer(journal: Journal, plan: Plan) -> None:
    journal.begin(plan, "apply", [0])
    with journal._database.writing():  # pyright: ignore[reportPrivateUsage] # a writer that hangs
        assert journal.need(plan.id).plan == plan


def test_a_folder_that_cannot_be_made_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RingfenceError, match="database-unreadable"):
        Journal(tmp_path / "file" / "journal.sqlite3")
    plan_free = Locks(tmp_path / "file" / "locks")
    texts = XmlTexts(UUID, machine_xml(running=True), "")
    taken = plan_free.held(plan_quarantine(view(), texts, "test", "alice", NOW, wish=STRICT))
    with pytest.raises(RingfenceError, match="database-not-written"), taken:
        pass


def test_every_commit_is_synced(journal: Journal) -> None:
    with journal._database.writing() as connection:  # pyright: ignore[reportPrivateUsage] # a pragma
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to look like one" * 50)
    with pytest.raises(RingfenceError, match="database-unreadable"):
        Journal(tmp_path / "text")
    connection = sqlite3.connect(tmp_path / "other")
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(RingfenceError, match="database-of-another-kind"):
        Journal(tmp_path / "other")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path, NearHands(new_machine(tmp_path)))
    yield station
    station.close()


def set_pragma(station: Station, pragma: str) -> None:
    database = station.journal._database  # pyright: ignore[reportPrivateUsage] # to make it fail
    with database.writing() as connection:
        connection.execute(f"PRAGMA {pragma}")


def test_nothing_is_changed_when_the_journal_cannot_be_written(
    station: Station, tmp_path: Path
) -> None:
    plan, host = asyncio.run(station.quarantine()), SimulatedHost(tmp_path)
    before = host.state()
    set_pragma(station, "query_only = 1")
    with pytest.raises(RingfenceError, match="database-not-written"):
        asyncio.run(station.runner.run(plan))
    assert host.state() == before


def test_a_disk_that_fills_up_leaves_a_plan_that_resumes(station: Station) -> None:
    plan = asyncio.run(station.quarantine())
    for pages in range(1, 200):  # until the plan's own row fits, and what follows does not
        set_pragma(station, f"max_page_count = {pages}")
        with pytest.raises(RingfenceError, match="database-not-written"):
            asyncio.run(station.runner.run(plan))
        if station.journal.unfinished():
            break
    set_pragma(station, "max_page_count = 100000")
    assert [record.plan.id for record in station.journal.unfinished()] == [plan.id]
    assert asyncio.run(station.runner.resume(plan.id)).state is PlanState.DONE
