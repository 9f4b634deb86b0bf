"""What people add to a case, as entries of the audit log, and back.

There is no second store: what stands in the log is signed, chained and anchored like everything
that was done. The fields of an entry are used alike by all: `reason` is the person's own text,
`detail` whom or what it is about, `kind` and `state` are words of closed sets.
"""

from collections.abc import Sequence
from enum import StrEnum

from core.audit.record import Entry
from core.incidents.cases.model import Grade, Mark, Role, Status
from core.text import RingfenceError

MOST_LETTERS = 4000


class CaseEvent(StrEnum):
    OPEN = "case-open"
    NOTE = "case-note"
    PERSON = "case-person"
    GRADE = "case-grade"
    STATUS = "case-status"
    COMMUNICATION = "case-communication"
    LESSON = "case-lesson"
    LINK = "case-link"
    PLAYBOOK = "case-playbook"
    PLAYBOOK_STEP = "case-playbook-step"
    SUSPECT = "host-suspect"
    CUT_OFF = "host-cut-off"
    TRUSTED = "host-trusted"


EVENTS = frozenset(event.value for event in CaseEvent)
BEGINNINGS = ("case-", "host-", "hold-")


def line_of(text: str) -> str:
    """Return what a person wrote on one line.

    Raises:
        RingfenceError: there is nothing, or more than a screen can show.
    """
    line = " ".join(text.split())
    if not line:
        raise RingfenceError("case-text-empty")
    if len(line) > MOST_LETTERS:
        raise RingfenceError("case-text-too-long", length=len(line), limit=MOST_LETTERS)
    return line


def opened(case: str, operator: str, title: str, targets: Sequence[str], drill: bool) -> Entry:
    state = "drill" if drill else ""
    return _entry(CaseEvent.OPEN, case, operator, title, targets=tuple(targets), state=state)


def note(case: str, operator: str, text: str) -> Entry:
    return _entry(CaseEvent.NOTE, case, operator, text)


def lesson(case: str, operator: str, text: str) -> Entry:
    return _entry(CaseEvent.LESSON, case, operator, text)


def person(case: str, operator: str, name: str, role: Role, how: str) -> Entry:
    detail = " ".join(how.split())[:MOST_LETTERS]
    return _entry(CaseEvent.PERSON, case, operator, name, kind=role.value, detail=detail)


def graded(case: str, operator: str, grade: Grade, why: str) -> Entry:
    return _entry(CaseEvent.GRADE, case, operator, why or grade.value, state=grade.value)


def moved(case: str, operator: str, status: Status, why: str) -> Entry:
    return _entry(CaseEvent.STATUS, case, operator, why or status.value, state=status.value)


def told(case: str, operator: str, whom: str, how: str, text: str) -> Entry:
    kind = " ".join(how.split())[:64]
    return _entry(CaseEvent.COMMUNICATION, case, operator, text, detail=line_of(whom), kind=kind)


def linked(case: str, operator: str, target: str, why: str) -> Entry:
    return _entry(CaseEvent.LINK, case, operator, why or target, targets=(line_of(target),))


def followed(case: str, operator: str, playbook: str) -> Entry:
    return _entry(CaseEvent.PLAYBOOK, case, operator, playbook, kind=playbook)


def stepped(case: str, operator: str, playbook: str, step: str, mark: Mark, why: str) -> Entry:
    return _entry(
        CaseEvent.PLAYBOOK_STEP,
        case,
        operator,
        why or step,
        kind=playbook,
        step=step,
        state=mark.value,
    )


def suspected(case: str, operator: str, host: str, why: str) -> Entry:
    return _entry(CaseEvent.SUSPECT, case, operator, why, targets=(host,))


def cut_off(case: str, operator: str, host: str, why: str) -> Entry:
    return _entry(CaseEvent.CUT_OFF, case, operator, why, targets=(host,))


def trusted(case: str, operator: str, host: str, why: str) -> Entry:
    return _entry(CaseEvent.TRUSTED, case, operator, why, targets=(host,))


def _entry(
    event: CaseEvent,
    case: str,
    operator: str,
    text: str,
    *,
    targets: tuple[str, ...] = (),
    kind: str = "",
    step: str = "",
    state: str = "",
    detail: str = "",
) -> Entry:
    return Entry(
        event=event.value,
        operator=operator,
        case=case,
        kind=kind,
        targets=targets,
        step=step,
        state=state,
        reason=line_of(text),
        detail=detail,
    )
