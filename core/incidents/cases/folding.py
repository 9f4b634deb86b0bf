"""From plans and audit records to cases: pure, in the order in which things were written."""

from collections.abc import Callable, Iterable

from msgspec import structs

from core.audit.record import Record
from core.changes.history import PlanRecord
from core.changes.outcome import PlanState
from core.changes.plan import PlanTarget
from core.incidents.cases.entries import CaseEvent
from core.incidents.cases.model import (
    Case,
    CaseMachine,
    Grade,
    Mark,
    Person,
    Progress,
    Remark,
    Role,
    Status,
)
from core.incidents.hold import Hold
from core.incidents.holds import QUARANTINE, RELEASE, case_of
from core.incidents.model import Mode

RELEASED, ROLLED_BACK = "released", "rolled-back"
_OVER = frozenset({PlanState.DONE, PlanState.PARTIAL})


def begun(records: Iterable[PlanRecord]) -> dict[str, Case]:
    """The cases that plans began, with their machines. `records` are in the journal's order."""
    cases: dict[str, Case] = {}
    for record in records:
        plan = record.plan
        name = case_of(record)
        case = cases.get(name) or _opened(record, name)
        for target in plan.targets:
            case = _with_machine(case, record, target)
        drill = case.drill or plan.drill
        cases[name] = structs.replace(case, plans=(*case.plans, plan.id), drill=drill)
    return cases


def _opened(record: PlanRecord, name: str) -> Case:
    plan = record.plan
    return Case(
        id=name,
        title=plan.reason,
        opened_at=record.began_at,
        opened_by=plan.operator,
        status=Status.CONTAIN,
        drill=plan.drill,
    )


def told(hold: Hold) -> Case:
    """A case of another station, as the host of its machine remembers it."""
    machine = CaseMachine(
        host=hold.host,
        uuid=hold.uuid,
        name=hold.name,
        mode=hold.mode,
        since=hold.since,
        held=True,
        ended_at=None,
        ended="",
        plans=(),
    )
    return Case(
        id=hold.case,
        title=hold.reason,
        opened_at=hold.since,
        opened_by=hold.owner,
        status=Status.CONTAIN,
        drill=hold.drill,
        machines=(machine,),
        foreign=True,
    )


def opened_by_hand(record: Record) -> Case:
    """A case that began with a person and not with a cut."""
    entry = record.entry
    return Case(
        id=entry.case,
        title=entry.reason,
        opened_at=record.at,
        opened_by=entry.operator,
        status=Status.DETECT,
        drill=entry.state == "drill",
    )


def _with_machine(case: Case, record: PlanRecord, target: PlanTarget) -> Case:
    machines = {(each.host, each.uuid): each for each in case.machines}
    key = (target.host, target.uuid)
    known = machines.get(key)
    if record.plan.kind == QUARANTINE:
        machines[key] = _cut(known, record, target)
    elif known is not None and record.plan.kind == RELEASE and record.state in _OVER:
        machines[key] = _ended(known, record, RELEASED)
    return structs.replace(case, machines=tuple(machines.values()))


def _cut(known: CaseMachine | None, record: PlanRecord, target: PlanTarget) -> CaseMachine:
    """A second cut joins the first; one that was rolled back holds nothing by itself."""
    plan = record.plan
    if known is None:
        known = CaseMachine(
            host=target.host,
            uuid=target.uuid,
            name=target.name,
            mode=_mode(plan.mode),
            since=record.began_at,
            held=False,
            ended_at=None,
            ended="",
            plans=(),
        )
    plans = (*known.plans, plan.id)
    if record.in_force:
        return structs.replace(
            known,
            name=target.name,
            mode=_mode(plan.mode),
            held=True,
            ended_at=None,
            ended="",
            plans=plans,
        )
    if record.state is PlanState.ROLLED_BACK and not known.held:
        known = _ended(known, record, ROLLED_BACK)
    return structs.replace(known, plans=plans)


