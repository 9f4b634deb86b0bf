"""Scores from day to day: what the trend of a row and the thirty-day line are made of.

One row a machine and day, the day's last score. Losing this file loses trends and nothing else:
one that is damaged is put aside and a new one begun. One that only cannot be used now (locked, no
room, not writable) stays where it is, and this run remembers by itself.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.fleet.model import Key

KEPT_DAYS = 400
BUSY_SECONDS = 0.5
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOG = logging.getLogger("ringfence.history")
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
        self._today = today
        self._lock = threading.Lock()  # scores are kept beside the loop
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
        found = self._read(
            "SELECT day, score FROM scores WHERE host = ? AND uuid = ? AND day >= ? ORDER BY day",
            (key.host, key.uuid, first),
        )
        line = {date.fromisoformat(day): int(score) for day, score in found}
        if key in self._new:
            line[self._day] = self._new[key]
        return tuple(line.items())

    def keep(self) -> None:
        """Write today's scores; another process's newer ones are replaced, as ours will be. What
        cannot be written now is tried again the next time. From any thread."""
        new, self._new = self._new, {}
        rows = [(self._day.isoformat(), key.host, key.uuid, s) for key, s in new.items()]
        if rows and not self._write("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?)", rows):
            self._new = {**new, **self._new}

    def close(self) -> None:
        self.keep()
        oldest = (self._day - timedelta(days=KEPT_DAYS)).isoformat()
        self._write("DELETE FROM scores WHERE day < ?", [(oldest,)])
        with self._lock:
            self._database.close()

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> bool:
        try:
            with self._lock, self._database:
                self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            _LOG.warning("scores were not kept: %s", error)
            return False
        return True

    def _read(self, query: str, values: tuple[object, ...]) -> list[tuple[str, ...]]:
        try:
            with self._lock:
                return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            _LOG.warning("scores could not be read: %s", error)
            return []

    def _turn_the_page(self) -> None:
        self.keep()
        self._day = self._today()
        self._before = self._last_before(self._day)

    def _last_before(self, day: date) -> dict[Key, int]:
        found = self._read(_LAST_BEFORE, (day.isoformat(),))
        return {Key(host, uuid): int(score) for host, uuid, score in found}


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _DAMAGED:
            _LOG.warning("trends of this run only: %s", error)
            return _connected(None)
        path.replace(path.with_name(path.name + ".damaged"))
        return _connected(path)


def _connected(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(path or ":memory:", timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(_SCHEMA)
        database.commit()
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
