"""Which machines are held: derived from the journal, so that a crash cannot part the two.

A hold begins with the first step of a quarantine and ends when its release, or its roll-back, is
finished. A machine's own metadata has no say in it (house rule 7).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import structs

from core.changes.history import PlanRecord
from core.changes.journal import Journal
from core.changes.judgement import GOOD
from core.changes.outcome import PlanState, StepState
from core.changes.steps import (
    AutostartOff,
    BarrierUp,
    CutLink,
    KeepHold,
    NoteGap,
    PauseMachine,
    SaveBefore,
    Side,
)
from core.changes.steps.gap import GAP
from core.changes.steps.hold_document import JOINED
from core.changes.steps.prove_cut import NEW_CARDS
from core.hosts.helper.holds import HoldsSeen, Released
from core.hosts.helper.orders import Door
from core.hosts.preparation.planner import PREPARE
from core.incidents.believed import RELEASE, keys_in
from core.incidents.documents import was_released
from core.incidents.hold import Hold
from core.incidents.host_memory import of_machine
from core.incidents.model import Gap, Mode
from core.incidents.remembered import of_both, station_of

__all__ = ["HOLD_AGAIN", "QUARANTINE", "RELEASE", "Hold", "HoldBook", "case_of", "holds_of"]

QUARANTINE = "quarantine"
HOLD_AGAIN = "hold-again"  # a machine that was opened is cut again, by the station itself
_KINDS = (QUARANTINE, RELEASE, HOLD_AGAIN)


class HoldBook:
    """The holds of this station and what hosts remember of others; the journal is read anew when
    it has grown, by whichever process. Where both speak of one machine, both are heard."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._seq = 0
        self.known: dict[str, str] = {}  # keys whose releases are believed, and whose they are
        self._records: dict[str, PlanRecord] = {}
        self._own: dict[tuple[str, str], Hold] = {}
        self._told: dict[str, HoldsSeen] = {}
        self._holds: dict[tuple[str, str], Hold] = {}
        self._known: dict[tuple[str, str, str], Hold] = {}  # every hold of this run

    def refresh(self) -> bool:
        """Read again if needed; True when the holds may have changed."""
        seq = self._journal.last_seq()
        if seq == self._seq:
            return False
        fresh = tuple(self._journal.records_after(self._seq, (*_KINDS, PREPARE)))
        self._records |= {each.plan.id: each for each in fresh if each.plan.kind in _KINDS}
        self.known |= keys_in(fresh)
        self._seq = seq
        self._own = holds_of(self._records.values())
        self._merge()
        return True

    def take(self, host: str, seen: HoldsSeen) -> bool:
        """Hear what a host remembers; True when the holds may have changed."""
        if self._told.get(host) == seen:
            return False
        self._told[host] = seen
        self._merge()
        return True

    def forget(self, host: str) -> None:
        """The host is no longer ours to look at."""
        if self._told.pop(host, None) is not None:
            self._merge()

    def find(self, host: str, uuid: str) -> Hold | None:
        return self._holds.get((host, uuid))

    def held(self, host: str) -> tuple[str, ...]:
        """The uuids to watch on a host."""
        return tuple(uuid for name, uuid in self._holds if name == host)

    def all(self) -> tuple[Hold, ...]:
        return tuple(self._holds.values())

    def kind_of(self, plan_id: str) -> str:
        """What kind of plan one of a hold's plans is; "" for one that is not ours."""
        record = self._records.get(plan_id)
        return "" if record is None else record.plan.kind

    def proved_at(self, hold: Hold) -> datetime | None:
        """When its last plan of ours ended with the cut proved."""
        record = self._records.get(hold.plans[-1]) if hold.plans else None
        return record.last_at if record is not None and record.state is PlanState.DONE else None

    def told(self, host: str) -> HoldsSeen | None:
        """What the host last said; None when it was not asked or did not answer."""
        return self._told.get(host)

    def ended_elsewhere(self) -> Iterator[tuple[Hold, Released]]:
        """Holds that ended as their host says, by no plan of ours."""
        ours = {record.plan.case for record in self._records.values() if _ends(record)}
        for (host, uuid, case), hold in self._known.items():
            seen = self._told.get(host)
            for told in () if seen is None or case in ours else seen.released:
                if (told.uuid, told.case) == (uuid, case) and was_released(told):
                    yield hold, told

    def _merge(self) -> None:
        keys = dict.fromkeys(self._own)
        for host, seen in self._told.items():
            keys.update(dict.fromkeys((host, file.uuid) for file in seen.holds))
        merged = {key: self._of_both(key) for key in keys}
        self._holds = {key: hold for key, hold in merged.items() if hold is not None}
        for hold in (*self._own.values(), *self._holds.values()):
            self._known[hold.host, hold.uuid, hold.case] = hold

    def _of_both(self, key: tuple[str, str]) -> Hold | None:
        seen = self._told.get(key[0])
        own = self._own.get(key)
        if seen is None:
            return own
        return of_both(own, key[0], of_machine(seen, key[1]), self.known)