def _ended(machine: CaseMachine, record: PlanRecord, how: str) -> CaseMachine:
    return structs.replace(machine, held=False, ended_at=record.last_at, ended=how)


def _mode(word: str) -> Mode:
    return Mode(word) if word in set(Mode) else Mode.STRICT


def annotated(case: Case, record: Record, altered: bool) -> Case:
    """Put what one record says onto its case."""
    fold = _FOLDS.get(record.entry.event)
    return case if fold is None else fold(case, record, altered)


Fold = Callable[[Case, Record, bool], Case]


def _remark(record: Record, altered: bool) -> Remark:
    entry = record.entry
    about = entry.targets[0] if entry.targets else entry.detail
    return Remark(
        record.number, record.at, entry.operator, entry.reason, about, entry.kind, altered
    )


def _titled(case: Case, record: Record, altered: bool) -> Case:
    del altered
    drill = case.drill or record.entry.state == "drill"
    return structs.replace(case, title=record.entry.reason, drill=drill)


def _noted(case: Case, record: Record, altered: bool) -> Case:
    return structs.replace(case, notes=(*case.notes, _remark(record, altered)))


def _learned(case: Case, record: Record, altered: bool) -> Case:
    return structs.replace(case, lessons=(*case.lessons, _remark(record, altered)))


def _told(case: Case, record: Record, altered: bool) -> Case:
    said = (*case.communications, _remark(record, altered))
    return structs.replace(case, communications=said)


def _linked(case: Case, record: Record, altered: bool) -> Case:
    return structs.replace(case, linked=(*case.linked, _remark(record, altered)))


def _peopled(case: Case, record: Record, altered: bool) -> Case:
    del altered
    entry = record.entry
    role = Role(entry.kind) if entry.kind in set(Role) else None
    others = tuple(one for one in case.people if (one.name, one.role) != (entry.reason, role))
    return structs.replace(case, people=(*others, Person(entry.reason, role, entry.detail)))


def _graded(case: Case, record: Record, altered: bool) -> Case:
    word = record.entry.state
    grade = Grade(word) if word in set(Grade) else case.grade
    return structs.replace(_noted(case, record, altered), grade=grade)


def _moved(case: Case, record: Record, altered: bool) -> Case:
    word = record.entry.state
    if word not in set(Status):
        return case
    closed_at = record.at if word == Status.CLOSED else None
    moved = structs.replace(case, status=Status(word), closed_at=closed_at)
    return moved if record.entry.reason == word else _noted(moved, record, altered)


def _followed(case: Case, record: Record, altered: bool) -> Case:
    del altered
    return structs.replace(case, playbook=record.entry.kind)


def _stepped(case: Case, record: Record, altered: bool) -> Case:
    del altered
    entry = record.entry
    if entry.state not in set(Mark):
        return case
    text = "" if entry.reason == entry.step else entry.reason
    mark = Progress(entry.step, Mark(entry.state), entry.operator, record.at, text)
    others = tuple(each for each in case.progress if each.step != entry.step)
    return structs.replace(case, progress=(*others, mark))


def _suspected(case: Case, record: Record, altered: bool) -> Case:
    hosts = tuple(dict.fromkeys((*case.hosts, *record.entry.targets)))
    return structs.replace(_noted(case, record, altered), hosts=hosts)


_FOLDS: dict[str, Fold] = {
    CaseEvent.OPEN: _titled,
    CaseEvent.NOTE: _noted,
    CaseEvent.PERSON: _peopled,
    CaseEvent.GRADE: _graded,
    CaseEvent.STATUS: _moved,
    CaseEvent.COMMUNICATION: _told,
    CaseEvent.LESSON: _learned,
    CaseEvent.LINK: _linked,
    CaseEvent.PLAYBOOK: _followed,
    CaseEvent.PLAYBOOK_STEP: _stepped,
    CaseEvent.SUSPECT: _suspected,
    CaseEvent.CUT_OFF: _suspected,
    CaseEvent.TRUSTED: _noted,
}
