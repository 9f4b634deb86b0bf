"""Runs plans: one fsync, then the first stage; resume and roll back after anything.

`run` of a plan that ran before looks first and changes nothing twice. What a run learned is in
the journal before the next stage begins; a process that ends at any instant leaves a plan that
`Journal.unfinished` offers.
"""

import asyncio
import time
from collections.abc import Sequence

from msgspec import structs

from core.changes.case_room import CaseRoom
from core.changes.course import Course, Progress, Tools
from core.changes.hands import Hands
from core.changes.history import PlanRecord
from core.changes.journal import Journal
from core.changes.judgement import missing_of, state_of_roll_back, state_of_run
from core.changes.killpoints import KillPoints, NoKillPoints
from core.changes.locks import Locks
from core.changes.outcome import PlanOutcome, StepOutcome, StepProgress
from core.changes.plan import Plan
from core.changes.seal import Sealer
from core.changes.step import Clock
from core.changes.witness import Witness
from core.keys.operator import OperatorOpened, no_operator
from core.text import RingfenceError, Text

RECORD_PATIENCE_S = 7.0  # longer than the log waits for its own lock


def _heard(recording: asyncio.Future[None]) -> None:
    """Nobody may be left to ask how it ended; the next run records what is missing."""
    if not recording.cancelled():
        recording.exception()


def silent(progress: StepProgress) -> None:
    """Watch nothing."""


