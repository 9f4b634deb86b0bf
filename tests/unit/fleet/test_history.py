"""Trends compare with the last day that has a score; a damaged file costs only trends."""

from datetime import date, timedelta
from pathlib import Path

from core.fleet.history import ScoreHistory
from core.fleet.model import Key

A, B = Key("hv1", "a"), Key("hv2", "a")
DAY = date(2026, 11, 20)


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


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "scores.sqlite3"
    path.write_bytes(b"not a database" * 100)
    history = ScoreHistory(path, Calendar())
    history.change(A, 80)
    history.close()
    assert (tmp_path / "scores.sqlite3.damaged").exists()
