"""Trends compare with the last day that has a score; a damaged file costs only trends."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.fleet.history import ScoreHistory
from core.fleet.model import Key

A, B = Key("hv1", "a"), Key("hv2", "a")
DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.fleet.history.BUSY_SECONDS", 0.02)


class Calendar:
    def __init__(self) -> None:
        self.today = DAY

    def __call__(self) -> date:
        return self.today


def test_the_trend_is_the_way_from_the_last_earlier_day(tmp_path: Path) -> None:
    calendar = Calendar()
    history = ScoreHistory(tmp_path / "scores.sqlite3", calendar)
    assert history.change(A, 80) is None
    assert history.change(A, 70) is None
    calendar.today += timedelta(days=3)
    assert history.change(A, 75) == 5
    assert history.change(B, 10) is None
    assert history.change(A, None) is None
    history.close()
    again = ScoreHistory(tmp_path / "scores.sqlite3", calendar)
    assert again.change(A, 71) == 1
    assert again.line(A) == ((DAY, 70), (calendar.today, 71))
    again.close()


def test_old_days_are_forgotten(tmp_path: Path) -> None:
    calendar = Calendar()
    history = ScoreHistory(tmp_path / "scores.sqlite3", calendar)
    history.change(A, 80)
    calendar.today += timedelta(days=500)
    history.change(A, 90)
    history.close()
    again = ScoreHistory(tmp_path / "scores.sqlite3", calendar)
    assert again.line(A, days=1000) == ((calendar.today, 90),)
    again.close()


def test_a_locked_file_stays_and_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "scores.sqlite3"
    first = ScoreHistory(path, Calendar())
    first.change(A, 80)
    first.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    history = ScoreHistory(path, Calendar())
    assert history.change(A, 70) is None
    history.close()
    other.execute("ROLLBACK")
    other.close()
    assert not list(tmp_path.glob("*.damaged"))
    again = ScoreHistory(path, Calendar())
    assert again.line(A) == ((DAY, 80),)
    again.close()


def test_a_file_that_is_locked_later_is_written_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "scores.sqlite3"
    history = ScoreHistory(path, Calendar())
    history.change(A, 80)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    history.keep()
    other.execute("ROLLBACK")
    other.close()
    history.close()
    again = ScoreHistory(path, Calendar())
    assert again.line(A) == ((DAY, 80),)
    again.close()


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "scores.sqlite3"
    path.write_bytes(b"not a database" * 100)
    history = ScoreHistory(path, Calendar())
    history.change(A, 80)
    history.close()
    assert (tmp_path / "scores.sqlite3.damaged").exists()
