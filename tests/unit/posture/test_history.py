"""Past scores: one a day, trend against an earlier day, a file that broke is begun anew."""

from datetime import timedelta
from pathlib import Path

from core.posture.history import KEPT_DAYS, ScoreHistory
from tests.unit.posture.build import NOW

YESTERDAY = NOW - timedelta(days=1)


def test_the_trend_is_against_the_last_earlier_day(tmp_path: Path) -> None:
    history = ScoreHistory(tmp_path / "scores.db")
    history.record({"hv1 u": 40}, NOW - timedelta(days=5))
    history.record({"hv1 u": 55, "hv1 v": None}, YESTERDAY)
    history.record({"hv1 u": 70}, NOW)
    assert history.trend("hv1 u", 70, NOW) == 15
    assert history.trend("hv1 v", 70, NOW) is None
    assert history.trend("hv1 u", None, NOW) is None
    assert history.before_today(NOW) == {"hv1 u": 55}


def test_the_last_value_of_a_day_counts(tmp_path: Path) -> None:
    history = ScoreHistory(tmp_path / "scores.db")
    history.record({"a": 10}, NOW)
    history.record({"a": 20}, NOW)
    assert history.spark("a", NOW, days=3) == (None, None, 20)


def test_a_spark_has_a_place_for_every_day(tmp_path: Path) -> None:
    history = ScoreHistory(tmp_path / "scores.db")
    history.record({"a": 10}, NOW - timedelta(days=29))
    history.record({"a": 30}, NOW)
    spark = history.spark("a", NOW)
    assert len(spark) == 30
    assert (spark[0], spark[1], spark[-1]) == (10, None, 30)


def test_it_outlives_the_program_and_forgets_in_time(tmp_path: Path) -> None:
    path = tmp_path / "scores.db"
    ScoreHistory(path).record({"a": 10}, NOW - timedelta(days=KEPT_DAYS + 2))
    ScoreHistory(path).record({"b": 20}, YESTERDAY)
    assert ScoreHistory(path).before_today(NOW) == {"b": 20}


def test_a_spoilt_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "scores.db"
    path.write_bytes(b"this is not a database" * 100)
    history = ScoreHistory(path)
    history.record({"a": 10}, YESTERDAY)
    assert history.trend("a", 12, NOW) == 2
    assert (tmp_path / "scores.db.spoilt").exists()
