"""When what happened, from the person's yes: one bar for each thing that counts, from its step.

Values only; `timeline` draws them. A bar without an end was not seen to end.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from core.changes.outcome import PlanOutcome, StepOutcome, StepState
from core.changes.plan import Plan
from core.changes.steps import AnyStep, BarrierUp, CutLink, ProveBarrier, ProveCut, Side

PAUSED, BARRIER, LINK, PROVED, EVIDENCE = "paused", "barrier", "link", "proved", "evidence"
COUNTED = "counted"  # a barrier that only observes
CUTTING = frozenset({PAUSED, BARRIER, LINK, COUNTED})
ORDER = (PAUSED, BARRIER, COUNTED, LINK, PROVED, EVIDENCE)
_GOOD = frozenset({StepState.DONE, StepState.ALREADY})
_BAD = frozenset({StepState.REFUSED, StepState.FAILED})


class Bar(Struct, frozen=True):
    """One lane. `good`: it was read back; None: nobody knows."""

    name: str
    begin_ms: float
    end_ms: float
    good: bool | None


def bars_of(plan: Plan, outcome: PlanOutcome) -> tuple[Bar, ...]:
    """One bar a lane, in the order of ORDER; the last of several cards ends it."""
    lanes: dict[str, list[StepOutcome]] = {}
    for step, seen in zip(plan.steps, outcome.steps, strict=True):
        lane = _lane(step)
        if lane and seen.reached_ms is not None:
            lanes.setdefault(lane, []).append(seen)
    return tuple(_bar(name, lanes[name]) for name in ORDER if name in lanes)


def ticks(longest_ms: float) -> Iterator[float]:
    """Round numbers along an axis that ends at `longest_ms`: at most six."""
    step = next(size for size in _steps() if longest_ms / size <= _MOST_TICKS)
    place = 0.0
    while place <= longest_ms:
        yield place
        place += step


_MOST_TICKS = 5


def _steps() -> Iterator[float]:
    size = 1.0
    while True:
        yield from (size, 2 * size, 5 * size)
        size *= 10


def _lane(step: AnyStep) -> str:
    if isinstance(step, CutLink):
        return LINK if step.side is Side.LIVE else ""
    if isinstance(step, BarrierUp):
        return COUNTED if step.kind.observe else BARRIER
    if isinstance(step, ProveCut | ProveBarrier):
        return PROVED
    return PAUSED if step.tag == "pause-machine" else ""


def _bar(name: str, seen: Sequence[StepOutcome]) -> Bar:
    ends = [each.reached_ms or 0.0 for each in seen]
    begins = [max(0.0, end - each.elapsed_ms) for end, each in zip(ends, seen, strict=True)]
    states = {each.state for each in seen}
    good: bool | None = None
    if states <= _GOOD:
        good = not any(each.done.missing for each in seen)
    elif states & _BAD:
        good = False
    return Bar(name, min(begins), max(ends), good)
