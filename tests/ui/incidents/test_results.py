"""A result is never called better than what was read back."""

import pytest
from msgspec import structs

from core.changes.outcome import PlanOutcome, PlanState, StepOutcome, StepState
from core.changes.plan import Plan, PlanTarget
from core.changes.steps import BelieveRelease, CutLink, Side
from core.text import Catalogue
from gui.incidents.result import proved_cut_s, result_code, result_word
from tests.ui.fleets import NOW

CUT = CutLink(
    host="hv1",
    uuid="u",
    machine="web",
    stage=0,
    mac="52:54:00:00:00:01",
    side=Side.LIVE,
    was_up=True,
)
PLAN = Plan(
    id="p",
    kind="quarantine",
    created_at=NOW,
    operator="kim",
    reason="r",
    targets=(PlanTarget("hv1", "u", "web"),),
    steps=(CUT, CUT),
    mode="strict",
)


def outcome(state: PlanState, *steps: StepState) -> PlanOutcome:
    done = tuple(StepOutcome(step) for step in steps)
    return PlanOutcome("p", state, done, seconds_to_cut=0.04)


@pytest.mark.parametrize(
    ("state", "steps", "word"),
    [
        (PlanState.DONE, (StepState.DONE, StepState.ALREADY), "contained"),
        (PlanState.PARTIAL, (StepState.DONE, StepState.FAILED), "partial"),
        (PlanState.PARTIAL, (StepState.REFUSED, StepState.REFUSED), "not-contained"),
        (PlanState.PARTIAL, (StepState.FAILED, StepState.FAILED), "not-contained"),
        (PlanState.UNFINISHED, (StepState.UNANSWERED, StepState.DONE), "unknown"),
        (PlanState.FAILED, (StepState.FAILED, StepState.WAITING), "not-contained"),
        (PlanState.ROLLED_BACK, (StepState.UNDONE, StepState.UNDONE), "not-contained"),
    ],
)
def test_the_word_follows_what_was_proved(
    state: PlanState, steps: tuple[StepState, ...], word: str, t: Catalogue
) -> None:
    found = outcome(state, *steps)
    assert result_word(PLAN, found) == word
    assert t.has(result_code(PLAN, found))


def test_no_time_is_shown_for_a_cut_that_did_not_happen() -> None:
    refused = outcome(PlanState.PARTIAL, StepState.REFUSED, StepState.UNANSWERED)
    assert proved_cut_s(PLAN, refused) is None
    done = outcome(PlanState.DONE, StepState.DONE, StepState.DONE)
    assert proved_cut_s(PLAN, done) == 0.04


def test_a_release_that_was_only_believed_is_not_said_to_be_read_back(t: Catalogue) -> None:
    step = BelieveRelease(
        host="hv1", uuid="u", machine="web", stage=0, case="c", keys=("ab" * 32,), release="{}"
    )
    plan = structs.replace(PLAN, kind="release", steps=(step,))
    found = outcome(PlanState.DONE, StepState.DONE)
    assert result_word(plan, found) == "released-believed"
    assert "believe" in t(result_code(plan, found))
