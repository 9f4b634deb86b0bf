"""The audit log: append-only, hash-chained, each record signed, the head signed beside it.

It follows the journal: what the journal has and the log has not is appended, so that a process
that ended in between loses nothing. Several processes may append; a file lock orders them. A log
found cut is not silently continued: the break becomes a record that `verify` reports for ever.
"""

import fcntl
import os
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import msgspec

from core.audit.head import Head, head_file, new_head, read_head, write_head
from core.audit.mirror import entries_of
from core.audit.record import FIRST, Entry, Record, Verification, digest
from core.audit.schema import APPLICATION_ID, VERSION, creation_script
from core.audit.signing import open_signer
from core.audit.verify import BREAK, problems_of
from core.changes.database import BUSY_SECONDS, Database
from core.changes.journal import Journal
from core.keys.store import Keys
from core.text import RingfenceError

OPERATOR_SELF = "ringfence"
LOCK_POLL_S = 0.01


class AuditLog:
    """One log, its head in `<file>.head` and its lock in `<file>.lock`."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self._database = Database(path, APPLICATION_ID, VERSION, creation_script())
        self._signer = open_signer(keys, path.parent / "keys")
        self._head = head_file(path)
        self._lock = path.with_name(path.name + ".lock")
        with self._alone():
            if self.head() is None and not self.records():
                self._write_head()

    def close(self) -> None:
        self._database.close()

    def append(self, entry: Entry) -> None:
        """Record something that is not a plan's step."""
        with self._alone():
            with self._database.writing() as connection:
                self._extend(connection, (entry,))
            self._write_head()

    def append_once(self, entry: Entry) -> bool:
        """Record what several processes may see; False when it stands there already."""
        body = msgspec.json.encode(entry).decode()
        with self._alone():
            with self._database.writing() as connection:
                query = "SELECT 1 FROM records WHERE instr(body, ?) LIMIT 1"
                if connection.execute(query, (body,)).fetchone() is not None:
                    return False
                self._extend(connection, (entry,))
            self._write_head()
        return True

    def follow(self, journal: Journal) -> None:
        """Record every journal row that is not recorded yet."""
        with self._alone():
            with self._database.writing() as connection:
                events = journal.events_after(_last_journal_seq(connection))
                self._extend(connection, entries_of(journal, events))
            self._write_head()

    def records(self, after: int = 0) -> tuple[Record, ...]:
        with self._database.reading() as connection:
            query = "SELECT body FROM records WHERE number > ? ORDER BY number"
            rows = connection.execute(query, (after,)).fetchall()
        return tuple(msgspec.json.decode(row[0], type=Record) for row in rows)

    def readable_records(self) -> tuple[Record | None, ...]:
        """All of them; None in the place of a line that cannot be read."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT body FROM records ORDER BY number").fetchall()
        return tuple(_readable(row[0]) for row in rows)

    def head(self) -> Head | None:
        """What a host can be given to anchor the chain."""
        return read_head(self._head)

    def verify(self, journal: Journal | None = None) -> Verification:
        """Check every record, the head, and with a journal that both tell the same."""
        with self._alone():
            with self._database.reading() as connection:
                rows = connection.execute("SELECT body FROM records ORDER BY number").fetchall()
            head = self.head()
        found = problems_of([_readable(row[0]) for row in rows], head, self._signer, journal)
        return Verification(len(rows), tuple(found))

    def _extend(self, connection: Connection, entries: Iterable[Entry]) -> None:
        row = connection.execute(
            "SELECT number, body FROM records ORDER BY number DESC LIMIT 1"
        ).fetchone()
        last = None if row is None else msgspec.json.decode(row[1], type=Record)
        for entry in (*self._breaks(last), *entries):
            last = self._next(last, entry)
            values = (last.number, entry.journal_seq, msgspec.json.encode(last).decode())
            connection.execute("INSERT INTO records VALUES (?, ?, ?)", values)

    def _breaks(self, last: Record | None) -> Iterator[Entry]:
        """What must be said before anything is appended to a log that does not fit its head."""
        head, count = self.head(), last.number if last else 0
        if head is None and last is not None:
            yield Entry(BREAK, OPERATOR_SELF, detail=f"head missing at {count}")
        elif head is not None and head.count > count:
            yield Entry(BREAK, OPERATOR_SELF, detail=f"head {head.count}, records {count}")

    def _next(self, last: Record | None, entry: Entry) -> Record:
        number = last.number + 1 if last else 1
        previous, at, key = last.sha256 if last else FIRST, datetime.now(UTC), self._signer.key_id
        sha256 = digest(number, at, entry, previous, key)
        return Record(number, at, entry, previous, key, sha256, self._signer.sign(sha256))

    def _write_head(self) -> None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT body FROM records ORDER BY number DESC LIMIT 1"
            ).fetchone()
        last = None if row is None else msgspec.json.decode(row[0], type=Record)
        number, sha256 = (last.number, last.sha256) if last else (0, FIRST)
        try:
            write_head(self._head, new_head(self._signer, number, sha256))
        except OSError as error:
            path = str(self._head)
            raise RingfenceError("database-not-written", str(error), path=path) from error

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Be the only process that appends.

        Raises:
            RingfenceError: another one does not end, or the disk takes no lock file.
        """
        try:
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._not_written(str(error)) from error
        try:
            self._take(handle)
            yield
        finally:
            os.close(handle)

    def _take(self, handle: int) -> None:
        """The kernel knows no wait with an end: a process that stands still must not hold us."""
        end = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > end:
                    raise self._not_written("locked") from error
                time.sleep(LOCK_POLL_S)

    def _not_written(self, detail: str) -> RingfenceError:
        return RingfenceError("database-not-written", detail, path=str(self._database.path))


def _readable(body: str) -> Record | None:
    try:
        return msgspec.json.decode(body, type=Record)
    except msgspec.DecodeError:
        return None


def _last_journal_seq(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(journal_seq), 0) FROM records").fetchone()
    return int(row[0])
