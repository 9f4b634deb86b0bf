"""One way to open our SQLite files: durable at every commit, shared by several processes.

Write-ahead log with synchronous=FULL: a commit is one fsync, and readers wait for nobody: they
have a connection of their own, so that a slow disk or another process holds up no reading.
"""

import sqlite3
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.text import RingfenceError

BUSY_SECONDS = 5.0


class Database:
    """Two connections that any thread may use: one writer at a time, and one reader.

    Raises:
        RingfenceError: the file is not ours, of a newer version, or cannot be opened.
    """

    def __init__(self, path: Path, application_id: int, version: int, script: str) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._reader_lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=True)
            self._connection = _connected(path)
            self._prepare(application_id, version, script)
            self._reader = _connected(path)
            self._reader.execute("PRAGMA query_only = ON")
        except (sqlite3.DatabaseError, OSError) as error:
            raise RingfenceError("database-unreadable", str(error), path=str(path)) from error

    def close(self) -> None:
        with self._reader_lock:
            self._reader.close()
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One transaction: all of it is on the disk when the block ends, or nothing.

        Raises:
            RingfenceError: the disk is full, the file is read-only or another process holds it.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                path = str(self.path)
                raise RingfenceError("database-not-written", str(error), path=path) from error
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        with self._reader_lock:
            try:
                yield self._reader
            except sqlite3.Error as error:
                path = str(self.path)
                raise RingfenceError("database-unreadable", str(error), path=path) from error

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # the first error is the one to tell
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _prepare(self, application_id: int, version: int, script: str) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("BEGIN IMMEDIATE")
        found = self._pragma("application_id"), self._pragma("user_version")
        if found == (0, 0):
            self._create(application_id, version, script)
        self._connection.execute("COMMIT")
        if found not in {(0, 0), (application_id, version)}:
            self._connection.close()
            raise RingfenceError("database-of-another-kind", path=str(self.path))

    def _create(self, application_id: int, version: int, script: str) -> None:
        for statement in _statements(script):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA application_id = {application_id:d}")
        self._connection.execute(f"PRAGMA user_version = {version:d}")

    def _pragma(self, name: str) -> int:
        row = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(row[0])


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _statements(script: str) -> Iterator[str]:
    """Split a script; executescript would commit the transaction we are in."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
