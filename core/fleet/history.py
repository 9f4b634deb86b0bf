"""Scores from day to day: what the trend of a row and the thirty-day line are made of.

One row a machine and day, the day's last score. Losing this file loses trends and nothing else:
one that cannot be read is put aside and a new one begun.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.fleet.model import Key

KEPT_DAYS = 400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS scores (
    day TEXT NOT NULL, host TEXT NOT NULL, uuid TEXT NOT NULL, score INTEGER NOT NULL,
    PRIMARY KEY (host, uuid, day)
) STRICT, WITHOUT ROWID
"""
_LAST_BEFORE = """
SELECT host, uuid, score FROM scores AS s WHERE day = (
    SELECT max(day) FROM scores WHERE host = s.host AND uuid = s.uuid AND day < ?)
"""


class ScoreHistory:
    """Implements `core.fleet.judging.Trend`; `keep` writes what was learned since."""

    def __init__(
        self, path: Path, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        self._path = path
        self._today = today
        self._database = _opened(path)
        self._day = today()
        self._before = self._last_before(self._day)
        self._new: dict[Key, int] = {}

    def change(self, key: Key, score: int | None) -> int | None:
        """How far a score is from the last one of an earlier day; remembers it for today."""
        if self._today() != self._day:
            self._turn_the_page()
        if score is None:
            return None
        self._new[key] = score
        before = self._before.get(key)
        return None if before is None else score - before

    def line(self, key: Key, days: int = 30) -> tuple[tuple[date, int], ...]:
        """The last score of each day that has one, oldest first."""
        first = (self._today() - timedelta(days=days - 1)).isoformat()
        found = self._database.execute(
            "SELECT day, score FROM scores WHERE host = ? AND uuid = ? AND day >= ? ORDER BY day",
            (key.host, key.uuid, first),
        )
        line = {date.fromisoformat(day): score for day, score in found}
        if key in self._new:
            line[self._day] = self._new[key]
        return tuple(line.items())

    def keep(self) -> None:
        """Write today's scores; another process's newer ones are replaced, as ours will be."""
        if not self._new:
            return
        rows = [(self._day.isoformat(), key.host, key.uuid, s) for key, s in self._new.items()]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?)", rows)
        self._new = {}

    def close(self) -> None:
        self.keep()
        oldest = (self._day - timedelta(days=KEPT_DAYS)).isoformat()
        with self._database:
            self._database.execute("DELETE FROM scores WHERE day < ?", (oldest,))
        self._database.close()

    def _turn_the_page(self) -> None:
        self.keep()
        self._day = self._today()
        self._before = self._last_before(self._day)

    def _last_before(self, day: date) -> dict[Key, int]:
        found = self._database.execute(_LAST_BEFORE, (day.isoformat(),))
        return {Key(host, uuid): score for host, uuid, score in found}


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError:
        path.replace(path.with_name(path.name + ".damaged"))
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=2.0)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(_SCHEMA)
        database.commit()
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
