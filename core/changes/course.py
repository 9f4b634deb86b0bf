"""One pass over a plan's steps, forward or back: intent, order, proof, result, told as it goes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec import structs

from core.changes.case_room import CaseRoom
from core.changes.hands import Hands
from core.changes.history import PlanRecord
from core.changes.journal import Journal
from core.changes.judgement import GOOD, state_of_error, stops
from core.changes.killpoints import KillPoints
from core.changes.outcome import Done, StepOutcome, StepProgress, StepState
from core.changes.pen import Pen
from core.changes.plan import Plan
from core.changes.seal import Sealer
from core.changes.step import Bench, Clock, Extent, Step
from core.changes.vault import Vault
from core.keys.operator import OperatorOpened, no_operator
from core.text import RingfenceError, Text

Progress = Callable[[StepProgress], None]


@dataclass(frozen=True)
class Tools:
    """What every run needs; built once by the Runner."""

    journal: Journal
    hands: Hands
    sealer: Sealer
    clock: Clock
    points: KillPoints
    operator: OperatorOpened = no_operator
    cases: CaseRoom | None = None
    cancelled: set[str] = field(default_factory=lambda: set[str]())  # plans somebody stopped
    pen: Pen = field(default_factory=Pen)


class Course:
    """The pass. `look_first`: it may have run before, so every step is verified first."""

    def __init__(
        self,
        tools: Tools,
        plan: Plan,
        phase: str,
        progress: Progress,
        look_first: bool,
        confirmed: float | None = None,
    ) -> None:
        self._tools = tools
        self._confirmed = time.monotonic() if confirmed is None else confirmed
        self._plan = plan
        self.phase = phase
        self._progress = progress
        self._look_first = look_first
        self._vault = Vault(tools.journal, tools.sealer, plan.id, tools.points)
        self.outcomes = [StepOutcome(StepState.WAITING) for _ in plan.steps]
        self._cut_stage = min((step.stage for step in plan.steps if step.cuts), default=None)
        self._last_cut_at: float | None = None
        self.unrecorded: Text | None = None

    @property
    def cut_at(self) -> float | None:
        """When the last step of the first stage that cuts was read back; None while one of them
        is not. What later stages cut is behind it already."""
        cutting = [
            outcome
            for step, outcome in zip(self._plan.steps, self.outcomes, strict=True)
            if self._is_cut(step)
        ]
        return self._last_cut_at if all(each.state in GOOD for each in cutting) else None

    def _is_cut(self, step: Step) -> bool:
        return step.cuts and step.stage == self._cut_stage

    async def begin(self, steps: Sequence[int]) -> None:
        """Write that the plan begins, with the intents of its first steps."""
        self.reach("begin:before")
        await self._tools.pen.do(self._tools.journal.begin, self._plan, self.phase, steps)
        self.reach("begin:after")

    async def intend(self, stage: int, steps: Sequence[int]) -> None:
        self.reach(f"stage-{stage}:intent:before")
        await self._tools.pen.do(self._tools.journal.intend, self._plan.id, self.phase, steps)
        self.reach(f"stage-{stage}:intent:after")

    async def forward(self, steps: Sequence[int]) -> bool:
        """Run a stage; False when no later stage may begin."""
        await _all([self._step(index, self._applied(index)) for index in steps])
        return not any(
            stops(self._plan, self._plan.steps[index], self.outcomes[index]) for index in steps
        )

    async def back(self, steps: Sequence[int], record: PlanRecord) -> bool:
        """Undo a stage; False when nothing before it may be undone."""
        await _all([self._step(index, self._undone(index, record)) for index in steps])
        return all(
            self.outcomes[index].state is StepState.UNDONE
            for index in steps
            if self._plan.steps[index].undo_required
        )

    async def _step(self, index: int, work: Awaitable[Done]) -> None:
        started = time.monotonic()
        going = StepState.RUNNING if self.phase == "apply" else StepState.UNDOING
        self._tell(index, going, 0.0)
        deadline_s = self._plan.steps[index].deadline_s
        outcome = await self._outcome(work, started, deadline_s)
        outcome = structs.replace(outcome, reached_ms=_milliseconds(self._confirmed))
        if self._is_cut(self._plan.steps[index]):
            self._last_cut_at = time.monotonic()
        self.outcomes[index] = outcome
        self._tell(index, outcome.state, outcome.elapsed_ms, outcome)
        label = self._label(index)
        self.reach(f"{label}:result:before")
        settle = self._tools.journal.settle
        await self._tools.pen.do(settle, self._plan.id, self.phase, index, outcome)
        self.reach(f"{label}:result:after")

    async def _outcome(
        self, work: Awaitable[Done], started: float, deadline_s: float
    ) -> StepOutcome:
        try:
            async with asyncio.timeout(deadline_s):
                done = await work
        except TimeoutError:
            return self._failed(RingfenceError("step-deadline"), started)
        except RingfenceError as error:
            return self._failed(error, started)
        if self.phase == "undo":
            state = StepState.UNDONE
        else:
            state = StepState.ALREADY if done.already else StepState.DONE
        return StepOutcome(state, done, None, _milliseconds(started))

    def _failed(self, error: RingfenceError, started: float) -> StepOutcome:
        state = state_of_error(error)
        if self.phase == "undo" and state not in {StepState.UNANSWERED, StepState.WAITS}:
            state = StepState.UNDO_FAILED
        return StepOutcome(state, Done(), error.cause, _milliseconds(started))

    async def _applied(self, index: int) -> Done:
        step = self._plan.steps[index]
        if self._look_first or not step.order_first:
            found = await step.verify(self._bench(index, "verify"))
            if found is not None:
                return found
        return await step.apply(self._bench(index, self.phase))

    async def _undone(self, index: int, record: PlanRecord) -> Done:
        return await self._plan.steps[index].undo(
            self._bench(index, self.phase), record.steps[index].notes
        )

    def _bench(self, index: int, action: str) -> Bench:
        host = self._plan.steps[index].host
        tools = self._tools
        label = self._label(index, action)
        points, operator = _Prefixed(self), tools.operator
        stopped = partial(tools.cancelled.__contains__, self._plan.id)
        extent = Extent(tools.cases, partial(self._tell_extent, index), stopped)
        return Bench(host, tools.hands, self._vault, tools.clock, points, label, operator, extent)

    def _label(self, index: int, action: str = "") -> str:
        return f"step-{index}:{self._plan.steps[index].tag}" + (f":{action}" if action else "")

    def _tell(
        self, index: int, state: StepState, elapsed_ms: float, outcome: StepOutcome | None = None
    ) -> None:
        text = self._plan.steps[index].describe()
        self._progress(StepProgress(self._plan.id, index, state, text, elapsed_ms, outcome))

    def _tell_extent(self, index: int, done: int, total: int, bytes_per_s: float) -> None:
        """How far a long step is."""
        text, elapsed_ms = self._plan.steps[index].describe(), _milliseconds(self._confirmed)
        far = (StepState.RUNNING, text, elapsed_ms, None, done, total, bytes_per_s)
        self._progress(StepProgress(self._plan.id, index, *far))

    def reach(self, name: str) -> None:
        self._tools.points.reach(f"{self.phase}/{name}")


class _Prefixed:
    """Kill points inside a step, named with the phase in front."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def reach(self, name: str) -> None:
        self._course.reach(name)


async def _all(work: Sequence[Awaitable[None]]) -> None:
    """Await all, even when one raises: no step is left running behind."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _milliseconds(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)
