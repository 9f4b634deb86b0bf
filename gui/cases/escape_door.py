"""What the escape panel asks of the station: the cut goes first, the mark beside it."""

import asyncio
from collections.abc import Sequence

from msgspec import structs

from core.fleet.model import MachineView
from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.escape import Escape, plan_escape
from core.incidents.cases.neighbours import watched, witnesses
from core.incidents.model import Wish
from core.station import Station
from gui.changes.plan_run import PlanRun
from gui.incidents.door import IncidentDoor


class StationEscape:
    """Plans and runs through the same desk as every other cut."""

    def __init__(self, station: Station, incidents: IncidentDoor) -> None:
        self._station = station
        self._incidents = incidents

    async def plan(self, host: str, views: Sequence[MachineView], reason: str) -> Escape:
        mark = self._station.cases.trust(host)
        known = "" if mark is None else mark.case
        desk = await asyncio.to_thread(lambda: self._station.incidents)
        found = await plan_escape(desk, host, views, reason, Wish(), known)
        if found.plan is None:
            return found
        seen_by = await witnesses(self._station.hands, self._others(host), found.plan)
        return structs.replace(found, plan=watched(found.plan, seen_by))

    def _others(self, host: str) -> tuple[str, ...]:
        """Connected hosts that are believed."""
        view, cases = self._station.fleet.view, self._station.cases
        return tuple(
            name
            for name, each in view.hosts.items()
            if name != host and each.health.state == "connected" and cases.trust(name) is None
        )

    def begin(self, found: Escape, confirmed_at: float) -> PlanRun | None:
        plan = found.plan
        if plan is None:
            return None
        run = PlanRun(plan)
        run.start(lambda progress: self._incidents.run(plan, progress, confirmed_at))
        return run

    async def mark(self, found: Escape) -> None:
        known = self._station.cases.trust(found.host)
        if known is None:
            await asyncio.to_thread(self._mark, found)
        self._station.look_at_trust()

    async def cut_off(self, found: Escape) -> None:
        desk = self._desk()
        await asyncio.to_thread(desk.cut_off, found.case, found.host, found.reason)
        self._station.look_at_trust()

    async def trust(self, host: str, reason: str) -> None:
        """Believe a host again."""
        mark = self._station.cases.trust(host)
        if mark is not None:
            await asyncio.to_thread(self._desk().trust, mark.case, host, reason)
            self._station.look_at_trust()

    def _mark(self, found: Escape) -> None:
        desk = self._desk()
        if found.plan is None:
            desk.take_in(found.case, found.reason, (found.host,))
        desk.suspect(found.case, found.host, found.reason)

    def _desk(self) -> CaseDesk:
        station = self._station
        return CaseDesk(station.cases, lambda entry: station.audit.append(entry), station.operator)
