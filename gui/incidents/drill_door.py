"""What the drill panel asks of the station: the incident desk, each of its runs in the window."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from core.changes.course import Progress
from core.changes.history import PlanRecord
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.changes.runner import silent
from core.fleet.model import MachineView
from core.incidents.cases.desk import CaseDesk
from core.incidents.drill import SETTLE_S, Drill, DrillReport, is_held, note_of
from core.incidents.model import FREEZE, EvidenceKind, How, Wish
from core.station import Station
from core.text import Catalogue, RingfenceError
from gui.changes.plan_run import PlanRun
from gui.incidents.door import IncidentDoor

Follow = Callable[[PlanRun], None]


class DrillDoor(Protocol):
    """All raise RingfenceError with the reason."""

    async def plan(self, view: MachineView, reason: str, wish: Wish) -> Plan: ...

    def find(self, view: MachineView) -> MachineView:
        """Return the machine as it is read now."""
        ...

    async def run(
        self,
        cut: Plan,
        kinds: tuple[EvidenceKind, ...],
        view: MachineView,
        confirmed_at: float,
        follow: Follow,
    ) -> DrillReport:
        """Cut, take evidence, give back; `follow` is told of each run before it begins."""
        ...

    async def write_down(self, report: DrillReport, words: Catalogue) -> None: ...


class FollowedDesk:
    """The desk of a drill whose runs the window follows, each until it ended."""

    def __init__(self, door: IncidentDoor, follow: Follow) -> None:
        self._door, self._follow = door, follow

    async def plan_quarantine(
        self, view: MachineView, reason: str, wish: Wish = FREEZE, case: str = ""
    ) -> Plan:
        return await self._door.plan_quarantine(view, reason, wish)

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str = ""
    ) -> Plan:
        return await self._door.plan_evidence(view, case, kinds, reason)

    async def plan_release(
        self, view: MachineView, reason: str, how: How = How.RESUME, template: str = ""
    ) -> Plan:
        return await self._door.plan_release(view, reason, how, template)

    async def run(
        self, plan: Plan, progress: Progress = silent, confirmed_at: float | None = None
    ) -> PlanOutcome:
        run, ended = PlanRun(plan), asyncio.Event()
        run.ended.connect(ended.set)
        self._follow(run)
        run.start(lambda told: self._door.run(plan, told, confirmed_at))
        await ended.wait()
        if run.outcome is not None:
            return run.outcome
        raise run.problem or RingfenceError("drill-broken-off", target=plan.targets[0].label)


class StationDrill:
    """Implements DrillDoor over a running station."""

    def __init__(self, station: Station, incidents: IncidentDoor) -> None:
        self._station, self._incidents = station, incidents

    async def plan(self, view: MachineView, reason: str, wish: Wish) -> Plan:
        return await self._incidents.plan_quarantine(view, reason, wish)

    def find(self, view: MachineView) -> MachineView:
        found = self._station.fleet.view.machines.get(view.key)
        if found is None:
            raise RingfenceError("unknown-machine", target=view.target)
        return found

    async def run(
        self,
        cut: Plan,
        kinds: tuple[EvidenceKind, ...],
        view: MachineView,
        confirmed_at: float,
        follow: Follow,
    ) -> DrillReport:
        desk = FollowedDesk(self._incidents, follow)
        course = Drill(
            desk, lambda: self.find(view), self._record, silent, lambda: self._settled(view)
        )
        return await course.run(cut, kinds, cut.reason, confirmed_at)

    async def write_down(self, report: DrillReport, words: Catalogue) -> None:
        station = self._station
        desk = CaseDesk(station.cases, lambda entry: station.audit.append(entry), station.operator)
        await asyncio.to_thread(desk.note, report.case, note_of(report, words))

    async def _record(self, plan: str) -> PlanRecord:
        return await asyncio.to_thread(self._station.journal.need, plan)

    async def _settled(self, view: MachineView) -> None:
        fleet = self._station.fleet
        await fleet.wait_until(lambda now: is_held(now, view.key), SETTLE_S, settled=False)