def holds_of(records: Iterable[PlanRecord]) -> dict[tuple[str, str], Hold]:
    """Fold all quarantines and releases to what is held now."""
    holds: dict[tuple[str, str], Hold] = {}
    for record in sorted(records, key=lambda record: record.first_seq):
        plan = record.plan
        for target in plan.targets:
            key = (target.host, target.uuid)
            held = holds.get(key)
            if plan.kind == HOLD_AGAIN and (held is None or held.case != plan.case):
                continue  # it was released meanwhile
            if plan.kind in {QUARANTINE, HOLD_AGAIN} and record.in_force:
                holds[key] = _joined(held, _hold(record, *key, target.name))
            elif plan.kind == RELEASE:
                _released(holds, key, record)
    return holds


def _ends(record: PlanRecord) -> bool:
    """Whether it ended its case's hold here: a release, or a cut that was taken back."""
    released = record.plan.kind == RELEASE and record.state in {PlanState.DONE, PlanState.PARTIAL}
    return released or not record.in_force


def case_of(record: PlanRecord) -> str:
    """A plan's case; another's, when that one was first and this cut joined it."""
    notes = (step.notes.get(JOINED, "") for step in record.steps)
    return next((case for case in notes if case), record.plan.case)


def _released(holds: dict[tuple[str, str], Hold], key: tuple[str, str], record: PlanRecord) -> None:
    hold = holds.get(key)
    if hold is None or hold.case != record.plan.case:
        return
    if record.state in {PlanState.DONE, PlanState.PARTIAL}:
        for other in [each for each in holds if each[1] == key[1]]:
            if holds[other].case == hold.case:  # where it was before it was moved
                del holds[other]
    elif record.open:
        holds[key] = _with_release(hold, record.plan.id)


def _narrowed(record: PlanRecord, uuid: str) -> PlanRecord:
    """What a plan of several machines is for one of them."""
    pairs = zip(record.plan.steps, record.steps, strict=True)
    ours = [(step, seen) for step, seen in pairs if step.uuid == uuid]
    plan = structs.replace(record.plan, steps=tuple(step for step, _ in ours))
    return structs.replace(record, plan=plan, steps=tuple(seen for _, seen in ours))


def _hold(record: PlanRecord, host: str, uuid: str, name: str) -> Hold:
    if len(record.plan.targets) > 1:
        record = _narrowed(record, uuid)
    plan = record.plan
    steps = [
        (step, seen.state)
        for step, seen in zip(plan.steps, record.steps, strict=True)
        if isinstance(step, CutLink) and step.uuid == uuid
    ]
    return Hold(
        case=case_of(record),
        host=host,
        uuid=uuid,
        name=name,
        mode=Mode(plan.mode),
        owner=plan.operator,
        since=plan.created_at,
        reason=plan.reason,
        cards=tuple(dict.fromkeys(step.mac for step, _ in steps)),
        raise_on_release=(
            *(step.mac for step, _ in steps if step.side is Side.LIVE and step.was_up),
            *_new_cards(record),
        ),
        refused_live=tuple(
            step.mac
            for step, state in steps
            if step.side is Side.LIVE and state is StepState.REFUSED
        ),
        plans=(plan.id,),
        finished=not record.open,
        barrier=_behind_barrier(record, uuid),
        doors=_doors(record, uuid),
        ran=_stopped(record, uuid, running=True),
        paused=_stopped(record, uuid),
        run=max((step.run for step in plan.steps if isinstance(step, SaveBefore)), default=0),
        drill=plan.drill,
        autostart=any(s.was_on for s in plan.steps if isinstance(s, AutostartOff)),
        written=_written(record, uuid),
        joined=_came_second(record, uuid),
        station=station_of(plan.operator),
        gaps=_gaps(record),
    )


