"""Every kill point a plan passes when nothing unexpected happens: the list a test must exhaust."""

from collections.abc import Iterator

from core.changes.plan import Plan
from core.changes.steps import (
    AnyStep,
    CloneDisk,
    FetchBefore,
    ForgetHold,
    KeepHold,
    RestoreStored,
    SaveBefore,
)


def points_of_run(plan: Plan) -> frozenset[str]:
    """Name the instants of a first run from begin to end."""
    return frozenset(f"apply/{name}" for name in _around(_forward(plan))) | frozenset(
        name for name in _around(_sealings(plan))
    )


def points_of_roll_back(plan: Plan) -> frozenset[str]:
    """Name the instants of a roll-back of a plan that ran whole."""
    return frozenset(f"undo/{name}" for name in _around(_backward(plan)))


def _around(names: Iterator[str]) -> Iterator[str]:
    for name in names:
        yield f"{name}:before"
        yield f"{name}:after"


def _forward(plan: Plan) -> Iterator[str]:
    for position, (stage, steps) in enumerate(plan.stages()):
        yield f"stage-{stage}:intent" if position else "begin"
        for index in steps:
            yield from _step(index, plan.steps[index], "apply")
        yield f"stage-{stage}:audit"
    yield from ("finish", "finish:audit")


def _backward(plan: Plan) -> Iterator[str]:
    for position, (stage, steps) in enumerate(reversed(tuple(plan.stages()))):
        yield f"stage-{stage}:intent" if position else "begin"
        for index in steps:
            yield from _step(index, plan.steps[index], "undo")
        yield f"stage-{stage}:audit"
    yield from ("finish", "finish:audit")


def _step(index: int, step: AnyStep, phase: str) -> Iterator[str]:
    for number in range(1, step.orders_in(phase) + 1):
        yield f"step-{index}:{step.tag}:{phase}:order-{number}"
    yield f"step-{index}:{step.tag}:result"


def _sealings(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        if isinstance(step, SaveBefore | FetchBefore):
            yield f"seal:{step.uuid}/before"
        elif isinstance(step, RestoreStored):
            yield f"seal:{step.uuid}/held"
        elif isinstance(step, CloneDisk):
            yield f"seal:{step.uuid}/clone"
        elif isinstance(step, ForgetHold) or (isinstance(step, KeepHold) and step.expected):
            yield f"seal:{step.uuid}/document"
