"""How scores went: one value a day and target, in a small SQLite file.

Each day keeps its last value. Writing is one transaction, so that a power cut costs at most the
last write; a file that is no database is put aside under another name and begun anew, because
a lost trend must never keep the program from starting.
"""

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

log = logging.getLogger(__name__)
SPARK_DAYS = 30
KEPT_DAYS = 400

_SCHEMA = """
create table if not exists score (
    target text not null,
    day text not null,
    value integer not null check (value between 0 and 100),
    primary key (target, day)
) strict, without rowid
"""
_PUT = "insert or replace into score (target, day, value) values (?, ?, ?)"
_BEFORE = """
select value from score where target = ? and day < ? order by day desc limit 1
"""
_ALL_BEFORE = """
select target, value, max(day) from score where day < ? group by target
"""
_SPAN = "select day, value from score where target = ? and day between ? and ?"


class ScoreHistory:
    """The file of past scores. Targets are whatever identifies one: "host uuid", "host", "fleet".

    Args:
        path: of the database; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._prepare()
        except sqlite3.OperationalError:  # locked, or no such folder: the file is not at fault
            raise
        except sqlite3.DatabaseError:
            spoilt = path.with_name(f"{path.name}.spoilt")
            log.warning("%s is no database; put aside as %s", path, spoilt.name)
            path.replace(spoilt)
            self._prepare()

    def record(self, scores: Mapping[str, int | None], now: datetime) -> None:
        """Keep today's values; unknown ones are left out, and what is too old goes."""
        today = now.date()
        rows = [(target, today.isoformat(), v) for target, v in scores.items() if v is not None]
        oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
        with closing(self._open()) as database, database:
            database.executemany(_PUT, rows)
            database.execute("delete from score where day < ?", (oldest,))

    def trend(self, target: str, value: int | None, now: datetime) -> int | None:
        """The change since the last value of an earlier day; None without one."""
        if value is None:
            return None
        with closing(self._open()) as database:
            row = database.execute(_BEFORE, (target, now.date().isoformat())).fetchone()
        return None if row is None else value - int(row[0])

    def before_today(self, now: datetime) -> dict[str, int]:
        """The last value of an earlier day for every target: one query for a whole fleet."""
        with closing(self._open()) as database:
            rows = database.execute(_ALL_BEFORE, (now.date().isoformat(),)).fetchall()
        return {str(target): int(value) for target, value, _ in rows}

    def spark(self, target: str, now: datetime, days: int = SPARK_DAYS) -> tuple[int | None, ...]:
        """One value a day, oldest first, today last; None where nothing was kept."""
        last = now.date()
        first = last - timedelta(days=days - 1)
        with closing(self._open()) as database:
            rows = database.execute(_SPAN, (target, first.isoformat(), last.isoformat()))
            by_day = {str(day): int(value) for day, value in rows}
        return tuple(by_day.get(day.isoformat()) for day in _days(first, days))

    def _prepare(self) -> None:
        with closing(self._open()) as database, database:
            database.execute(_SCHEMA)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=2.0)


def _days(first: date, count: int) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range(count))
