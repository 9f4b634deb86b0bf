"""What the incident panels ask of the station: plans first, then their run."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.incidents.model import EvidenceKind, How, Wish


class IncidentDoor(Protocol):
    """Planning reads the machine's XML and changes nothing; `run` is the only act.

    All raise RingfenceError with the reason.
    """

    async def plan_quarantine(self, view: MachineView, reason: str, wish: Wish) -> Plan: ...

    async def plan_release(
        self, view: MachineView, reason: str, how: How, template: str
    ) -> Plan: ...

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str
    ) -> Plan: ...

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome: ...


class LateDoor:
    """Opens the station's incident desk at first use, off the loop: the keyring may ask."""

    def __init__(self, opened: Callable[[], IncidentDoor]) -> None:
        self._open = opened
        self._desk: IncidentDoor | None = None

    async def plan_quarantine(self, view: MachineView, reason: str, wish: Wish) -> Plan:
        return await (await self._opened()).plan_quarantine(view, reason, wish)

    async def plan_release(self, view: MachineView, reason: str, how: How, template: str) -> Plan:
        return await (await self._opened()).plan_release(view, reason, how, template)

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str
    ) -> Plan:
        return await (await self._opened()).plan_evidence(view, case, kinds, reason)

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome:
        return await (await self._opened()).run(plan, progress, confirmed_at)

    async def _opened(self) -> IncidentDoor:
        if self._desk is None:
            self._desk = await asyncio.to_thread(self._open)
        return self._desk
