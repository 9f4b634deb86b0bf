"""What a finished run may be called on screen: never better than what was read back."""

from collections import Counter
from collections.abc import Sequence

from core.changes.outcome import PlanOutcome, PlanState, StepState
from core.changes.plan import Plan
from core.changes.steps import BarrierUp, BelieveRelease, CutLink, Side
from core.changes.steps.host_hold import NEEDS_ANOTHER
from core.incidents.cases.trust import only_claimed
from core.incidents.model import Containment, Mode
from core.incidents.words import say_missing
from core.text import Catalogue

BELIEVED = "released-believed"  # by others: nothing of the machine was read
OBSERVED = "observed"
WAITING = "waiting"  # asked for; the host wants a second person's signature
_SECOND_PERSON = f"error.{NEEDS_ANOTHER}.cause"
_CUT = frozenset({StepState.DONE, StepState.ALREADY})


def containment(plan: Plan, outcome: PlanOutcome) -> Containment:
    """Contained only when every step was proved; partial needs something that was cut."""
    if outcome.state is PlanState.UNFINISHED:
        return Containment.UNKNOWN
    if outcome.state not in {PlanState.DONE, PlanState.PARTIAL} or plan.mode == Mode.OBSERVE:
        return Containment.NOT_CONTAINED
    if only_claimed(plan):
        return Containment.UNKNOWN
    if outcome.state is PlanState.DONE:
        return Containment.CONTAINED
    cuts = _live_cuts(plan, outcome)  # none: it is off, and only its next start is open
    some = not cuts or any(state in _CUT for state in cuts)
    return Containment.PARTIAL if some else Containment.NOT_CONTAINED


def proved_cut_s(plan: Plan, outcome: PlanOutcome) -> float | None:
    """From the confirmation to the cut; None unless something live was read back as cut."""
    proved = any(state in _CUT for state in _live_cuts(plan, outcome))
    return outcome.seconds_to_cut if proved and not only_claimed(plan) else None


def _live_cuts(plan: Plan, outcome: PlanOutcome) -> list[StepState]:
    """What became of the steps with which the machine is cut off now: pause, barrier, links."""
    return [
        seen.state
        for step, seen in zip(plan.steps, outcome.steps, strict=True)
        if step.cuts or (isinstance(step, CutLink) and step.side is Side.LIVE)
    ]


def result_word(plan: Plan, outcome: PlanOutcome) -> str:
    """The ending of the message code for this result."""
    if plan.kind == "release":
        if waits_for_another(outcome):
            return WAITING
        believed = any(isinstance(step, BelieveRelease) for step in plan.steps)
        return {
            PlanState.DONE: BELIEVED if believed else "released",
            PlanState.PARTIAL: "released-partly",
            PlanState.UNFINISHED: "unfinished",
        }.get(outcome.state, "still-held")
    if plan.mode == Mode.OBSERVE and outcome.state is PlanState.DONE:
        return OBSERVED
    return containment(plan, outcome).value


def waits_for_another(outcome: PlanOutcome) -> bool:
    """Whether nothing is wrong but that one more person has to sign."""
    return any(
        step.problem is not None and step.problem.code == _SECOND_PERSON for step in outcome.steps
    )


def result_code(plan: Plan, outcome: PlanOutcome) -> str:
    """The sentence for this result; a driver that refused every live cut has its own."""
    live = _live_cuts(plan, outcome)
    word = result_word(plan, outcome)
    if word == Containment.UNKNOWN and only_claimed(plan):
        return "cases.result.claimed"
    if word == "not-contained" and live and all(state is StepState.REFUSED for state in live):
        return "panels.result.not-contained.stored-only"
    if word == "contained":
        return f"panels.result.contained.{_how_contained(plan)}"
    return f"panels.result.{word}.why"


def _how_contained(plan: Plan) -> str:
    """What holds it: never a barrier that was not raised."""
    if not any(step.cuts for step in plan.steps):
        return "off"
    barrier = any(isinstance(step, BarrierUp) for step in plan.steps)
    return plan.mode if barrier else f"{plan.mode}-links"


def missing_line(missing: Sequence[str], t: Catalogue, plan: Plan | None = None) -> str:
    """What is still open, each thing in its words; `plan`: whose outcome names it."""
    return "; ".join(say_missing(missing, t, plan))


def summary(words: Sequence[str], t: Catalogue, *, counted: bool = True) -> str:
    """Several results in one line: "contained 3, partial 1"."""
    if not counted:
        return ", ".join(_result(word, t) for word in words)
    return ", ".join(f"{_result(word, t)} {count}" for word, count in Counter(words).items())


def _result(word: str, t: Catalogue) -> str:
    if word == OBSERVED:
        return t("incidents.state.observed")
    return t(f"containment.{word}" if word in set(Containment) else f"panels.result.{word}")