class Runner:
    def __init__(
        self,
        journal: Journal,
        hands: Hands,
        sealer: Sealer,
        locks: Locks,
        witness: Witness,
        clock: Clock,
        points: KillPoints | None = None,
        operator: OperatorOpened = no_operator,
        cases: CaseRoom | None = None,
    ) -> None:
        killed = points or NoKillPoints()
        self._cancelled: set[str] = set()
        tools = (journal, hands, sealer, clock, killed, operator, cases, self._cancelled)
        self._tools = Tools(*tools)
        self._locks = locks
        self._witness = witness
        self._recording: asyncio.Future[None] | None = None

    async def run(
        self, plan: Plan, progress: Progress = silent, confirmed_at: float | None = None
    ) -> PlanOutcome:
        """Do a plan. `confirmed_at` is time.monotonic() of the confirmation.

        Raises:
            RingfenceError: another process changes one of its machines, a later plan has changed
                one since this one was made, or it needs a yes nobody gave; nothing was done.
        """
        if plan.needs:
            raise RingfenceError("plan-needs-yes", needs=", ".join(plan.needs))
        confirmed = time.monotonic() if confirmed_at is None else confirmed_at
        with self._locks.held(plan):
            ran = await self._tools.pen.do(self._ran_before, plan)
            return await self._forward(plan, progress, confirmed, look_first=ran)

    async def resume(self, plan_id: str, progress: Progress = silent) -> PlanOutcome:
        """Go on where a plan was left; what is already so is only recorded."""
        plan = (await self._need(plan_id)).plan
        with self._locks.held(plan):
            await self._tools.pen.do(self._ran_before, plan)
            return await self._forward(plan, progress, time.monotonic(), look_first=True)

    async def roll_back(self, plan_id: str, progress: Progress = silent) -> PlanOutcome:
        """Undo, in reverse, whatever may be in force of a plan."""
        plan = (await self._need(plan_id)).plan
        with self._locks.held(plan):
            await self._tools.pen.do(self._ran_before, plan)
            return await self._back(plan, progress)

    def cancel(self, plan_id: str) -> None:
        """Stop a running plan after its present stage and roll it back."""
        self._cancelled.add(plan_id)

    async def _need(self, plan_id: str) -> PlanRecord:
        return await self._tools.pen.do(self._tools.journal.need, plan_id)

    def _ran_before(self, plan: Plan) -> bool:
        """In one go, for a cut waits for it. What a later plan has changed must not be overwritten
        with an older state."""
        journal = self._tools.journal
        record = journal.find(plan.id)
        after = plan.planned_after if record is None else record.last_seq
        if after is None:
            after = journal.seq_at(plan.created_at)
        newer = journal.newer(plan, after)
        if newer is not None:
            targets = ", ".join(target.label for target in plan.targets)
            raise RingfenceError("plan-outdated", targets=targets, plan=newer.plan.id)
        return record is not None

    async def _forward(
        self, plan: Plan, progress: Progress, confirmed: float, look_first: bool
    ) -> PlanOutcome:
        course = Course(self._tools, plan, "apply", progress, look_first, confirmed)
        self._cancelled.discard(plan.id)
        for position, (stage, steps) in enumerate(plan.stages()):
            if position == 0:
                await course.begin(steps)
            else:
                await course.intend(stage, steps)
            going = await course.forward(steps)
            await self._record(course, f"stage-{stage}")
            if plan.id in self._cancelled:
                self._cancelled.discard(plan.id)
                return await self._back(plan, progress, cancelled=True)
            if not going:
                break
        return await self._finish(course, plan, _run_outcome(plan, course, confirmed))

    async def _back(self, plan: Plan, progress: Progress, cancelled: bool = False) -> PlanOutcome:
        record = await self._need(plan.id)
        course = Course(self._tools, plan, "undo", progress, look_first=False)
        started, begun = time.monotonic(), False
        for stage, steps in reversed(tuple(plan.stages())):
            touched = [index for index in steps if record.steps[index].touched]
            if not touched:
                continue
            await (course.intend(stage, touched) if begun else course.begin(touched))
            begun = True
            going = await course.back(touched, record)
            await self._record(course, f"stage-{stage}")
            if not going:
                break
        outcome = _roll_back_outcome(plan, course, started, cancelled)
        return await self._finish(course, plan, outcome)

    async def _finish(self, course: Course, plan: Plan, outcome: PlanOutcome) -> PlanOutcome:
        course.reach("finish:before")
        await self._tools.pen.do(self._tools.journal.finish, plan.id, course.phase, outcome)
        course.reach("finish:after")
        await self._record(course, "finish")
        return structs.replace(outcome, unrecorded=course.unrecorded)

    async def _record(self, course: Course, name: str) -> None:
        """Bring the audit record up to the journal. A cut does not wait for a log that cannot be
        written: the outcome says so, and the next run records what is missing."""
        course.reach(f"{name}:audit:before")
        course.unrecorded = await self._recorded()
        course.reach(f"{name}:audit:after")

    async def _recorded(self) -> Text | None:
        """Why the record lags behind; None when it does not. One that hangs (a keyring that asks,
        a disk) goes on beside the plan, and is not begun a second time meanwhile."""
        under_way = self._recording
        if under_way is not None and not await _over(under_way):
            return RingfenceError("audit-waits", seconds=RECORD_PATIENCE_S).cause
        # What came after that one began is not in it; in one that another plan began since, it is.
        recording = self._recording
        if recording is None or recording.done():
            follow = asyncio.to_thread(self._witness.follow, self._tools.journal)
            recording = self._recording = asyncio.ensure_future(follow)
            recording.add_done_callback(_heard)
        if not await _over(recording):
            return RingfenceError("audit-waits", seconds=RECORD_PATIENCE_S).cause
        error = recording.exception()
        if isinstance(error, RingfenceError):
            return error.cause
        if error is not None:
            raise error
        return None


async def _over(recording: asyncio.Future[None]) -> bool:
    """Whether it ended within the patience of a plan."""
    if recording.done():
        return True
    done, _ = await asyncio.wait((recording,), timeout=RECORD_PATIENCE_S)
    return bool(done)


def _run_outcome(plan: Plan, course: Course, confirmed: float) -> PlanOutcome:
    last_cut = course.cut_at
    return PlanOutcome(
        plan_id=plan.id,
        state=state_of_run(plan, course.outcomes),
        steps=tuple(course.outcomes),
        missing=missing_of(plan, course.outcomes),
        seconds_to_cut=None if last_cut is None else last_cut - confirmed,
        seconds=time.monotonic() - confirmed,
        problem=_first_problem(course.outcomes),
    )


def _roll_back_outcome(plan: Plan, course: Course, started: float, cancelled: bool) -> PlanOutcome:
    return PlanOutcome(
        plan_id=plan.id,
        state=state_of_roll_back(course.outcomes),
        steps=tuple(course.outcomes),
        seconds=time.monotonic() - started,
        problem=_first_problem(course.outcomes),
        cancelled=cancelled,
    )


def _first_problem(outcomes: Sequence[StepOutcome]) -> Text | None:
    return next((outcome.problem for outcome in outcomes if outcome.problem), None)
