"""One case with everything that is shown or handed on of it, gathered in one go."""

from collections.abc import Iterable

from msgspec import Struct

from core.audit.head import Head
from core.audit.record import Verification
from core.changes.history import PlanRecord
from core.incidents.cases.book import CaseBook
from core.incidents.cases.model import Case, Moment
from core.incidents.cases.playbooks import Line, checklist, load_playbook
from core.incidents.cases.timeline import Milestone, of_case
from core.settings.model import ContactEntry
from core.text import RingfenceError, Text


class EvidenceItem(Struct, frozen=True):
    """One thing that was taken, as the signed manifest names it."""

    name: str
    kind: str
    size_bytes: int
    sha256: str
    taken_at: str = ""


class EvidenceIndex(Struct, frozen=True):
    """What a case's sealed directory holds. `problem`: why it cannot be told."""

    items: tuple[EvidenceItem, ...] = ()
    manifest_sha256: str = ""
    key: str = ""
    problem: Text | None = None


NO_EVIDENCE = EvidenceIndex()


class Story(Struct, frozen=True):
    """`chain` is None when nobody verified the audit log."""

    case: Case
    moments: tuple[Moment, ...]
    marks: tuple[Milestone, ...]
    plans: tuple[PlanRecord, ...]
    checklist: tuple[Line, ...] = ()
    evidence: EvidenceIndex = NO_EVIDENCE
    chain: Verification | None = None
    head: Head | None = None

    def doubted(self, host: str) -> bool:
        """Whether what this host said in this case is only a claim."""
        return host in self.case.hosts


def story_of(
    book: CaseBook,
    case_id: str,
    contacts: Iterable[ContactEntry] = (),
    *,
    evidence: EvidenceIndex = NO_EVIDENCE,
    chain: Verification | None = None,
    head: Head | None = None,
) -> Story:
    """Gather one case.

    Raises:
        RingfenceError: there is no such case.
    """
    case = book.need(case_id)
    plans = book.plans_of(case)
    return Story(
        case=case,
        moments=book.timeline(case.id),
        marks=of_case(plans),
        plans=plans,
        checklist=_checklist(case, contacts),
        evidence=evidence,
        chain=chain,
        head=head,
    )


def _checklist(case: Case, contacts: Iterable[ContactEntry]) -> tuple[Line, ...]:
    """A playbook of another version is not this one's: it has no list here."""
    if not case.playbook:
        return ()
    try:
        return checklist(load_playbook(case.playbook), case, contacts)
    except RingfenceError:
        return ()
