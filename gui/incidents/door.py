"""What the incident panels ask of the station: plans first, then their run."""

from typing import Protocol

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.fleet.model import MachineView


class IncidentDoor(Protocol):
    """Planning reads the machine's XML and changes nothing; `run` is the only act.

    All raise RingfenceError with the reason.
    """

    async def plan_quarantine(self, view: MachineView, reason: str) -> Plan: ...

    async def plan_release(self, view: MachineView, reason: str) -> Plan: ...

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome: ...
