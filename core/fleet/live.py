"""The live view of all hosts: reports go in, frozen views come out.

Reports are merged as they come and published together, at most every 50 ms; the first rows of a
host at once. Judging runs in slices of a few milliseconds, so that the loop it shares with the
window is never held. Only what changed is judged and announced. Runs on the running asyncio loop.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter

from core.fleet.book import HostBook, Touched
from core.fleet.desk import HostDesk
from core.fleet.edition import Edition
from core.fleet.judging import (
    Judge,
    QuarantineOf,
    Trend,
)
from core.fleet.model import FleetChanges, FleetView, Key
from core.fleet.sums import SumOrder, Sums, sum_up
from core.hosts.protocol import AnyReport, Health
from core.posture.subject import FleetSubject, HostSubject
from core.settings.model import FleetFile, HostEntry

PUBLISH_EVERY_S = 0.05
PUBLISH_WHILE_BUSY_S = 0.15
SLICE_S = 0.008
# Judging hosts and fleet anew takes at most a fifth of the time, and waits for no more than 2 s.
SUM_PAUSE_S = (0.05, 2.0)
SUM_PAUSE_FACTOR = 5
ANEW_PAUSE_FACTOR = 10

Subscriber = Callable[[FleetView, FleetChanges], None]


class NoTrend:
    """For those who keep no history of scores."""

    def change(self, key: Key, score: int | None) -> int | None:
        return None


class LiveFleet:
    """Listens to all sessions and keeps `view` up to date.

    Args:
        settings: zones, tenants, risks and waivers.
        judge: pure functions over facts.
        quarantine_of: what is observed of a machine's hold; None when it has none.
        trend: the history of scores.
        now: the clock.
    """

    def __init__(
        self,
        settings: FleetFile,
        judge: Judge,
        *,
        quarantine_of: QuarantineOf = lambda key, machine, stale: None,
        trend: Trend | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._edition = Edition(settings.zones)
        self._settings = settings
        self._judge = judge
        self._quarantine_of = quarantine_of
        self._trend = trend or NoTrend()
        self._now = now
        self._desks: dict[str, HostDesk] = {}
        self._subscribers: list[Subscriber] = []
        self._bare: dict[Key, None] = {}
        self._todo: dict[Key, None] = {}
        self._lines: set[str] = set()  # hosts whose own line is to be written anew
        self._hosts: dict[str, float] = {}  # due for judging, at loop time
        self._host_judged: dict[str, float] = {}
        self._anew: dict[str, float] = {}  # hosts whose facts changed: due at
        self._anew_not_before: dict[str, float] = {}
        self._fleet_due: float | None = None
        self._fleet_judged = 0.0
        self._summing: asyncio.Future[Sums] | None = None
        self._sum_began = 0.0
        self._sum_pause_s = SUM_PAUSE_S[0]
        self._published = 0.0
        self._timer: asyncio.Handle | None = None
        self._timer_due = 0.0

    # --- what the window and the terminal use ---------------------------------------------

    @property
    def view(self) -> FleetView:
        """Everything as it was last published."""
        return self._edition.view

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call back with every new view; the returned function ends it."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    @property
    def settled(self) -> bool:
        """Whether everything reported so far is judged and published."""
        working = (
            self._bare or self._todo or self._lines or self._hosts or self._summing is not None
        ) or self._anew
        return self._edition.empty and not working and self._fleet_due is None

    async def wait_until(
        self, done: Callable[[FleetView], bool], deadline_s: float, *, settled: bool = True
    ) -> bool:
        """Wait until `done` holds, and unless `settled` is False everything is judged and
        published; False when time ran out."""
        reached = asyncio.Event()

        def look(view: FleetView, changes: FleetChanges) -> None:
            reached.set()

        unsubscribe = self.subscribe(look)
        end = perf_counter() + deadline_s
        try:
            while not ((self.settled or not settled) and done(self.view)):
                left = end - perf_counter()
                if left <= 0:
                    return False
                reached.clear()
                # Settling may come without a new view: look again before long.
                with suppress(TimeoutError):
                    await asyncio.wait_for(reached.wait(), min(left, 0.1))
            return True
        finally:
            unsubscribe()

    def add_host(self, entry: HostEntry) -> None:
        """Show a host from now on; one of that name that is there is replaced."""
        self.remove_host(entry.name)
        desk = HostDesk(HostBook(entry, self._now()), self._settings, self._judge)
        self._desks[entry.name] = desk
        self._lines.add(entry.name)
        self._schedule(0.0)

    def remove_host(self, name: str) -> None:
        """Take a host and its machines off the view; late reports of it are ignored."""
        desk = self._desks.pop(name, None)
        if desk is None:
            return
        self._forget(desk, tuple(desk.book.rows))
        self._hosts.pop(name, None)
        self._lines.discard(name)
        self._anew.pop(name, None)
        self._host_judged.pop(name, None)
        self._edition.put_host(name, None)
        self._fleet_soon()
        self._schedule(0.0)

    def apply(self, settings: FleetFile, judge: Judge) -> None:
        """Judge everything anew under other zones, tenants or waivers."""
        self._settings, self._judge = settings, judge
        for desk in self._desks.values():
            desk.apply(settings, judge)
            self._look_at(desk, desk.book.rows)
            self._host_soon(desk.book.entry.name)
        self._fleet_soon()
        self._schedule(PUBLISH_EVERY_S)

    def look_again(self, keys: frozenset[Key]) -> None:
        """Something outside the facts changed for these machines: a hold was made or released."""
        for key in keys:
            self._todo[key] = None
        self._schedule(0.0)

    def close(self) -> None:
        """Stop working; the view stays as it is."""
        if self._timer is not None:
            self._timer.cancel()
        if self._summing is not None:
            self._summing.cancel()
        self._subscribers.clear()

    # --- what the sessions call -----------------------------------------------------------

    def health_changed(self, host: str, health: Health) -> None:
        desk = self._desks.get(host)
        if desk is None:
            return
        self._touch(desk, desk.book.take_health(health))
        self._schedule(PUBLISH_EVERY_S)

    def reported(self, host: str, report: AnyReport) -> None:
        desk = self._desks.get(host)
        if desk is None:
            return
        first = not desk.book.rows
        self._touch(desk, desk.book.take(report))
        self._schedule(0.0 if first else PUBLISH_EVERY_S)

    # --- merging --------------------------------------------------------------------------

    def _touch(self, desk: HostDesk, touched: Touched) -> None:
        name = desk.book.entry.name
        self._forget(desk, touched.gone)
        for uuid in touched.looked:
            key = desk.key(uuid)
            if key not in self.view.machines and uuid not in desk.book.machines:
                self._bare[key] = None
            else:
                self._todo[key] = None
        if touched.judge:
            self._anew.setdefault(name, self._anew_not_before.get(name, 0.0))
        if desk.place(touched.looked) or touched.gone:
            self._host_soon(name)
            self._fleet_soon()
        if touched.line:
            self._lines.add(name)

    def _forget(self, desk: HostDesk, uuids: tuple[str, ...]) -> None:
        for uuid in uuids:
            key = desk.key(uuid)
            self._bare.pop(key, None)
            self._todo.pop(key, None)
            desk.drop(uuid)
            self._edition.drop(key)

    def _look_at(self, desk: HostDesk, uuids: Iterable[str]) -> None:
        self._todo.update(dict.fromkeys(desk.key(uuid) for uuid in uuids))

    def _place_anew(self) -> None:
        """Place all machines of hosts whose own facts changed. A host that changes all the time
        gets at most a tenth of the time for it."""
        for name in [name for name, due in self._anew.items() if due <= perf_counter()]:
            del self._anew[name]
            desk, began = self._desks.get(name), perf_counter()
            if desk is None:
                continue
            desk.place(desk.book.machines, anew=True)
            self._look_at(desk, desk.book.rows)
            self._host_soon(name)
            self._fleet_soon()
            took_s = perf_counter() - began
            self._anew_not_before[name] = began + took_s * ANEW_PAUSE_FACTOR

    def _host_soon(self, name: str) -> None:
        self._hosts.setdefault(name, self._host_judged.get(name, 0.0) + self._sum_pause_s)

    def _fleet_soon(self) -> None:
        if self._fleet_due is None:
            self._fleet_due = self._fleet_judged + self._sum_pause_s

    # --- working in slices ----------------------------------------------------------------

    def _schedule(self, delay_s: float) -> None:
        due = perf_counter() + delay_s
        if self._timer is not None:
            if self._timer_due <= due:
                return
            self._timer.cancel()
        self._timer_due = due
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._work)

    def _work(self) -> None:
        """One slice: rows first, then judging, then hosts and fleet; then publish."""
        self._timer = None
        try:
            self._work_until(perf_counter() + SLICE_S)
            if not (self._bare or self._todo):
                self._start_sums()
            busy = bool(self._bare or self._todo)
            if not busy or perf_counter() - self._published >= PUBLISH_WHILE_BUSY_S:
                self._publish()
        finally:  # a mistake of ours on one machine must not stop the others
            self._next(bool(self._bare or self._todo))

    def _work_until(self, end: float) -> None:
        self._place_anew()
        while self._bare and perf_counter() < end:
            self._build_bare(next(iter(self._bare)))
        while not self._bare and self._todo and perf_counter() < end:
            self._build(next(iter(self._todo)))

    def _next(self, busy: bool) -> None:
        if busy:
            self._schedule(0.0)
            return
        due = [*self._anew.values()]
        if self._summing is None:
            due += self._hosts.values()
            due += [] if self._fleet_due is None else [self._fleet_due]
        if due:
            self._schedule(max(0.0, min(due) - perf_counter()))

    def _build_bare(self, key: Key) -> None:
        del self._bare[key]
        desk = self._desks.get(key.host)
        if desk is not None and key.uuid in desk.book.rows:
            self._edition.put(desk.bare(key.uuid, self._quarantine_of))

    def _build(self, key: Key) -> None:
        del self._todo[key]
        desk = self._desks.get(key.host)
        if desk is None or key.uuid not in desk.book.rows:
            return
        before = desk.judged.get(key.uuid)
        judged = desk.judge(key.uuid, self._now(), self._quarantine_of, self._trend)
        if judged is not None and (before is None or before.score != judged.score):
            self._lines.add(key.host)  # a host's score is made of its machines'
        if judged is None:
            self._edition.put(desk.bare(key.uuid, self._quarantine_of))
        else:
            self._edition.put(desk.view(key.uuid, judged))

    # --- hosts and fleet, beside the loop -------------------------------------------------

    def _start_sums(self) -> None:
        """Judge the hosts and the fleet that are due, unless that is being done already."""
        now = perf_counter()
        names = [name for name, due in self._hosts.items() if due <= now]
        fleet = self._fleet_due is not None and self._fleet_due <= now
        if self._summing is None and (names or fleet):
            order = self._sum_order(names, fleet)
            self._sum_began = perf_counter()
            self._summing = asyncio.ensure_future(asyncio.to_thread(sum_up, order))
            self._summing.add_done_callback(self._take_sums)

    def _sum_order(self, names: list[str], fleet: bool) -> SumOrder:
        now, began = self._now(), perf_counter()
        hosts: dict[str, HostSubject | None] = {}
        for name in names:
            del self._hosts[name]
            self._host_judged[name] = began
            desk = self._desks.get(name)
            if desk is not None:
                self._look_at(desk, desk.judged_otherwise())
                hosts[name] = desk.host_subject(now)
        if not fleet:
            return SumOrder(self._judge, hosts, None, (), ())
        self._fleet_due, self._fleet_judged = None, began
        desks = tuple(self._desks.values())
        facts = tuple(desk.book.facts for desk in desks if desk.book.facts is not None)
        subjects = tuple(each for desk in desks for each in desk.subjects())
        subject = FleetSubject(facts, subjects, now)
        known = self._edition.findings
        return SumOrder(self._judge, hosts, subject, self._settings.zones, known)

    def _take_sums(self, task: asyncio.Future[Sums]) -> None:
        self._summing = None
        if task.cancelled():
            return
        took_s = perf_counter() - self._sum_began
        self._sum_pause_s = min(max(took_s * SUM_PAUSE_FACTOR, SUM_PAUSE_S[0]), SUM_PAUSE_S[1])
        sums = task.result()
        for name, findings in sums.hosts.items():
            desk = self._desks.get(name)
            if desk is not None:
                desk.findings = findings
                self._lines.add(name)
        if sums.fleet is not None:
            self._edition.findings = sums.fleet
            self._edition.zones = (*self._settings.zones, *sums.proposed)
            for name, desk in self._desks.items():
                self._look_at(desk, desk.share(sums.shared.get(name, {})))
        self._schedule(0.0)

    def _publish(self) -> None:
        self._published = perf_counter()
        for name in self._lines & self._desks.keys():
            self._edition.put_host(name, self._desks[name].host_view())
        self._lines.clear()
        published = self._edition.publish()
        if published is not None:
            for callback in tuple(self._subscribers):
                callback(*published)
