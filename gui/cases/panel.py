"""The case panel: all cases, or one from top to bottom, and what a person adds to it.

Everything is read again after each record: what is shown is what the journal and the log say.
"""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.model import Case, Mark, Status
from core.incidents.cases.story import Story
from core.incidents.holds import QUARANTINE
from core.text import Catalogue, RingfenceError
from gui.cases.checklist import Checklist
from gui.cases.door import CaseDoor, Write
from gui.cases.sections import sections_of
from gui.cases.stepper import Stepper
from gui.cases.writing import WritingLine
from gui.changes.work import Work
from gui.incidents.course import bars_of
from gui.incidents.timeline import Timeline
from gui.inspector.fact_list import FactList, in_scroll
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.plain import one_line
from gui.theme import Face, Theme

_EDGE = 16
CaseWrite = Callable[[CaseDesk, str], None]


class CasePanel(QWidget):
    """Beside the table. Esc goes from a case to the list, and from the list away."""

    closed = Signal()
    report_wanted = Signal(str)  # a case's id

    def __init__(
        self, t: Catalogue, theme: Theme, door: CaseDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("cases")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t, self._theme, self._door = t, theme, door
        self._work = Work()
        self.case: Case | None = None
        self._written_for = ""  # the case whose line is being written
        self._drafts: dict[str, tuple[str, str]] = {}
        self.title = ValueLabel(self, lines=3)
        self.title.setFont(theme.font(Face.TITLE))
        self.drill = ValueLabel(self, lines=2)
        self.drill.setFont(theme.font(Face.STRONG))
        self.drill.set_colour(theme.colour("quarantine"))
        self.doubts = ValueLabel(self, lines=8)
        self.doubts.set_colour(theme.colour("critical"))
        self.problem = ValueLabel(self, lines=4)
        self.problem.set_colour(theme.colour("critical"))
        self.list = QListWidget(self)
        self.list.setAccessibleName(t("cases.panel.title"))
        self.list.itemActivated.connect(self._activated)
        self.stepper = Stepper(t, theme, self)
        self.stepper.wanted.connect(self._move)
        self.picture = Timeline(t, theme, self)
        self.facts = FactList(t, theme, self)
        self.checklist = Checklist(t, theme, self)
        self.checklist.begun.connect(self._follow)
        self.checklist.marked.connect(self._mark)
        self.writing = WritingLine(t, self)
        self.writing.wanted.connect(self._add)
        self.back = QPushButton(t("cases.panel.back"), self)
        self.back.clicked.connect(self.show_list)
        self.report = QPushButton(theme.icon("file-text"), t("cases.panel.report"), self)
        self.report.setObjectName("case-report")
        self.report.clicked.connect(self._report)
        self.leave = QPushButton(t("panels.close"), self)
        self.leave.clicked.connect(self.shut)
        self._lay_out()

    # --- what the window calls ----------------------------------------------------------------

    def open(self, case: str = "") -> None:
        """Show one case, or all of them."""
        self.problem.hide()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if case:
            self._start(lambda: self._show_case(case))
        else:
            self.show_list()

    def show_list(self) -> None:
        self.case = None
        self._start(self._show_all)

    def look_again(self) -> None:
        """Something was ordered: what is shown is read again."""
        if self.isVisible() and not self._work.busy:
            case = self.case
            self._start(self._show_all if case is None else lambda: self._show_case(case.id))

    def shut(self) -> None:
        self.hide()
        self.closed.emit()

    @property
    def busy(self) -> bool:
        return self._work.busy

    # --- reading ------------------------------------------------------------------------------

    async def _show_all(self) -> None:
        cases = await self._door.all()
        if self.case is not None:
            return
        self.list.clear()
        for case in cases:
            item = QListWidgetItem(self._line(case))
            item.setData(Qt.ItemDataRole.UserRole, case.id)
            name, role = ("lock", "quarantine") if case.held else ("circle-check", "secondary")
            item.setIcon(self._theme.icon(name, role))
            self.list.addItem(item)
        self.title.set_text(self._t("cases.panel.title"))
        self.doubts.set_text("" if cases else self._t("cli.case.none"))
        self.doubts.set_colour(self._theme.colour("secondary"))
        self.doubts.setVisible(not cases)
        self.drill.hide()
        self._turn(0)
        if self.list.count():
            self.list.setCurrentRow(0)
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, case: Case) -> str:
        t = self._t
        drill = f"{t('cases.drill')}: " if case.drill else ""
        names = ", ".join(machine.target for machine in case.machines)
        state = f"{t(f'cases.status.{case.status}')}, {t(f'cases.grade.{case.grade}')}"
        first = one_line(f"{drill}{case.title}")
        return f"{first}\n{case.opened_at:%Y-%m-%d %H:%M}  {state}  {one_line(names)}".rstrip()

    async def _show_case(self, name: str) -> None:
        self._show_story(await self._door.story(name))

    def _show_story(self, story: Story) -> None:
        case, t = story.case, self._t
        self.case = case
        self._take_up(case.id)
        self.title.set_text(t("cases.report.title", case=case.short) + f"\n{case.title}")
        self.drill.set_text(t("cases.report.drill"))
        self.drill.setVisible(case.drill)
        doubts = [t.say(doubt) for doubt in case.doubts]
        doubts += [t("cases.report.suspect", host=host) for host in case.hosts]
        self.doubts.set_colour(self._theme.colour("critical"))
        self.doubts.set_text("\n".join(doubts))
        self.doubts.setVisible(bool(doubts))
        self.stepper.show_status(case.status)
        self._draw(story)
        self.facts.show_sections(sections_of(story, t))
        self.checklist.show_story(story)
        self._turn(1)

    def _take_up(self, case: str) -> None:
        """A line that was begun waits in its own case, and never gets into another one."""
        if case == self._written_for:
            return
        if self._written_for:
            self._drafts[self._written_for] = self.writing.draft()
        self._written_for = case
        self.writing.put(self._drafts.pop(case, ("", "")))

    def _draw(self, story: Story) -> None:
        """The first cut of the case, as it was: one that was resumed has other times."""
        first = next((one for one in story.plans if one.plan.kind == QUARANTINE), None)
        outcome = None if first is None else first.outcome
        if first is None or outcome is None or first.undoing:
            self.picture.show_bars((), None)
            return
        cut = outcome.seconds_to_cut
        self.picture.show_bars(bars_of(first.plan, outcome), None if cut is None else cut * 1000)

    # --- writing ------------------------------------------------------------------------------

    def _activated(self, item: QListWidgetItem) -> None:
        name = str(item.data(Qt.ItemDataRole.UserRole))
        self._start(lambda: self._show_case(name))

    def _move(self, status: str) -> None:
        self._write(lambda desk, case: desk.status(case, Status(status)))

    def _follow(self, playbook: str) -> None:
        self._write(lambda desk, case: desk.follow(case, playbook))

    def _mark(self, step: str, mark: str) -> None:
        self._write(lambda desk, case: desk.mark(case, step, Mark(mark)))

    def _add(self, ready: Callable[[str], Write]) -> None:
        if self.case is not None:
            write = ready(self.case.id)
            self._start(lambda: self._written(write, self.writing.written))

    def _write(self, write: CaseWrite) -> None:
        case = self.case
        if case is not None:
            self._start(lambda: self._written(lambda desk: write(desk, case.id)))

    async def _written(self, write: Write, after: Callable[[], None] | None = None) -> None:
        await self._door.write(write)
        if after is not None:
            after()
        if self.case is not None:
            await self._show_case(self.case.id)

    def _report(self) -> None:
        if self.case is not None:
            self.report_wanted.emit(self.case.id)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work.start(self._guarded(work), "cases")

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        self.problem.hide()
        try:
            await work()
        except RingfenceError as error:
            self.problem.set_text(said(error, self._t))
            self.problem.show()

    # --- keys and looks -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.case is not None:
            self.show_list()
        else:
            self.shut()

    def _turn(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        for widget in (self.back, self.report):
            widget.setVisible(page == 1)
        self.setAccessibleName(self.title.text())

    def _lay_out(self) -> None:
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(_EDGE, 0, 12, 8)
        column.setSpacing(8)
        for part in (self.stepper, self.picture, self.writing, self.checklist, self.facts):
            column.addWidget(part)
        column.addStretch(1)
        pages = QWidget(self)
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.list)
        self._pages.addWidget(in_scroll(inner))
        foot = QHBoxLayout()
        foot.setContentsMargins(_EDGE, 8, 12, 12)
        foot.setSpacing(8)
        for button in (self.report, self.back):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 12, 0, 0)
        outer.setSpacing(4)
        for label in (self.title, self.drill, self.doubts, self.problem):
            label.setContentsMargins(_EDGE, 0, 12, 0)
            outer.addWidget(label)
        for label in (self.drill, self.doubts, self.problem):
            label.hide()
        outer.addWidget(pages, 1)
        outer.addLayout(foot)
