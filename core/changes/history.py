"""A plan as its journal rows tell it: pure, so that a crash is judged on what was written only."""

from datetime import datetime

import msgspec
from msgspec import Struct

from core.changes.outcome import Done, PlanOutcome, PlanState, StepOutcome, StepState
from core.changes.plan import Plan


class Event(Struct, frozen=True):
    """One row of the journal."""

    seq: int
    plan_id: str
    at: datetime
    event: str  # begin, intent, result, finish
    phase: str  # apply, undo
    step: int | None
    body: str


class StepRecord(Struct, frozen=True):
    """What is known of one step. `notes` of all its runs are together: undo needs them all."""

    state: StepState = StepState.WAITING
    outcome: StepOutcome | None = None
    notes: dict[str, str] = {}
    touched: bool = False  # an intent to apply was written and not undone: maybe in force


class PlanRecord(Struct, frozen=True):
    plan: Plan
    state: PlanState
    steps: tuple[StepRecord, ...]
    outcome: PlanOutcome | None
    began_at: datetime
    last_at: datetime
    undoing: bool  # the last thing begun was a roll-back
    first_seq: int  # journal rows order plans: a clock may be set back
    last_seq: int

    @property
    def open(self) -> bool:
        """Whether somebody must decide: resume or roll back."""
        if self.state is PlanState.FAILED:
            return any(step.touched for step in self.steps)
        return self.state is PlanState.UNFINISHED

    @property
    def in_force(self) -> bool:
        """Whether any of its changes may stand on a host."""
        return self.state is not PlanState.ROLLED_BACK and any(s.touched for s in self.steps)


def record_of(plan: Plan, events: tuple[Event, ...]) -> PlanRecord:
    """Fold the rows of one plan; there is at least its begin."""
    steps = [StepRecord() for _ in plan.steps]
    outcome: PlanOutcome | None = None
    for event in events:
        if event.event == "begin":
            outcome = None
        elif event.event == "finish":
            outcome = msgspec.json.decode(event.body, type=PlanOutcome)
        elif event.step is not None and event.step < len(steps):
            steps[event.step] = _folded(steps[event.step], event)
    return PlanRecord(
        plan=plan,
        state=PlanState.UNFINISHED if outcome is None else outcome.state,
        steps=tuple(steps),
        outcome=outcome,
        began_at=events[0].at,
        last_at=events[-1].at,
        undoing=events[-1].phase == "undo",
        first_seq=events[0].seq,
        last_seq=events[-1].seq,
    )


def _folded(step: StepRecord, event: Event) -> StepRecord:
    if event.event == "intent":
        state = StepState.RUNNING if event.phase == "apply" else StepState.UNDOING
        touched = step.touched or event.phase == "apply"
        return StepRecord(state, None, step.notes, touched)
    outcome = msgspec.json.decode(event.body, type=StepOutcome)
    if outcome.state is StepState.UNDONE:
        return StepRecord(outcome.state, outcome)
    notes = _together(step.notes, outcome.done)
    return StepRecord(outcome.state, outcome, notes, step.touched)


def _together(notes: dict[str, str], done: Done) -> dict[str, str]:
    """Join the words under each name, so that a second run does not forget the first."""
    joined = dict(notes)
    for name, value in done.notes.items():
        words = dict.fromkeys((joined.get(name, "") + " " + value).split())
        joined[name] = " ".join(words)
    return joined
