"""Which machines we hold: derived from the journal, so that a crash cannot part the two.

A hold begins with the first step of a quarantine and ends when its release, or its roll-back, is
finished. A machine's own metadata has no say in it (house rule 7).
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, structs

from core.changes.history import PlanRecord
from core.changes.journal import Journal
from core.changes.outcome import PlanState, StepState
from core.changes.steps import BarrierUp, CutLink, PauseMachine, SaveBefore, Side
from core.changes.steps.prove_cut import NEW_CARDS
from core.hosts.helper.orders import Door
from core.incidents.model import Mode

QUARANTINE = "quarantine"
RELEASE = "release"


class Hold(Struct, frozen=True):
    """One held machine. `plans` are its quarantines, oldest first: the first saved what was."""

    case: str
    host: str
    uuid: str
    name: str
    mode: Mode
    owner: str
    since: datetime
    reason: str
    cards: tuple[str, ...]  # MACs that were planned to be cut
    raise_on_release: tuple[str, ...]  # of those, live links that were up
    refused_live: tuple[str, ...]  # the driver cannot cut them while the machine runs
    plans: tuple[str, ...]
    finished: bool  # every quarantine of it came to its end
    release: str = ""  # a release that was begun and is not finished
    barrier: tuple[str, ...] = ()  # addresses behind the barrier on the host; none: no barrier
    doors: tuple[Door, ...] = ()  # what its barrier lets pass
    ran: bool = False  # we stopped its processors while it ran
    paused: bool = False  # its processors are to stand still
    run: int = 0  # the number of its run when it was first cut; 0: it was off
    lost_at: datetime | None = None  # when its memory was seen to be gone
    drill: bool = False


class HoldBook:
    """The holds of this station; read anew when the journal has grown, by whichever process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._seq = 0
        self._records: dict[str, PlanRecord] = {}
        self._holds: dict[tuple[str, str], Hold] = {}

    def refresh(self) -> bool:
        """Read again if needed; True when the holds may have changed."""
        seq = self._journal.last_seq()
        if seq == self._seq:
            return False
        for record in self._journal.records_after(self._seq, (QUARANTINE, RELEASE)):
            self._records[record.plan.id] = record
        self._seq = seq
        self._holds = holds_of(self._records.values())
        return True

    def find(self, host: str, uuid: str) -> Hold | None:
        return self._holds.get((host, uuid))

    def held(self, host: str) -> tuple[str, ...]:
        """The uuids to watch on a host."""
        return tuple(uuid for name, uuid in self._holds if name == host)

    def all(self) -> tuple[Hold, ...]:
        return tuple(self._holds.values())


def holds_of(records: Iterable[PlanRecord]) -> dict[tuple[str, str], Hold]:
    """Fold all quarantines and releases to what is held now."""
    holds: dict[tuple[str, str], Hold] = {}
    for record in sorted(records, key=lambda record: record.first_seq):
        plan = record.plan
        for target in plan.targets:
            key = (target.host, target.uuid)
            if plan.kind == QUARANTINE and record.in_force:
                holds[key] = _joined(holds.get(key), _hold(record, *key, target.name))
            elif plan.kind == RELEASE:
                _released(holds, key, record)
    return holds


def _released(holds: dict[tuple[str, str], Hold], key: tuple[str, str], record: PlanRecord) -> None:
    hold = holds.get(key)
    if hold is None or hold.case != record.plan.case:
        return
    if record.state in {PlanState.DONE, PlanState.PARTIAL}:
        del holds[key]
    elif record.open:
        holds[key] = _with_release(hold, record.plan.id)


def _hold(record: PlanRecord, host: str, uuid: str, name: str) -> Hold:
    plan = record.plan
    steps = [
        (step, seen.state)
        for step, seen in zip(plan.steps, record.steps, strict=True)
        if isinstance(step, CutLink) and step.uuid == uuid
    ]
    return Hold(
        case=plan.case,
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
    )


def _with_release(hold: Hold, plan_id: str) -> Hold:
    return structs.replace(hold, release=plan_id)


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
