"""Keeps the window's picture of one host true: reads everything, then what changed.

Nothing here waits for a call: reads are jobs for the links, and a machine whose read hangs
holds up one link, not the others' changes. Events only mark machines; marks are collected for
`COALESCE_S`, longer while rounds take longer, so that a flood costs a few reads.
"""

import threading
import time
from collections.abc import Callable, Iterable

from core.facts.machine import ACTIVE_STATES
from core.hosts.protocol import FullRead, Report, Rows
from core.hosts.worker.ledger import Ledger
from core.hosts.worker.link import BULK, CHANGED, JobQueue, Link
from core.hosts.worker.machine_reader import MachineReader
from core.hosts.worker.memory import give_back
from core.hosts.worker.source import Rows as RowList
from core.hosts.worker.source import Source

COALESCE_S = 0.05
MANY = 8  # more changed machines than this are surveyed together
POLL_S = 10.0  # a driver without events is listed this often


class Follower(threading.Thread):
    """Decides when to read what; its marks are behind one lock."""

    def __init__(
        self,
        source: Source,
        jobs: JobQueue,
        ledger: Ledger,
        reader: MachineReader,
        send: Callable[[Report], None],
        calls: Callable[[], int],
        full_every_s: float,
        held_every_s: float,
        held_told_every_s: float,
    ) -> None:
        super().__init__(name="follower", daemon=True)
        self._source = source
        self._jobs = jobs
        self._ledger = ledger
        self._reader = reader
        self._send = send
        self._calls = calls
        self._full_every_s = full_every_s
        self._held_every_s = held_every_s
        self._held_told_every_s = held_told_every_s
        self._survey_every_s = full_every_s
        self._marks = threading.Condition()
        self._changed: set[str] = set()
        self._reading: set[str] = set()
        self._held: frozenset[str] = frozenset()
        self._held_told = 0.0
        self._survey_wanted = True
        self._full_wanted = True
        self._surveying = False
        self._not_before = 0.0

    # --- marks, from any thread ---

    def machine_changed(self, uuid: str) -> None:
        self._mark({uuid})

    def refresh(self, uuids: Iterable[str]) -> None:
        """Read and send these again even if nothing differs; none: the whole host."""
        wanted = frozenset(uuids)
        self._ledger.send_again(wanted or None)
        self._mark(wanted, survey=not wanted, full=not wanted)

    def hold(self, uuids: Iterable[str]) -> None:
        self._held = frozenset(uuids)
        self._mark(self._held)

    def models_known(self) -> None:
        """Labels can be paired now: read again the running machines that were too early."""
        rows, sent = self._ledger.rows(), self._ledger.sent()
        self._mark({u for u in sent if u in rows and rows[u].state in ACTIVE_STATES})

    def survey_soon(self) -> None:
        self._mark((), survey=True)

    def poll(self) -> None:
        """There are no events after all: list the machines every `POLL_S` seconds."""
        self._survey_every_s = min(POLL_S, self._full_every_s)

    def _mark(self, uuids: Iterable[str], survey: bool = False, full: bool = False) -> None:
        with self._marks:
            self._changed.update(uuids)
            self._survey_wanted |= survey
            self._full_wanted |= full
            self._marks.notify()

    # --- rounds, in its own thread ---

    def run(self) -> None:
        now = time.monotonic()
        full, held = now + self._full_every_s, now + self._held_every_s
        survey = now + self._survey_every_s
        while True:
            now = time.monotonic()
            with self._marks:
                if now >= full:
                    full, self._survey_wanted, self._full_wanted = _next(now, self._full_every_s)
                survey = min(survey, now + self._survey_every_s)
                if now >= survey:
                    survey, self._survey_wanted, _ = _next(now, self._survey_every_s)
                if now >= held:
                    held = now + self._held_every_s
                    self._tell_held(now)
                    self._changed |= self._held & set(self._ledger.rows())
                self._give_out(now)
                self._reader.flush_old()  # one read that hangs must not keep the others' results
                self._marks.wait(self._pause(now, min(full, held, survey)))

    def _tell_held(self, now: float) -> None:
        """Silence would look like a read that hangs: what did not change is told again too."""
        if now >= self._held_told + self._held_told_every_s:
            self._held_told = now
            self._ledger.send_again(self._held)

    def _pause(self, now: float, next_round: float) -> float:
        waiting = self._survey_wanted or bool(self._changed - self._reading)
        if waiting and not self._surveying:
            next_round = min(next_round, max(self._not_before, now))
        if self._reading:
            next_round = min(next_round, now + COALESCE_S)
        return max(0.001, next_round - now)

    def _give_out(self, now: float) -> None:
        ready = self._changed - self._reading
        if self._surveying or now < self._not_before or not (ready or self._survey_wanted):
            return
        self._not_before = now + COALESCE_S
        if self._survey_wanted or len(ready) > MANY:
            self._survey_wanted, self._surveying = False, True
            self._source.survey(self._jobs, self._first_rows, self._surveyed)
            return
        self._changed -= ready
        for uuid in ready:
            self._queue(CHANGED, uuid, fresh=True)

    # --- in the links' threads ---

    def _first_rows(self, rows: RowList) -> None:
        """Names and states before the flags are known: only the very first time."""
        if not self._ledger.rows():
            self._ledger.replace_rows(rows)
            self._send(Rows(rows, whole=True))

    def _surveyed(self, rows: RowList, took_s: float) -> None:
        differs = self._ledger.replace_rows(rows)
        if differs is not None:
            self._reader.flush()  # what was read of machines that are gone must not come later
            self._send(Rows(rows, whole=True))
        with self._marks:
            self._surveying = False
            self._not_before = time.monotonic() + max(COALESCE_S, 2 * took_s)
            full, self._full_wanted = self._full_wanted, False
            marked = (self._changed | (differs or frozenset())) - self._reading
            self._changed &= self._reading
            wanted = [row.uuid for row in rows if full or row.uuid in marked]
            self._queue_round(wanted, full)
            self._marks.notify()

    def _queue_round(self, wanted: list[str], full: bool) -> None:
        """Off machines first: running ones need the security models, which come a bit later."""
        rows = self._ledger.rows()
        round_ = FullRound(len(wanted), self._send, self._calls) if full else None
        if round_ is not None:
            self._reader.begin_round()
            if not wanted:
                round_.report()
        order = sorted(wanted, key=lambda uuid: rows[uuid].state in ACTIVE_STATES)
        for uuid in order:
            self._queue(BULK if full else CHANGED, uuid, fresh=False, round_=round_)

    def _queue(
        self, priority: int, uuid: str, fresh: bool, round_: "FullRound | None" = None
    ) -> None:
        self._reading.add(uuid)
        self._jobs.put(priority, lambda link: self._read(link, uuid, fresh, round_))

    def _read(self, link: Link, uuid: str, fresh: bool, round_: "FullRound | None") -> None:
        self._reader.read(link, uuid, fresh)
        finished = round_ is not None and round_.one_done()
        if round_ is None or finished:
            self._reader.flush()
        if round_ is not None and finished:
            round_.report()
            self._reader.end_round()
        with self._marks:
            self._reading.discard(uuid)
            if uuid in self._changed:  # it changed while it was read
                self._marks.notify()


def _next(now: float, every_s: float) -> tuple[float, bool, bool]:
    return now + every_s, True, True


class FullRound:
    """Counts one reading of the whole host and reports what it cost."""

    def __init__(
        self, machines: int, send: Callable[[Report], None], calls: Callable[[], int]
    ) -> None:
        self._machines = machines
        self._left = machines
        self._send = send
        self._calls = calls
        self._calls_before = calls()
        self._started = time.monotonic()
        self._lock = threading.Lock()

    def one_done(self) -> bool:
        """Whether this was the last one."""
        with self._lock:
            self._left -= 1
            return not self._left

    def report(self) -> None:
        seconds = time.monotonic() - self._started
        self._send(FullRead(self._machines, seconds, self._calls() - self._calls_before))
        give_back()
