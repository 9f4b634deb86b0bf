"""Where window and terminal add to a case. Each call is one signed record; nothing is taken back.

The calls write to the disk and may wait for a keyring: off the loop, please.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from core.audit.record import Entry
from core.changes.plan import new_id
from core.incidents.cases import entries
from core.incidents.cases.book import CaseBook
from core.incidents.cases.model import Case, Grade, Mark, Role, Status
from core.incidents.cases.playbooks import load_playbook
from core.text import RingfenceError

Append = Callable[[Entry], None]


def _now() -> datetime:
    return datetime.now(UTC)


class CaseDesk:
    """Adds to cases in the name of one operator.

    Every method raises RingfenceError: no such case, nothing said, or the record is not written.
    """

    def __init__(
        self,
        book: CaseBook,
        append: Append,
        operator: str,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._book = book
        self._append = append
        self._operator = operator
        self._now = now

    def open(self, title: str, targets: Sequence[str] = (), *, drill: bool = False) -> str:
        """Open a case that no cut began; return its id."""
        case = new_id(self._now())
        self.take_in(case, title, targets, drill=drill)
        return case

    def take_in(
        self, case_id: str, title: str, targets: Sequence[str], *, drill: bool = False
    ) -> None:
        """Begin a case whose id is already chosen, or give it its title."""
        self._append(entries.opened(case_id, self._operator, title, targets, drill))

    def note(self, case_id: str, text: str) -> None:
        self._append(entries.note(self._id(case_id), self._operator, text))

    def lesson(self, case_id: str, text: str) -> None:
        self._append(entries.lesson(self._id(case_id), self._operator, text))

    def person(self, case_id: str, name: str, role: Role, how: str = "") -> None:
        self._append(entries.person(self._id(case_id), self._operator, name, role, how))

    def grade(self, case_id: str, grade: Grade, why: str = "") -> None:
        self._append(entries.graded(self._id(case_id), self._operator, grade, why))

    def status(self, case_id: str, status: Status, why: str = "") -> None:
        """Move the case on. One that still holds a machine cannot be closed."""
        case = self._book.need(case_id)
        if status is Status.CLOSED and case.held:
            names = ", ".join(machine.target for machine in case.held)
            raise RingfenceError("case-still-holds", case=case.short, targets=names)
        self._append(entries.moved(case.id, self._operator, status, why))

    def communicate(self, case_id: str, whom: str, text: str, how: str = "") -> None:
        self._append(entries.told(self._id(case_id), self._operator, whom, how, text))

    def link(self, case_id: str, target: str, why: str = "") -> None:
        self._append(entries.linked(self._id(case_id), self._operator, target, why))

    def follow(self, case_id: str, playbook: str) -> None:
        """Begin a playbook in this case; another one takes its place."""
        load_playbook(playbook)
        self._append(entries.followed(self._id(case_id), self._operator, playbook))

    def mark(self, case_id: str, step: str, mark: Mark, why: str = "") -> None:
        """Say what became of a step of the case's playbook."""
        case = self._book.need(case_id)
        if not case.playbook:
            raise RingfenceError("case-no-playbook", case=case.short)
        load_playbook(case.playbook).need(step)
        self._append(
            entries.stepped(case.id, self._operator, case.playbook, step, mark, why),
        )

    def suspect(self, case_id: str, host: str, why: str) -> None:
        self._append(entries.suspected(case_id, self._operator, host, why))

    def cut_off(self, case_id: str, host: str, why: str) -> None:
        self._append(entries.cut_off(case_id, self._operator, host, why))

    def trust(self, case_id: str, host: str, why: str) -> None:
        """Believe a host again: a person says so, with a reason."""
        self._append(entries.trusted(case_id, self._operator, host, why))

    def _id(self, case_id: str) -> str:
        return self._need(case_id).id

    def _need(self, case_id: str) -> Case:
        return self._book.need(case_id)
