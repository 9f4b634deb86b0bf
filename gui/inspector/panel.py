"""The inspector: everything known of what is selected, on pages that fill when looked at."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from core.audit.record import Record
from core.changes.history import PlanRecord
from core.changes.outcome import PlanState
from core.fleet.model import HostView, MachineView
from core.hosts.protocol import ReadXml, XmlTexts
from core.posture.model import Finding
from core.text import Catalogue, RingfenceError
from gui.changes.work import Work
from gui.hosts.door import HostsDoor
from gui.inspector.doctor_page import DoctorPage
from gui.inspector.door import StationDoor
from gui.inspector.fact_list import FactList, in_scroll
from gui.inspector.finding_words import Checks
from gui.inspector.findings_page import FindingsPage
from gui.inspector.header import Header
from gui.inspector.headlines import (
    host_line,
    host_warning,
    machine_line,
    machine_warning,
    selection_sections,
)
from gui.inspector.history_page import Deed, HistoryPage, deeds_of
from gui.inspector.page_bar import PageBar
from gui.inspector.pages import FACT_PAGES, HOST_TABS, MACHINE_TABS, Subject
from gui.inspector.xml_page import XmlPage
from gui.next_step import said
from gui.theme import Theme

EVIDENCE = "evidence"  # the kind of its plans
_XML_DEADLINE_S = 10.0
_XML_RESTS_MS = 200  # who walks over rows with the XML page open asks no host for each
_NOTHING = Subject(None, None)


class InspectorPanel(QWidget):
    """Shows one machine, one host or a selection. Refreshing the same thing moves nothing."""

    tab_changed = Signal(str)

    def __init__(
        self,
        catalogue: Catalogue,
        theme: Theme,
        station: StationDoor | None,
        checks: Checks,
        parent: QWidget | None = None,
        *,
        hosts: HostsDoor | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self._t, self._theme, self._station = catalogue, theme, station
        self._subject = _NOTHING
        self._audit: tuple[Record, ...] = ()
        self._journal_seq = self._evidence_seq = -1
        self._taken: dict[str, PlanState] = {}
        self._journal_records: tuple[PlanRecord, ...] = ()
        self._xml_soon = QTimer(self, singleShot=True, interval=_XML_RESTS_MS)
        self._xml_soon.timeout.connect(self.read_xml)
        self._work = Work()
        self.header = Header(catalogue, theme, self)
        self.bar = PageBar(catalogue("panels.pages"), theme, self)
        self._stack = QStackedWidget(self)
        self.findings = FindingsPage(catalogue, theme, checks)
        self.history = HistoryPage(catalogue, theme)
        self.xml = XmlPage(catalogue, theme)
        self.xml.wanted.connect(self.read_xml)
        self._facts = {name: FactList(catalogue, theme) for name in (*FACT_PAGES, "selection")}
        self._pages: dict[str, QWidget] = {
            name: in_scroll(facts) for name, facts in self._facts.items()
        }
        self._pages |= {"findings": self.findings, "history": self.history, "xml": self.xml}
        self.doctor = DoctorPage(catalogue, theme, hosts) if hosts is not None else None
        if self.doctor is not None:
            self._pages["doctor"] = self.doctor
        self._build()
        self.show_nothing()

    # --- what to show -------------------------------------------------------------------------

    def show_nothing(self) -> None:
        self._show(_NOTHING, ("selection",))
        self.header.show_words(self._t("panels.inspector.nothing"), "")
        self.header.show_marks(None, None)
        self._facts["selection"].show_sections(selection_sections((), self._t))

    def show_machine(self, view: MachineView) -> None:
        self._show(self._machine(view), MACHINE_TABS)
        self.header.show_words(
            view.name, machine_line(view, self._t), machine_warning(view, self._t)
        )
        self.header.show_marks(view.score, view.quarantine)
        self._fill(self.current_tab())

    def _machine(self, view: MachineView) -> Subject:
        """The machine with its host; of a held one also what holds it."""
        station = self._station
        if station is None:
            return Subject(view, None)
        host = station.fleet.view.hosts.get(view.host)
        if view.quarantine is None:
            return Subject(view, host)
        hold = station.holds.find(*view.key)
        barrier = station.barriers.find(*view.key)
        return Subject(view, host, hold, barrier, self._evidence(station, view.quarantine.case))

    def _evidence(self, station: StationDoor, case: str) -> PlanState | None:
        """What became of the last evidence that was taken in a case; read when the journal grew."""
        if (seq := station.journal.last_seq()) != self._evidence_seq:
            self._evidence_seq = seq
            found = station.journal.records((EVIDENCE,))
            self._taken = {record.plan.case: record.state for record in found}
        return self._taken.get(case)

    def show_host(self, view: HostView) -> None:
        self._show(Subject(None, view), tuple(n for n in HOST_TABS if n in self._pages))
        if self.doctor is not None:
            self.doctor.show_entry(view.entry)
        self.header.show_words(view.name, host_line(view, self._t), host_warning(view, self._t))
        self.header.show_marks(view.score, None)
        self._fill(self.current_tab())

    def show_machines(self, views: Sequence[MachineView]) -> None:
        """One machine is itself; several are counted together."""
        if len(views) == 1:
            self.show_machine(views[0])
            return
        if not views:
            self.show_nothing()
            return
        self._show(_NOTHING, ("selection",))
        self.header.show_words(self._t("panels.inspector.several", count=len(views)), "")
        self.header.show_marks(None, None)
        self._facts["selection"].show_sections(selection_sections(views, self._t))

    # --- pages --------------------------------------------------------------------------------

    def current_tab(self) -> str:
        return self.bar.current

    def choose_tab(self, name: str) -> None:
        """Turn to a page if what is shown has it."""
        if name in self.bar.names():
            self.bar.choose(name)
            self._turned(name)

    def page(self, name: str) -> FactList:
        return self._facts[name]

    def _build(self) -> None:
        for name, page in self._pages.items():
            page.setObjectName(name)
            self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addWidget(self.bar)
        outer.addWidget(self._stack, 1)
        self.bar.chosen.connect(self._turned)
        self.setFocusProxy(self.bar)

    def _show(self, subject: Subject, tabs: tuple[str, ...]) -> None:
        if _identity(subject) != _identity(self._subject):
            self.xml.forget()
        self._subject = subject
        if tabs != self.bar.names():
            self.bar.set_pages([(name, self._t(f"panels.tab.{name}")) for name in tabs])
            self._stack.setCurrentWidget(self._pages[self.bar.current])

    def _turned(self, name: str) -> None:
        self._stack.setCurrentWidget(self._pages[name])
        if self._subject == _NOTHING:
            return
        self._fill(name)
        self.tab_changed.emit(name)

    def _fill(self, name: str) -> None:
        if name in FACT_PAGES:
            sections = FACT_PAGES[name](self._subject, self._t, datetime.now(UTC))
            self._facts[name].show_sections(sections)
        elif name == "findings":
            self.findings.show_findings(self._findings())
        elif name == "history":
            self._show_history()
        elif name == "xml" and not self.xml.asked:
            self._xml_soon.start()

    def _findings(self) -> tuple[Finding, ...]:
        view = self._subject.machine or self._subject.host
        return view.findings if view is not None else ()

    def _show_history(self) -> None:
        """The journal is at hand; the audit record is read off the loop and added."""
        station, machine = self._station, self._subject.machine
        self.history.show_history(self._records(), self._deeds())
        if station is None:
            return
        self.history.scores.show_days(station.history.line(machine.key) if machine else ())
        if not self._work.busy:
            self._work.start(self._read_audit(station), "read-audit")

    async def _read_audit(self, station: StationDoor) -> None:
        last = self._audit[-1].number if self._audit else 0
        try:
            found = await asyncio.to_thread(lambda: station.audit.records(last))
        except RingfenceError:
            return  # the log cannot be opened here; `ringfence audit verify` says why
        if found:
            self._audit += found
            if self.current_tab() == "history":
                self.history.show_history(self._records(), self._deeds())

    def _deeds(self) -> tuple[Deed, ...]:
        host, uuid = _identity(self._subject)
        machine = self._subject.machine
        return deeds_of(self._audit, machine.target if machine and uuid else host, self._t)

    def _records(self) -> tuple[PlanRecord, ...]:
        """Plans that touched the machine, or any machine of the host."""
        if self._station is None:
            return ()
        host, uuid = _identity(self._subject)
        journal = self._station.journal
        if (seq := journal.last_seq()) != self._journal_seq:
            self._journal_seq, self._journal_records = seq, journal.records()
        return tuple(
            record
            for record in self._journal_records
            if any(t.host == host and uuid in ("", t.uuid) for t in record.plan.targets)
        )

    # --- XML on demand ------------------------------------------------------------------------

    def read_xml(self) -> None:
        """Ask the host for the machine's texts; the window stays free meanwhile."""
        view = self._subject.machine
        if view is None or self._station is None:
            return
        self._xml_soon.stop()
        self.xml.show_note(self._t("panels.xml.reading"), asked=True)
        self._work.start(self._read_xml(view), f"read-xml {view.target}")

    async def _read_xml(self, view: MachineView) -> None:
        if self._station is None:
            return
        order = ReadXml(number=0, uuid=view.key.uuid)
        try:
            texts = await self._station.hands.order(view.host, order, _XML_DEADLINE_S)
        except RingfenceError as error:
            if self._is_shown(view):
                words = said(error, self._t)
                self.xml.show_note(words, asked=True)
            return
        if self._is_shown(view) and isinstance(texts, XmlTexts):
            self.xml.show_texts(texts)

    def _is_shown(self, view: MachineView) -> bool:
        shown = self._subject.machine
        return shown is not None and shown.key == view.key


def _identity(subject: Subject) -> tuple[str, str]:
    if subject.machine is not None:
        return subject.machine.key
    return (subject.host.name, "") if subject.host else ("", "")
