"""The live view of all hosts: reports go in, frozen views come out.

Reports are merged as they come and published together, at most every 50 ms; the first rows of a
host at once. Judging runs in slices of a few milliseconds, so that the loop it shares with the
window is never held. Only what changed is judged and announced. Runs on the running asyncio loop.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter

from core.facts import Unknown
from core.fleet.book import HostBook, Touched
from core.fleet.desk import HostDesk
from core.fleet.judging import (
    Judge,
    QuarantineOf,
    Trend,
    same_verdicts,
)
from core.fleet.model import FleetChanges, FleetView, HostView, Key, MachineView
from core.hosts.protocol import AnyReport, Health
from core.posture.model import Finding
from core.posture.score import NO_SCORE, combine
from core.posture.subject import FleetSubject
from core.settings.model import FleetFile, HostEntry
from core.zones import propose_zones

PUBLISH_EVERY_S = 0.05
PUBLISH_WHILE_BUSY_S = 0.15
SLICE_S = 0.008
HOST_AGAIN_S = 0.25
FLEET_AGAIN_S = 0.5

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
        self.view = FleetView({}, {}, (), NO_SCORE, settings.zones, demo=False)
        self._settings = settings
        self._judge = judge
        self._quarantine_of = quarantine_of
        self._trend = trend or NoTrend()
        self._now = now
        self._desks: dict[str, HostDesk] = {}
        self._subscribers: list[Subscriber] = []
        self._bare: dict[Key, None] = {}
        self._todo: dict[Key, None] = {}
        self._built: dict[Key, MachineView] = {}
        self._gone: set[Key] = set()
        self._hosts: dict[str, float] = {}  # due for judging, at loop time
        self._host_judged: dict[str, float] = {}
        self._host_views: dict[str, HostView | None] = {}
        self._fleet_due: float | None = None
        self._fleet_judged = 0.0
        self._fleet_findings: tuple[Finding, ...] | None = None
        self._zones = settings.zones
        self._published = 0.0
        self._timer: asyncio.Handle | None = None
        self._timer_due = 0.0

    # --- what the window and the terminal use ---------------------------------------------

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
        waiting = self._bare or self._todo or self._built or self._gone
        return not (waiting or self._hosts or self._host_views or self._fleet_due is not None)

    async def wait_until(self, done: Callable[[FleetView], bool], deadline_s: float) -> bool:
        """Wait until everything is published and `done` holds; False when time ran out."""
        reached = asyncio.Event()

        def look(view: FleetView, changes: FleetChanges) -> None:
            reached.set()

        unsubscribe = self.subscribe(look)
        end = perf_counter() + deadline_s
        try:
            while not (self.settled and done(self.view)):
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
        self._host_views[entry.name] = desk.host_view()
        self._schedule(0.0)

    def remove_host(self, name: str) -> None:
        """Take a host and its machines off the view; late reports of it are ignored."""
        desk = self._desks.pop(name, None)
        if desk is None:
            return
        self._forget(desk, tuple(desk.book.rows))
        self._hosts.pop(name, None)
        self._host_judged.pop(name, None)
        self._host_views[name] = None
        self._fleet_soon()
        self._schedule(0.0)

    def apply(self, settings: FleetFile, judge: Judge) -> None:
        """Judge everything anew under other zones, tenants or waivers."""
        self._settings, self._judge = settings, judge
        for desk in self._desks.values():
            desk.apply(settings, judge)
            self._look_at_all(desk)
            self._host_soon(desk.book.entry.name)
        self._fleet_soon()
        self._schedule(PUBLISH_EVERY_S)

    def look_again(self, keys: frozenset[Key]) -> None:
        """Something outside the facts changed for these machines: a hold was made or released."""
        for key in keys:
            self._todo[key] = None
        self._schedule(0.0)

    # --- what the sessions call -----------------------------------------------------------

    def health_changed(self, host: str, health: Health) -> None:
        desk = self._desks.get(host)
        if desk is None:
            return
        self._touch(desk, desk.book.take_health(health))
        self._host_views[host] = desk.host_view()
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
            desk.place(desk.book.machines, anew=True)
            self._look_at_all(desk)
        elif touched.looked or touched.gone:
            desk.place(touched.looked)
        if touched.host:
            self._host_soon(name)
            self._fleet_soon()

    def _forget(self, desk: HostDesk, uuids: tuple[str, ...]) -> None:
        for uuid in uuids:
            key = desk.key(uuid)
            for waiting in (self._bare, self._todo, self._built):
                waiting.pop(key, None)
            desk.drop(uuid)
            self._gone.add(key)

    def _look_at_all(self, desk: HostDesk) -> None:
        self._todo.update(dict.fromkeys(desk.key(uuid) for uuid in desk.book.rows))

    def _host_soon(self, name: str) -> None:
        self._hosts.setdefault(name, self._host_judged.get(name, 0.0) + HOST_AGAIN_S)

    def _fleet_soon(self) -> None:
        if self._fleet_due is None:
            self._fleet_due = self._fleet_judged + FLEET_AGAIN_S

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
        """One slice: rows first, then judging, then hosts, then the fleet."""
        self._timer = None
        end = perf_counter() + SLICE_S
        while self._bare and perf_counter() < end:
            self._build_bare(next(iter(self._bare)))
        while not self._bare and self._todo and perf_counter() < end:
            self._build(next(iter(self._todo)))
        busy = bool(self._bare or self._todo)
        if not busy and perf_counter() < end:
            self._work_on_sums(end)
        busy = bool(self._bare or self._todo)
        now = perf_counter()
        if not busy or now - self._published >= PUBLISH_WHILE_BUSY_S:
            self._publish()
        self._next(busy)

    def _next(self, busy: bool) -> None:
        if busy:
            self._schedule(0.0)
            return
        due = [*self._hosts.values()]
        if self._fleet_due is not None:
            due.append(self._fleet_due)
        if due:
            self._schedule(max(0.0, min(due) - perf_counter()))

    def _build_bare(self, key: Key) -> None:
        del self._bare[key]
        desk = self._desks.get(key.host)
        if desk is not None and key.uuid in desk.book.rows:
            self._put(key, desk.bare(key.uuid, self._quarantine_of))

    def _build(self, key: Key) -> None:
        del self._todo[key]
        desk = self._desks.get(key.host)
        if desk is None or key.uuid not in desk.book.rows:
            return
        judged = desk.judge(key.uuid, self._now(), self._quarantine_of, self._trend)
        if judged is None:
            self._put(key, desk.bare(key.uuid, self._quarantine_of))
        else:
            self._put(key, desk.view(key.uuid, judged))

    def _put(self, key: Key, view: MachineView) -> None:
        self._gone.discard(key)
        before = self.view.machines.get(key)
        if before is not None and _same(before, view):
            self._built.pop(key, None)
        else:
            self._built[key] = view

    def _work_on_sums(self, end: float) -> None:
        for name in [name for name, due in self._hosts.items() if due <= perf_counter()]:
            del self._hosts[name]
            self._sum_host(name)
            if perf_counter() > end:
                return
        if self._fleet_due is not None and self._fleet_due <= perf_counter() and not self._hosts:
            self._sum_fleet()

    def _sum_host(self, name: str) -> None:
        desk = self._desks.get(name)
        if desk is None:
            return
        self._host_judged[name] = perf_counter()
        otherwise = desk.judged_otherwise()
        if otherwise:
            self._todo.update(dict.fromkeys(desk.key(uuid) for uuid in otherwise))
            self._host_soon(name)
        self._host_views[name] = desk.judge_host(self._now())

    def _sum_fleet(self) -> None:
        self._fleet_due = None
        self._fleet_judged = perf_counter()
        facts = [desk.book.facts for desk in self._desks.values()]
        hosts = tuple(each for each in facts if each is not None)
        subjects = tuple(each for desk in self._desks.values() for each in desk.subjects())
        self._fleet_findings = self._judge.judge_fleet(FleetSubject(hosts, subjects, self._now()))
        self._share(self._fleet_findings)
        proposed = propose_zones(hosts, self._settings.zones, self._bridges())
        self._zones = (*self._settings.zones, *proposed)

    def _share(self, findings: tuple[Finding, ...]) -> None:
        concerned: dict[Key, list[Finding]] = {}
        for finding in findings:
            for host, uuid in finding.concerns:
                concerned.setdefault(Key(host, uuid), []).append(finding)
        for name, desk in self._desks.items():
            for uuid in list(desk.judged):
                shared = tuple(concerned.get(Key(name, uuid), ()))
                if desk.share(uuid, shared, self._trend):
                    self._todo[Key(name, uuid)] = None

    def _bridges(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, desk in self._desks.items():
            bridges = found[name] = set()
            for judged in desk.judged.values():
                nics = judged.placed.machine.nics
                if not isinstance(nics, Unknown):
                    bridges.update(nic.source for nic in nics if nic.kind == "bridge")
        return found

    # --- publishing -----------------------------------------------------------------------

    def _publish(self) -> None:
        self._published = perf_counter()
        old = self.view
        machines, hosts = old.machines, old.hosts
        removed = frozenset(key for key in self._gone if key in machines)
        if self._built or removed:
            machines = {key: each for key, each in machines.items() if key not in removed}
            machines.update(self._built)
        added = frozenset(key for key in self._built if key not in old.machines)
        changed = frozenset(key for key in self._built if key in old.machines)
        if self._host_views:
            kept = {**hosts, **self._host_views}
            hosts = {name: view for name, view in kept.items() if view is not None}
        touched = frozenset(self._host_views)
        self._built, self._gone, self._host_views = {}, set(), {}
        view = self._assembled(machines, hosts)
        fleet = view.findings is not old.findings or view.score != old.score
        fleet = fleet or view.zones != old.zones
        if not (added or changed or removed or touched or fleet):
            return
        self.view = view
        changes = FleetChanges(touched, changed, added, removed, fleet)
        for callback in tuple(self._subscribers):
            callback(view, changes)

    def _assembled(self, machines: dict[Key, MachineView], hosts: dict[str, HostView]) -> FleetView:
        old, findings = self.view, self._fleet_findings
        if findings is None or same_verdicts(old.findings, findings):
            findings = old.findings
        scores = [host.score for host in hosts.values()]
        return FleetView(
            hosts,
            machines,
            findings,
            combine(scores) if scores else NO_SCORE,
            self._zones,
            demo=any(host.entry.demo_facts for host in hosts.values()),
        )


def _same(before: MachineView, after: MachineView) -> bool:
    """Whether two rows show the same; when a fresh one was last seen is not shown."""
    return (
        before.machine is after.machine
        and before.row == after.row
        and before.stale == after.stale
        and (not after.stale or before.last_seen == after.last_seen)
        and before.read_only == after.read_only
        and before.zones == after.zones
        and before.tenant == after.tenant
        and before.risk == after.risk
        and before.label == after.label
        and before.score == after.score
        and before.trend == after.trend
        and before.quarantine == after.quarantine
        and same_verdicts(before.findings, after.findings)
    )
