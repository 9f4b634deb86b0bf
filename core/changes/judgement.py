"""From what became of the steps to what became of the plan; and from an error to a step's state."""

from collections.abc import Sequence

from core.changes.outcome import PlanState, StepOutcome, StepState
from core.changes.plan import Plan
from core.changes.steps import AnyStep, BarrierUp, CutLink
from core.text import RingfenceError

# The order may or may not have had its effect: only a look at the host will tell.
UNANSWERED = frozenset(
    {
        "busy-with-job",
        "host-closed",
        "host-hung",
        "host-not-reached",
        "keepalive-lost",
        "order-timeout",
        "step-deadline",
        "timed-out",
        "unreachable",
        "worker-hung",
        "worker-lost",
    }
)
# The driver has no such call: nothing was changed, and trying again will not help.
REFUSED = frozenset({"no-support"})

# Nothing is wrong: somebody else has to say yes first.
WAITS = frozenset({"second-person-needed"})

GOOD = frozenset({StepState.DONE, StepState.ALREADY})
BAD = frozenset({StepState.REFUSED, StepState.FAILED})


def state_of_error(error: RingfenceError) -> StepState:
    if error.code in UNANSWERED:
        return StepState.UNANSWERED
    if error.code in WAITS:
        return StepState.WAITS
    return StepState.REFUSED if error.code in REFUSED else StepState.FAILED


def stops(plan: Plan, step: AnyStep, outcome: StepOutcome) -> bool:
    """Whether no later stage may begin after this outcome."""
    if outcome.state in {StepState.UNANSWERED, StepState.WAITS}:
        others = plan.keep_going and len(plan.targets) > 1  # their cut does not wait for this one
        return step.required or not others
    return outcome.state in BAD and (step.required or not plan.keep_going)


def missing_of(plan: Plan, outcomes: Sequence[StepOutcome]) -> tuple[str, ...]:
    """Name what is not as planned. A cut that failed is named by the proof after it."""
    named = [item for outcome in outcomes for item in outcome.done.missing]
    failed = [
        step.missing_name
        for step, outcome in zip(plan.steps, outcomes, strict=True)
        if outcome.state in BAD and not isinstance(step, CutLink | BarrierUp)
    ]
    return tuple(dict.fromkeys(named + failed))


def state_of_run(plan: Plan, outcomes: Sequence[StepOutcome]) -> PlanState:
    """Judge a run that came to its end or was stopped by `stops`."""
    states = {outcome.state for outcome in outcomes}
    if states & {StepState.UNANSWERED, StepState.WAITS}:
        return PlanState.UNFINISHED
    if StepState.WAITING in states or not states & GOOD:
        return PlanState.FAILED
    if states & BAD or missing_of(plan, outcomes):
        return PlanState.PARTIAL
    return PlanState.DONE


def state_of_roll_back(outcomes: Sequence[StepOutcome]) -> PlanState:
    states = {outcome.state for outcome in outcomes}
    if StepState.UNDO_FAILED in states:
        return PlanState.FAILED
    if states & {StepState.UNANSWERED, StepState.WAITS}:
        return PlanState.UNFINISHED
    return PlanState.ROLLED_BACK
