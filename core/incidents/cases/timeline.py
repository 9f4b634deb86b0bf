"""When things happened, in real milliseconds from the person's yes.

A step's own time was measured from the yes and kept with its result. Only where an older record
has none does the clock of the row stand in, and then no milliseconds are claimed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, structs

from core.audit.record import Record
from core.changes.history import PlanRecord, StepRecord
from core.changes.judgement import GOOD
from core.changes.outcome import PlanState
from core.changes.steps import AnyStep, NoteGap
from core.changes.steps.gap import GAP as GAP_SECONDS
from core.incidents.cases.held import GAP, HELD_EVENTS, gap_text, of_record
from core.incidents.cases.model import Moment, Source
from core.incidents.holds import QUARANTINE, RELEASE
from core.text import Text

CONFIRMED, CUT, PAUSED, PROVED = "confirmed", "cut", "paused", "proved"
EVIDENCE, RELEASED, STEP = "evidence", "released", "step"
Wanted = Callable[[AnyStep], bool]
_ENDED = frozenset({PlanState.DONE, PlanState.PARTIAL})


class Milestone(Struct, frozen=True):
    """One mark on the picture of a plan: what was reached, this long after the yes."""

    kind: str
    ms: float


def confirmed_at(record: PlanRecord) -> datetime:
    """When the person said yes: the end of the run, less how long it took since then."""
    if record.outcome is None or record.undoing:
        return record.began_at
    return record.last_at - timedelta(seconds=record.outcome.seconds)


def milestones(record: PlanRecord) -> tuple[Milestone, ...]:
    """What one run reached, in order; what was not reached has no mark."""
    found: list[Milestone] = []
    cut = None if record.outcome is None else record.outcome.seconds_to_cut
    if record.plan.kind == QUARANTINE and cut is not None and not record.undoing:
        found.append(Milestone(CUT, cut * 1000))
    for kind, wanted in ((PAUSED, _pauses), (PROVED, _proves)):
        reached = _reached(record, wanted)
        if reached is not None:
            found.append(Milestone(kind, reached))
    return tuple(sorted(found, key=lambda each: each.ms))


def of_case(plans: Sequence[PlanRecord]) -> tuple[Milestone, ...]:
    """The marks of a whole case, counted from the yes to its first cut."""
    first = next((plan for plan in plans if plan.plan.kind == QUARANTINE), None)
    if first is None:
        return ()
    start = confirmed_at(first)
    found = [*milestones(first)]
    for record in plans:
        mark = {EVIDENCE: EVIDENCE, RELEASE: RELEASED}.get(record.plan.kind)
        if mark is not None and record.state in _ENDED:
            found.append(Milestone(mark, _ms(record.last_at, start)))
    return tuple(sorted(found, key=lambda each: each.ms))


def moments_of(
    plans: Sequence[PlanRecord], remarks: Iterable[Record], altered: Collection[int]
) -> Iterator[Moment]:
    """Everything that the journal and people say of a case, in no order."""
    first = next((plan for plan in plans if plan.plan.kind == QUARANTINE), None)
    start = None if first is None else confirmed_at(first)
    for record in plans:
        yield from _of_plan(record, start)
    for remark in remarks:
        of = of_record if remark.entry.event in HELD_EVENTS else _of_remark
        yield of(remark, remark.number in altered)


def _gap(record: PlanRecord, step: NoteGap, seen: StepRecord) -> Moment:
    proved = record.state is PlanState.DONE
    seconds = float(seen.notes.get(GAP_SECONDS, "0")) if proved else 0.0
    text = gap_text(f"{step.host}/{step.machine}", step.what, seconds)
    return Moment(step.since, GAP, text, Source.JOURNAL, plan=record.plan.id)


def _of_plan(record: PlanRecord, start: datetime | None) -> Iterator[Moment]:
    plan, begun = record.plan, confirmed_at(record)

    def at(moment: datetime, kind: str, text: Text) -> Moment:
        ms = None if start is None else _ms(moment, start)
        return Moment(moment, kind, text, Source.JOURNAL, plan.operator, ms, plan.id)

    yield at(begun, CONFIRMED, plan.describe())
    for mark in milestones(record):
        text = Text(f"cases.moment.{mark.kind}")
        yield at(begun + timedelta(milliseconds=mark.ms), mark.kind, text)
    for step, seen in zip(plan.steps, record.steps, strict=True):
        if isinstance(step, NoteGap):
            yield _gap(record, step, seen)
        if (ms := _ms_of(seen)) is not None and seen.state not in GOOD:
            moment = at(begun + timedelta(milliseconds=ms), STEP, step.describe())
            yield structs.replace(moment, state=seen.state.value)
    if record.outcome is not None:
        yield at(record.last_at, _end_of(record), _ending(record))


def _end_of(record: PlanRecord) -> str:
    if record.state not in _ENDED:
        return STEP
    return {EVIDENCE: EVIDENCE, RELEASE: RELEASED}.get(record.plan.kind, STEP)


def _ending(record: PlanRecord) -> Text:
    names = ", ".join(target.label for target in record.plan.targets)
    return Text(f"cases.moment.plan-{record.state}", {"targets": names})


def _of_remark(record: Record, altered: bool) -> Moment:
    entry = record.entry
    about = ", ".join(entry.targets) or entry.detail
    bare = "-bare" if entry.reason == entry.state else ""  # nobody gave a reason
    params = {"text": entry.reason, "about": about, "kind": entry.kind, "state": entry.state}
    text = Text(f"cases.moment.{entry.event}{bare}", {**params, "step": entry.step})
    return Moment(record.at, entry.event, text, Source.AUDIT, entry.operator, altered=altered)


def _reached(record: PlanRecord, wanted: Wanted) -> float | None:
    """When the last of these steps was good and named nothing missing; else None."""
    pairs = zip(record.plan.steps, record.steps, strict=True)
    seen = [known for step, known in pairs if wanted(step)]
    times = [_ms_of(known) for known in seen if known.state in GOOD and not _missing(known)]
    known_times = [ms for ms in times if ms is not None]
    if not seen or len(known_times) != len(seen):
        return None
    return max(known_times)


def _missing(seen: StepRecord) -> bool:
    return seen.outcome is not None and bool(seen.outcome.done.missing)


def _ms_of(seen: StepRecord) -> float | None:
    return None if seen.outcome is None else seen.outcome.reached_ms


def _pauses(step: AnyStep) -> bool:
    return step.tag == "pause-machine"


def _proves(step: AnyStep) -> bool:
    """A neighbour's word comes later and is one more; the proof does not wait for it."""
    later = {"prove-release", "prove-from-neighbour"}
    return step.tag.startswith("prove-") and step.tag not in later


def _ms(moment: datetime, start: datetime) -> float:
    return round((moment - start).total_seconds() * 1000, 3)