def _came_second(record: PlanRecord, uuid: str) -> bool:
    """Whether another station had cut it before: then what we found is not how it was."""
    kept = [each for each in record.plan.steps if isinstance(each, KeepHold) and each.uuid == uuid]
    knew = any(step.expected and not step.source_plan for step in kept)
    moved = any(step.moved for step in kept)
    return knew or moved or case_of(record) != record.plan.case


def _written(record: PlanRecord, uuid: str) -> bool:
    """Whether its host was seen to remember it."""
    return any(
        isinstance(step, KeepHold) and step.uuid == uuid and seen.state in GOOD
        for step, seen in zip(record.plan.steps, record.steps, strict=True)
    )


def _gaps(record: PlanRecord) -> tuple[Gap, ...]:
    """How long it was open before it was cut again; unknown when that was not proved in the end.
    While the plan runs it is still open."""
    if record.outcome is None:
        return ()
    proved = record.state is PlanState.DONE
    return tuple(
        Gap(step.since, float(seen.notes.get(GAP, "0")) if proved else 0.0, step.what)
        for step, seen in zip(record.plan.steps, record.steps, strict=True)
        if isinstance(step, NoteGap)
    )


def _doors(record: PlanRecord, uuid: str) -> tuple[Door, ...]:
    raised = (step for step in record.plan.steps if isinstance(step, BarrierUp))
    return tuple(door for step in raised if step.uuid == uuid for door in step.kind.doors)


def _stopped(record: PlanRecord, uuid: str, running: bool = False) -> bool:
    """Whether it stopped this machine, with `running` one that ran."""
    return any(
        isinstance(step, PauseMachine)
        and step.uuid == uuid
        and seen.touched
        and (step.was_running or not running)
        for step, seen in zip(record.plan.steps, record.steps, strict=True)
    )


def _behind_barrier(record: PlanRecord, uuid: str) -> tuple[str, ...]:
    """The addresses of a barrier that may stand, whatever became of its order."""
    steps = zip(record.plan.steps, record.steps, strict=True)
    found = (
        mac
        for step, seen in steps
        if isinstance(step, BarrierUp) and step.uuid == uuid and seen.touched
        for mac in step.macs
    )
    return tuple(dict.fromkeys(found))


def _new_cards(record: PlanRecord) -> tuple[str, ...]:
    """Cards that appeared during the cut and were cut with it."""
    notes = (step.notes.get(NEW_CARDS, "") for step in record.steps)
    return tuple(mac for note in notes for mac in note.split())


def _joined(old: Hold | None, new: Hold) -> Hold:
    """Put a second cut of the same case onto the first."""
    if old is None or old.case != new.case:
        return new
    return structs.replace(
        old,
        name=new.name,
        mode=new.mode,
        reason=new.reason,
        cards=_union(old.cards, new.cards),
        raise_on_release=_union(old.raise_on_release, new.raise_on_release),
        refused_live=new.refused_live,
        plans=(*old.plans, *new.plans),
        barrier=_union(old.barrier, new.barrier),
        finished=old.finished and new.finished,
        doors=new.doors,
        ran=old.ran or new.ran,
        paused=new.paused,
        autostart=old.autostart or new.autostart,
        written=old.written or new.written,
        gaps=(*old.gaps, *new.gaps),
    )


def _with_release(hold: Hold, plan_id: str) -> Hold:
    return structs.replace(hold, release=plan_id)


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
