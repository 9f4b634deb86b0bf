"""A drill tells the times it reached, never one it did not, and gives the machine back."""

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.course import Progress
from core.changes.history import PlanRecord
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.changes.runner import silent
from core.fleet.model import MachineView
from core.incidents.drill import Drill, DrillReport, Part, refuse_drill
from core.incidents.model import Containment, EvidenceKind, How, Mode, Quarantine, Wish
from core.settings.model import Protection, ZoneEntry
from core.text import RingfenceError
from core.zones.model import Membership
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.station import NOW, Station, new_machine, view


class Desk:
    """The station's own plans; evidence cannot be had, and a release only when `gives_back`."""

    def __init__(self, station: Station, gives_back: bool = True) -> None:
        self.station = station
        self.gives_back = gives_back
        self.ran: list[Plan] = []

    async def plan_quarantine(
        self, view: MachineView, reason: str, wish: Wish | None = None, case: str = ""
    ) -> Plan:
        return structs.replace(await self.station.quarantine(), drill=True)

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str = ""
    ) -> Plan:
        raise RingfenceError("key-none")

    async def plan_release(
        self, view: MachineView, reason: str, how: How = How.RESUME, template: str = ""
    ) -> Plan:
        if not self.gives_back:
            raise RingfenceError("host-stale", host=view.host)
        return await self.station.release()

    async def run(
        self, plan: Plan, progress: Progress = silent, confirmed_at: float | None = None
    ) -> PlanOutcome:
        self.ran.append(plan)
        return await self.station.runner.run(plan, progress, confirmed_at)


def drilled(
    folder: Path, kinds: tuple[EvidenceKind, ...], gives_back: bool = True
) -> tuple[DrillReport, Desk]:
    async def work() -> tuple[DrillReport, Desk]:
        station = Station(folder, NearHands(new_machine(folder)))
        desk = Desk(station, gives_back)

        async def record(plan: str) -> PlanRecord:
            return station.journal.need(plan)

        async def settle() -> None:
            return

        cut = await desk.plan_quarantine(view(), "drill")
        course = Drill(desk, view, record, silent, settle)
        report = await course.run(cut, kinds, "drill", asyncio.get_running_loop().time())
        station.close()
        return report, desk

    return asyncio.run(work())


def test_the_parts_are_told_with_their_times(tmp_path: Path) -> None:
    report, desk = drilled(tmp_path, (EvidenceKind.XML,))
    lines = {line.part: line for line in report.lines}
    assert [line.part for line in report.lines] == [*Part]
    assert lines[Part.RELEASE].reached_s is not None and not report.still_held
    assert lines[Part.EVIDENCE].reached_s is None
    assert lines[Part.EVIDENCE].why is not None
    assert not lines[Part.EVIDENCE].good and not report.good
    assert all(plan.drill for plan in desk.ran)


def test_evidence_that_nobody_asked_for_spoils_nothing(tmp_path: Path) -> None:
    report, _desk = drilled(tmp_path, ())
    line = next(line for line in report.lines if line.part is Part.EVIDENCE)
    assert not line.asked and line.reached_s is None


def test_a_machine_that_is_not_given_back_is_said(tmp_path: Path) -> None:
    report, _desk = drilled(tmp_path, (), gives_back=False)
    assert report.still_held and not report.good


def zoned(protection: Protection) -> MachineView:
    zone = ZoneEntry("dmz", protection=protection)
    return structs.replace(view(), zones=(Membership(zone, ("network",)),))


def test_only_a_harmless_machine_is_drilled() -> None:
    refuse_drill(view(), anyway=False)
    refuse_drill(zoned(Protection.NORMAL), anyway=False)
    with pytest.raises(RingfenceError, match="drill-not-harmless"):
        refuse_drill(zoned(Protection.HIGH), anyway=False)
    refuse_drill(zoned(Protection.HIGH), anyway=True)
    with pytest.raises(RingfenceError, match="host-read-only"):
        refuse_drill(view(read_only=True), anyway=True)
    with pytest.raises(RingfenceError, match="drill-stale"):
        refuse_drill(view(stale=True), anyway=True)
    quarantine = Quarantine(Containment.CONTAINED, Mode.FREEZE, "c", "kim", NOW, "r", (), NOW)
    with pytest.raises(RingfenceError, match="drill-held"):
        refuse_drill(structs.replace(view(), quarantine=quarantine), anyway=True)
