"""One plan as the window watches it: what each step says now, and what came of it.

The orders go out first and the looks follow: while a machine is being cut off, no pixel of ours
may take the loop's time. What is told in between is shown together.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome, StepProgress, StepState
from core.changes.plan import Plan
from core.text import RingfenceError
from gui.changes.work import Work

Runs = Callable[[Progress], Coroutine[Any, Any, PlanOutcome]]

LOOKS_AFTER_MS = 15  # after something was told: the orders of the same stage are out by then
LOOKS_LATEST_MS = 100  # after the start, whatever the disk does
FINAL = frozenset(StepState) - {StepState.WAITING, StepState.RUNNING, StepState.UNDOING}


class RunnerDoor(Protocol):
    """The part of the Runner that panels use."""

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome: ...

    async def resume(self, plan_id: str, progress: Progress) -> PlanOutcome: ...

    async def roll_back(self, plan_id: str, progress: Progress) -> PlanOutcome: ...

    def cancel(self, plan_id: str) -> None: ...


class PlanRun(QObject):
    """Follows one run. `begun` comes when looks may follow, `stepped` with a step's index, and
    `ended` last; each run has one `begun` and one `ended`."""

    begun = Signal()
    stepped = Signal(int)
    ended = Signal()

    def __init__(self, plan: Plan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.steps: list[StepProgress | None] = [None] * len(plan.steps)
        self.outcome: PlanOutcome | None = None
        self.problem: RingfenceError | None = None
        self.started_at = 0.0
        self.finished_at = 0.0
        self._work = Work()
        self._shown = True
        self._unshown: set[int] = set()
        self._looks = QTimer(self, singleShot=True)
        self._looks.timeout.connect(self._show)

    @property
    def running(self) -> bool:
        return bool(self.started_at) and not self.finished_at

    @property
    def done_steps(self) -> int:
        return sum(step is not None and step.state in FINAL for step in self.steps)

    @property
    def elapsed_s(self) -> float:
        end = self.finished_at or time.monotonic()
        return end - self.started_at if self.started_at else 0.0

    @property
    def remaining_s(self) -> float | None:
        """From the pace so far; None until one step is done."""
        if not self.running or not self.done_steps:
            return None
        return self.elapsed_s / self.done_steps * (len(self.steps) - self.done_steps)

    def start(self, work: Runs) -> None:
        """Run; a second call while it runs does nothing."""
        if self.running:
            return
        self.outcome, self.problem, self.finished_at = None, None, 0.0
        self.started_at = time.monotonic()
        self._shown = False
        self._looks.start(LOOKS_LATEST_MS)
        self._work.start(self._follow(work), f"{self.plan.kind} {self.plan.id}")

    def note(self, progress: StepProgress) -> None:
        self.steps[progress.index] = progress
        if not self._unshown:
            self._looks.start(LOOKS_AFTER_MS)
        self._unshown.add(progress.index)

    def _show(self) -> None:
        self._looks.stop()
        if not self._shown:
            self._shown = True
            self.begun.emit()
        told, self._unshown = sorted(self._unshown), set()
        for index in told:
            self.stepped.emit(index)

    async def _follow(self, work: Runs) -> None:
        try:
            self.outcome = await work(self.note)
        except RingfenceError as error:
            self.problem = error
        finally:
            self.finished_at = time.monotonic()
            self._show()
            self.ended.emit()
