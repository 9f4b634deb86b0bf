"""Journal rows as audit entries: each names its plan, and carries the row's own hash."""

import hashlib
from collections.abc import Iterator

import msgspec

from core.audit.record import Entry
from core.changes.history import Event
from core.changes.journal import Journal
from core.changes.outcome import PlanOutcome, StepOutcome
from core.changes.plan import Plan

_EVENTS = {
    "begin": "plan-begin",
    "intent": "step-intent",
    "result": "step-result",
    "finish": "plan-finish",
}


def entries_of(journal: Journal, events: tuple[Event, ...]) -> Iterator[Entry]:
    """Turn rows into entries; their plans are read once each."""
    plans: dict[str, Plan] = {}
    for event in events:
        if event.plan_id not in plans:
            plans[event.plan_id] = journal.need(event.plan_id).plan
        yield _entry(plans[event.plan_id], event)


def row_digest(event: Event) -> str:
    """Hash a journal row as it stands."""
    return hashlib.sha256(msgspec.json.encode(event, order="sorted")).hexdigest()


def _entry(plan: Plan, event: Event) -> Entry:
    step = plan.steps[event.step].tag if event.step is not None else ""
    state, detail = _result(event)
    return Entry(
        event=_EVENTS[event.event],
        operator=plan.operator,
        plan=plan.id,
        case=plan.case,
        kind=plan.kind,
        phase=event.phase,
        targets=tuple(target.label for target in plan.targets),
        step=step,
        state=state,
        reason=plan.reason if event.event in {"begin", "finish"} else "",
        detail=detail,
        journal_seq=event.seq,
        journal_sha256=row_digest(event),
    )


def _result(event: Event) -> tuple[str, str]:
    if event.event == "result":
        step = msgspec.json.decode(event.body, type=StepOutcome)
        missing = ", ".join(step.done.missing)
        return step.state, missing or (step.problem.code if step.problem else "")
    if event.event == "finish":
        plan = msgspec.json.decode(event.body, type=PlanOutcome)
        return plan.state, ", ".join(plan.missing)
    return "", ""
