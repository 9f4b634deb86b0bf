"""The station's runner as the task panel gets it: opened when the first plan goes on."""

import asyncio
from collections.abc import Callable

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from gui.changes.plan_run import RunnerDoor


class LateRunner:
    """Implements RunnerDoor. Opening needs keys, and the keyring may ask: never on the loop."""

    def __init__(self, opened: Callable[[], RunnerDoor]) -> None:
        self._open = opened
        self._runner: RunnerDoor | None = None

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome:
        return await (await self._opened()).run(plan, progress, confirmed_at)

    async def resume(self, plan_id: str, progress: Progress) -> PlanOutcome:
        return await (await self._opened()).resume(plan_id, progress)

    async def roll_back(self, plan_id: str, progress: Progress) -> PlanOutcome:
        return await (await self._opened()).roll_back(plan_id, progress)

    def cancel(self, plan_id: str) -> None:
        """What runs was begun by a runner that is open, here or in an incident panel."""
        self._open().cancel(plan_id)

    async def _opened(self) -> RunnerDoor:
        if self._runner is None:
            self._runner = await asyncio.to_thread(self._open)
        return self._runner
