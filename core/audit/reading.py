"""Read the audit log without its keys, and say what of it cannot be believed.

Whoever only shows what was recorded must not have to wait for a keyring. Signatures and the head
are the business of `audit verify`; here a record is doubted when its own hash does not fit it,
when its line cannot be read, or when a number is missing.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from core.audit.record import Record, digest_of
from core.audit.schema import APPLICATION_ID, VERSION, creation_script
from core.changes.database import Database
from core.text import RingfenceError, Text


class Reading(Struct, frozen=True):
    """What was read in one go. `doubts` says in words what is wrong with it."""

    records: tuple[Record, ...] = ()
    altered: frozenset[int] = frozenset()  # numbers whose record does not fit its hash
    doubts: tuple[Text, ...] = ()


class AuditReader:
    """Follows the events of one log whose names begin with these words; it never raises.

    The other records are only counted and found readable: there are many, and who wants them
    asks the log itself.
    """

    def __init__(self, path: Path, beginnings: tuple[str, ...]) -> None:
        self._path = path
        ours = " OR ".join(["instr(body, ?)"] * len(beginnings))
        kept = f"CASE WHEN {ours} OR NOT json_valid(body) THEN body ELSE '' END"
        self._query = f"SELECT number, {kept} FROM records WHERE number > ? ORDER BY number"
        self._marks = tuple(f'"event":"{beginning}' for beginning in beginnings)
        self._database: Database | None = None
        self._seen = 0

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def news(self) -> Reading:
        """Return what was appended since the last call."""
        try:
            rows = self._rows()
        except RingfenceError as error:
            return Reading(doubts=(Text("audit.doubt.unreadable"), error.cause))
        reading = _judged(rows, self._seen)
        self._seen = max((number for number, _ in rows), default=self._seen)
        return reading

    def _rows(self) -> list[tuple[int, str]]:
        if self._database is None:
            self._database = Database(self._path, APPLICATION_ID, VERSION, creation_script())
        with self._database.reading() as connection:
            rows = connection.execute(self._query, (*self._marks, self._seen))
            return [(int(row[0]), str(row[1])) for row in rows]


def _judged(rows: list[tuple[int, str]], seen: int) -> Reading:
    records: list[Record] = []
    altered: set[int] = set()
    doubts: list[Text] = []
    expected = seen + 1
    for number, body in rows:
        if number != expected:
            doubts.append(Text("audit.doubt.missing", {"number": expected}))
        expected = number + 1
        if not body:
            continue
        record = _record(body)
        if record is None or record.number != number:
            doubts.append(Text("audit.doubt.record", {"number": number}))
            continue
        if digest_of(record) != record.sha256:
            altered.add(number)
            doubts.append(Text("audit.doubt.altered", {"number": number}))
        records.append(record)
    return Reading(tuple(records), frozenset(altered), tuple(doubts))


def _record(body: str) -> Record | None:
    try:
        return msgspec.json.decode(body, type=Record)
    except msgspec.DecodeError:
        return None
