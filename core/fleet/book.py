"""What one host has reported so far: rows, machines, facts, health. No judging, no loop.

Nothing here assumes an honest host: rows and machines are capped, names and uuids have a
longest length, and a machine nobody listed becomes a row like any other.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from core.facts import Host, Machine, MachineRow, Unknown
from core.hosts.protocol import (
    AnyReport,
    Failure,
    FullRead,
    Gone,
    Health,
    HostChanged,
    Machines,
    Opened,
    Rows,
)
from core.settings.model import HostEntry

MAX_MACHINES_A_HOST = 100_000
MAX_UUID = 64
FRESH_STATES = frozenset({"connected", "reading"})
_NEVER = datetime.fromtimestamp(0, UTC)


class Touched(Struct, frozen=True):
    """What a report touched: machines, the host's own line, or (`judge`) all judgement on it."""

    looked: tuple[str, ...] = ()  # uuids whose row or machine may be different
    gone: tuple[str, ...] = ()
    line: bool = False
    judge: bool = False


NOTHING = Touched()


class HostBook:
    """The reports of one host, put together."""

    def __init__(self, entry: HostEntry, now: datetime) -> None:
        self.entry = entry
        self.health = Health("connecting", now)
        self.facts: Host | None = None
        self.rows: dict[str, MachineRow] = {}
        self.machines: dict[str, Machine] = {}
        self.read_seconds: float | None = None
        self.problem: Failure | None = None

    @property
    def stale(self) -> bool:
        return self.health.state not in FRESH_STATES

    @property
    def last_seen(self) -> datetime:
        return self.health.last_seen or self.health.since

    @property
    def read_only(self) -> bool:
        return self.entry.read_only or (self.facts is not None and self.facts.read_only)

    def take_health(self, health: Health) -> Touched:
        was_stale, self.health = self.stale, health
        everything = tuple(self.rows) if self.stale != was_stale else ()
        return Touched(looked=everything, line=True)

    def take(self, report: AnyReport) -> Touched:
        match report:
            case Rows():
                return self._take_rows(report)
            case Machines():
                return self._take_machines(report.machines)
            case Opened() | HostChanged():
                return self._take_facts(report.host)
            case Gone():
                return self._take_gone(report.uuids)
            case FullRead():
                self.read_seconds = report.seconds
                return Touched(line=True)
            case _:
                return NOTHING

    def _take_rows(self, report: Rows) -> Touched:
        listed = {row.uuid: row for row in report.rows if _usable(row.uuid)}
        gone = tuple(uuid for uuid in self.rows if uuid not in listed) if report.whole else ()
        for uuid in gone:
            self._drop(uuid)
        looked = tuple(
            uuid for uuid, row in listed.items() if self.rows.get(uuid) != row and self._keep(row)
        )
        return Touched(looked, gone, line=bool(looked or gone))

    def _take_machines(self, machines: Iterable[Machine]) -> Touched:
        looked: list[str] = []
        for machine in machines:
            row = _row_of(machine, self.rows.get(machine.uuid))
            if _usable(machine.uuid) and self._keep(row):
                self.machines[machine.uuid] = machine
                looked.append(machine.uuid)
        return Touched(tuple(looked), line=bool(looked))

    def _take_facts(self, facts: Host) -> Touched:
        # The name is ours: a host that gives itself another one must not become that one.
        facts = msgspec.structs.replace(facts, name=self.entry.name)
        before, self.facts = self.facts, facts
        return Touched(line=True, judge=before is None or _lasting(before) != _lasting(facts))

    def _take_gone(self, uuids: Iterable[str]) -> Touched:
        gone = tuple(uuid for uuid in uuids if uuid in self.rows)
        for uuid in gone:
            self._drop(uuid)
        return Touched(gone=gone, line=bool(gone))

    def _keep(self, row: MachineRow) -> bool:
        if row.uuid not in self.rows and len(self.rows) >= MAX_MACHINES_A_HOST:
            self.problem = Failure("too-many-machines", {"maximum": str(MAX_MACHINES_A_HOST)})
            return False
        self.rows[row.uuid] = row
        return True

    def _drop(self, uuid: str) -> None:
        self.rows.pop(uuid, None)
        self.machines.pop(uuid, None)


def same_facts(before: Machine, after: Machine) -> bool:
    """Whether two observations say the same; only their times differ."""
    return before is after or before == msgspec.structs.replace(
        after, observed_at=before.observed_at
    )


def _usable(uuid: str) -> bool:
    return 0 < len(uuid) <= MAX_UUID


def _row_of(machine: Machine, before: MachineRow | None) -> MachineRow:
    fresh = MachineRow(
        machine.uuid,
        machine.name,
        machine.state,
        machine.id,
        machine.persistent,
        machine.autostart,
        machine.managed_save,
    )
    if before is None:
        return fresh
    return msgspec.structs.replace(fresh, has_snapshots=before.has_snapshots)


def _lasting(facts: Host) -> Host:
    """The facts without what changes by itself: nobody is judged again because time passed."""
    os = facts.os
    if not isinstance(os, Unknown):
        os = msgspec.structs.replace(os, uptime_seconds=0.0, clock_offset_seconds=0.0)
    return msgspec.structs.replace(facts, observed_at=_NEVER, os=os)
