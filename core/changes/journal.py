"""The journal: what was meant, before it is done, and what came of it, after.

Every write is on the disk when the method returns. History cannot be altered through it. Several
processes may have it open; who runs a plan holds its lock (core.changes.locks).
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import msgspec
from msgspec import Struct

from core.changes.database import Database
from core.changes.history import Event, PlanRecord, record_of
from core.changes.outcome import PlanOutcome, PlanState, StepOutcome
from core.changes.plan import Plan, decode_plan, encode_plan
from core.changes.schema import APPLICATION_ID, VERSION, creation_script
from core.text import RingfenceError

_EVENT_COLUMNS = "seq, plan_id, at, event, phase, step, body"


class Journal:
    """All plans that ever ran on this station."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, APPLICATION_ID, VERSION, creation_script())
        self.path = path

    def close(self) -> None:
        self._database.close()

    # --- writing ------------------------------------------------------------------------------

    def begin(self, plan: Plan, phase: str, steps: Sequence[int]) -> None:
        """Write the plan (once), that it begins, and its first intents, with a single fsync."""
        with self._database.writing() as connection:
            known = connection.execute("SELECT body FROM plans WHERE id = ?", (plan.id,)).fetchone()
            if known is None:
                values = (plan.id, plan.kind, plan.created_at.isoformat(), encode_plan(plan))
                connection.execute("INSERT INTO plans VALUES (?, ?, ?, ?)", values)
            elif decode_plan(known[0]) != plan:  # an older version wrote fewer fields
                raise RingfenceError("plan-altered", plan=plan.id)
            _append(connection, plan.id, "begin", phase, None, "{}")
            _append_intents(connection, plan.id, phase, steps)

    def intend(self, plan_id: str, phase: str, steps: Sequence[int]) -> None:
        with self._database.writing() as connection:
            _append_intents(connection, plan_id, phase, steps)

    def settle(self, plan_id: str, phase: str, step: int, outcome: StepOutcome) -> None:
        with self._database.writing() as connection:
            _append(connection, plan_id, "result", phase, step, _json(outcome))

    def finish(self, plan_id: str, phase: str, outcome: PlanOutcome) -> None:
        with self._database.writing() as connection:
            _append(connection, plan_id, "finish", phase, None, _json(outcome))

    def keep(self, plan_id: str, name: str, blob: bytes) -> None:
        """Keep a sealed value; what is already kept under that name stays."""
        values = (plan_id, name, _now(), blob)
        with self._database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO sealed VALUES (?, ?, ?, ?)", values)

    # --- reading ------------------------------------------------------------------------------

    def kept(self, plan_id: str, name: str) -> bytes | None:
        query = "SELECT blob FROM sealed WHERE plan_id = ? AND name = ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (plan_id, name)).fetchone()
        return None if row is None else bytes(row[0])

    def find(self, plan_id: str) -> PlanRecord | None:
        """Return one plan by its id, or by a prefix that only it has."""
        query = "SELECT body FROM plans WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2"
        with self._decoding() as connection:
            rows = connection.execute(query, (plan_id,)).fetchall()
            if not plan_id or len(rows) != 1:
                return None
            plan = decode_plan(rows[0][0])
            return record_of(plan, _events(connection, plan.id))

    @contextmanager
    def _decoding(self) -> Generator[Connection]:
        """Rows that are no plans of ours are an error of the file, not of the program."""
        try:
            with self._database.reading() as connection:
                yield connection
        except msgspec.DecodeError as error:
            path = str(self.path)
            raise RingfenceError("database-unreadable", str(error), path=path) from error

    def need(self, plan_id: str) -> PlanRecord:
        """Return one plan.

        Raises:
            RingfenceError: there is none, or the prefix fits several.
        """
        record = self.find(plan_id)
        if record is None:
            raise RingfenceError("plan-not-found", plan=plan_id)
        return record

    def records(self, kinds: Sequence[str] = ()) -> tuple[PlanRecord, ...]:
        """Return all plans, newest first."""
        with self._decoding() as connection:
            rows = connection.execute("SELECT kind, body FROM plans ORDER BY id DESC").fetchall()
            plans = [decode_plan(body) for kind, body in rows if not kinds or kind in kinds]
            return tuple(record_of(plan, _events(connection, plan.id)) for plan in plans)

    def records_after(self, seq: int, kinds: Sequence[str]) -> tuple[PlanRecord, ...]:
        """Return the plans of these kinds that something was written of after `seq`."""
        query = "SELECT DISTINCT plan_id FROM events WHERE seq > ?"
        with self._database.reading() as connection:
            rows = connection.execute(query, (seq,)).fetchall()
        found = (self.need(plan_id) for (plan_id,) in rows)
        return tuple(record for record in found if record.plan.kind in kinds)

    def unfinished(self) -> tuple[PlanRecord, ...]:
        """Return what must be resumed or rolled back; offered at the next start."""
        return tuple(record for record in self.records() if record.open)

    def newer(self, plan: Plan, after_seq: int) -> PlanRecord | None:
        """Return a plan that changed one of this plan's machines after that row and stands."""
        if not plan.changes_machines:
            return None
        query = "SELECT DISTINCT plan_id FROM events WHERE seq > ? AND plan_id != ?"
        with self._database.reading() as connection:
            rows = connection.execute(query, (after_seq, plan.id)).fetchall()
        machines = {(target.host, target.uuid) for target in plan.targets}
        for (plan_id,) in rows:
            record = self.need(plan_id)
            if not record.plan.changes_machines:
                continue
            theirs = {(target.host, target.uuid) for target in record.plan.targets}
            if machines & theirs and record.state is not PlanState.ROLLED_BACK:
                return record
        return None

    def last_seq(self) -> int:
        with self._database.reading() as connection:
            row = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        return int(row[0])

    def seq_at(self, moment: datetime) -> int:
        """The last row written by then, as far as the clock can tell."""
        query = "SELECT coalesce(max(seq), 0) FROM events WHERE at <= ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (moment.isoformat(),)).fetchone()
        return int(row[0])

    def events_after(self, seq: int) -> tuple[Event, ...]:
        query = f"SELECT {_EVENT_COLUMNS} FROM events WHERE seq > ? ORDER BY seq"
        with self._database.reading() as connection:
            return tuple(_event(row) for row in connection.execute(query, (seq,)))


def _append_intents(connection: Connection, plan_id: str, phase: str, steps: Sequence[int]) -> None:
    for step in steps:
        _append(connection, plan_id, "intent", phase, step, "{}")


def _append(
    connection: Connection, plan_id: str, event: str, phase: str, step: int | None, body: str
) -> None:
    connection.execute(
        "INSERT INTO events (plan_id, at, event, phase, step, body) VALUES (?, ?, ?, ?, ?, ?)",
        (plan_id, _now(), event, phase, step, body),
    )


def _events(connection: Connection, plan_id: str) -> tuple[Event, ...]:
    query = f"SELECT {_EVENT_COLUMNS} FROM events WHERE plan_id = ? ORDER BY seq"
    return tuple(_event(row) for row in connection.execute(query, (plan_id,)))


def _event(row: Sequence[object]) -> Event:
    names = _EVENT_COLUMNS.split(", ")
    return msgspec.convert(dict(zip(names, row, strict=True)), type=Event)


def _json(value: Struct) -> str:
    return msgspec.json.encode(value).decode()


def _now() -> str:
    return datetime.now(UTC).isoformat()
