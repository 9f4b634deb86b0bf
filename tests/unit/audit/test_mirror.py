"""The log follows the journal, and each finds what was done to the other."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.changes.outcome import PlanState
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.station import Station, new_machine


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path, NearHands(new_machine(tmp_path)))
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    yield station
    station.close()


def alter_journal(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "journal.sqlite3")
    connection.execute("DROP TRIGGER events_no_update")
    connection.execute("DROP TRIGGER events_no_delete")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_every_row_is_recorded_once_with_who_and_why(station: Station) -> None:
    station.audit.follow(station.journal)
    records = station.audit.records()
    assert len(records) == station.journal.last_seq()
    assert {record.entry.operator for record in records} == {"alice"}
    assert records[0].entry.reason == records[-1].entry.reason == "test"
    assert records[0].entry.targets == ("hv1/web",)
    assert records[-1].entry.state == "done"


def test_an_altered_journal_row_is_found(station: Station, tmp_path: Path) -> None:
    alter_journal(tmp_path, 'UPDATE events SET body = \'{"state":"done"}\' WHERE seq = 12')
    [problem] = station.audit.verify(station.journal).problems
    assert (problem.code, problem.detail) == ("journal-row-differs", "12")


def test_a_removed_journal_row_is_found(station: Station, tmp_path: Path) -> None:
    alter_journal(tmp_path, "DELETE FROM events WHERE seq = 5")
    [problem] = station.audit.verify(station.journal).problems
    assert (problem.code, problem.detail) == ("journal-row-missing", "5")


def test_history_in_the_journal_is_append_only(station: Station, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "journal.sqlite3")
    for table in ("plans", "events", "sealed"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(f"DELETE FROM {table}")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(
                f"UPDATE {table} SET plan_id = 'x'"
                if table != "plans"
                else "UPDATE plans SET kind = 'x'"
            )
    connection.close()


def test_a_cut_does_not_wait_for_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    station = Station(tmp_path, NearHands(new_machine(tmp_path)))
    head = tmp_path / "audit.sqlite3.new"
    head.mkdir()  # in the way of the head file
    outcome = asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    assert outcome.state is PlanState.DONE
    assert outcome.unrecorded is not None
    assert outcome.unrecorded.code == "error.database-not-written.cause"
    head.rmdir()
    outcome = asyncio.run(station.runner.run(asyncio.run(station.release())))
    assert outcome.unrecorded is None
    assert len(station.audit.records()) == station.journal.last_seq()
    assert station.audit.verify(station.journal).good
    station.close()
