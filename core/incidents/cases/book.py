"""All cases of this station, folded from the journal and from what people wrote down.

The journal says which machines were cut, proved and released; the audit log holds what people
added. A damaged log takes no case away: what can be read is shown, and the case says that
something is missing.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from msgspec import structs

from core.audit.reading import AuditReader
from core.audit.record import Record
from core.changes.history import PlanRecord
from core.changes.journal import Journal
from core.changes.plan import EVIDENCE
from core.incidents.cases.entries import BEGINNINGS, EVENTS, CaseEvent
from core.incidents.cases.folding import annotated, begun, opened_by_hand, told
from core.incidents.cases.held import HELD_EVENTS, each_once, lost_in, told_by_hosts
from core.incidents.cases.model import Case, Moment
from core.incidents.cases.timeline import moments_of
from core.incidents.cases.trust import HostTrust, Trust, marked
from core.incidents.hold import Hold
from core.incidents.holds import HOLD_AGAIN, QUARANTINE, RELEASE, case_of
from core.text import RingfenceError, Text

MOST_DOUBTS = 40  # more would say nothing new
KINDS = (QUARANTINE, RELEASE, HOLD_AGAIN, EVIDENCE)
Holds = Callable[[], Iterable[Hold]]


def no_holds() -> Iterable[Hold]:
    return ()


class CaseBook:
    """Reads again only what is new; any thread may ask. Nothing here changes anything.

    `holds` are those that stand now, other stations' among them: hosts remember who cut what, and
    for how long it was open.
    """

    def __init__(self, journal: Journal, audit_file: Path, holds: Holds = no_holds) -> None:
        self._journal = journal
        self._audit = AuditReader(audit_file, BEGINNINGS)
        self._holds = holds
        self._turn = threading.Lock()
        self._grown = False  # something was read and is not folded
        self._seq = 0
        self._plans: dict[str, PlanRecord] = {}
        self._records: list[Record] = []
        self._altered: set[int] = set()
        self._doubts: list[Text] = []
        self._cases: dict[str, Case] = {}
        self._trust: dict[str, HostTrust] = {}
        self._lost: dict[tuple[str, str], datetime] = {}

    def close(self) -> None:
        self._audit.close()

    def trust(self, host: str) -> HostTrust | None:
        """Why a host is not believed, as last read; None for one that is."""
        return self._trust.get(host)

    def lost_at(self, case: str, target: str) -> datetime | None:
        """When a machine was first seen to have lost its memory, as the log has it."""
        return self._lost.get((case, target))

    def keeps_away(self, host: str) -> bool:
        """Whether no session may be opened to a host."""
        mark = self._trust.get(host)
        return mark is not None and mark.trust is Trust.CUT_OFF

    def suspects(self) -> dict[str, HostTrust]:
        return dict(self._trust)

    def look_at_trust(self) -> bool:
        """Read only whom to believe; True when that changed."""
        before = self._trust
        with self._turn:
            self._grown = self._read_audit() or self._grown
        return self._trust != before

    def all(self) -> tuple[Case, ...]:
        """Every case, the newest first."""
        self.refresh()
        others = {hold.case: told(hold) for hold in self._holds() if hold.foreign}
        cases = {**others, **self._cases}
        return tuple(sorted(cases.values(), key=lambda case: case.id, reverse=True))

    def find(self, case_id: str) -> Case | None:
        """Return one case by its id, or by a beginning or end of it that only it has."""
        found = [case for case in self.all() if _fits(case.id, case_id)]
        return found[0] if len(found) == 1 else None

    def need(self, case_id: str) -> Case:
        """Return one case.

        Raises:
            RingfenceError: there is none, or the text fits several.
        """
        case = self.find(case_id)
        if case is None:
            raise RingfenceError("case-not-found", case=case_id)
        return case

    def timeline(self, case_id: str) -> tuple[Moment, ...]:
        """Everything that happened in one case, oldest first."""
        case = self.need(case_id)
        plans = [self._plans[plan] for plan in case.plans]
        remarks = [record for record in self._records if record.entry.case == case.id]
        ours = moments_of(plans, remarks, self._altered)
        holds = [hold for hold in self._holds() if hold.case == case.id]
        found = each_once((*ours, *told_by_hosts(holds)))
        return tuple(sorted(found, key=lambda moment: moment.at))

    def plans_of(self, case: Case) -> tuple[PlanRecord, ...]:
        """The plans of a case, in the order they were begun."""
        return tuple(self._plans[plan] for plan in case.plans)

    def refresh(self) -> bool:
        """Read what is new; True when something is."""
        with self._turn:
            grown = self._read_journal()
            grown = self._read_audit() or grown or self._grown
            self._grown = False
            if grown:
                self._cases = self._folded()
            return grown

    def _read_journal(self) -> bool:
        seq = self._journal.last_seq()
        if seq == self._seq:
            return False
        for record in self._journal.records_after(self._seq, KINDS):
            if case_of(record):
                self._plans[record.plan.id] = record
        self._seq = seq
        return True

    def _read_audit(self) -> bool:
        news = self._audit.news()
        fresh = [doubt for doubt in news.doubts if doubt not in self._doubts]
        self._doubts += fresh[: MOST_DOUBTS - len(self._doubts)]
        self._altered |= news.altered
        ours = [record for record in news.records if _is_ours(record.entry.event)]
        for record in ours:
            self._trust = marked(self._trust, record)
            self._lost = {**lost_in(record), **self._lost}
        self._records += [record for record in ours if record.entry.case]
        return bool(ours or fresh)

    def _folded(self) -> dict[str, Case]:
        cases = begun(sorted(self._plans.values(), key=lambda record: record.first_seq))
        for record in self._records:
            case = cases.get(record.entry.case)
            if case is None and record.entry.event == CaseEvent.OPEN:
                cases[record.entry.case] = opened_by_hand(record)
            elif case is not None:
                altered = record.number in self._altered
                cases[case.id] = annotated(case, record, altered)
        doubts = tuple(self._doubts)
        return {case.id: structs.replace(case, doubts=doubts) for case in cases.values()}


def _is_ours(event: str) -> bool:
    return event in EVENTS or event in HELD_EVENTS


def _fits(case_id: str, asked: str) -> bool:
    return bool(asked) and (case_id.startswith(asked) or case_id.endswith(asked))
