"""Beside the table: what a host has of ours, the plan that puts it there, and its way back."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.hosts.preparation.model import HostStatus, Wishes, after_failure
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.changes.steps_view import StepsView
from gui.changes.work import Work
from gui.hosts.prepared_item import PreparedLine
from gui.hosts.wishes_field import WishesField
from gui.incidents.result import missing_line
from gui.inspector.fact_list import in_scroll
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.plain import menu_text
from gui.theme import Face, Theme


class PreparationDoor(Protocol):
    """What the panel asks of the station."""

    async def status(self, host: str, wishes: Wishes) -> HostStatus: ...

    async def plan_prepare(self, host: str, wishes: Wishes) -> Plan: ...

    async def plan_unprepare(self, host: str) -> Plan: ...

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome: ...


class PreparationPanel(QWidget):
    """The items with their states, then the plan. Enter does what the first button says."""

    closed = Signal()
    run_started = Signal(PlanRun)
    changed = Signal(str)  # a host that should be read again

    def __init__(
        self,
        catalogue: Catalogue,
        theme: Theme,
        door: PreparationDoor,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("preparation")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t, self._theme, self._door = catalogue, theme, door
        self._work = Work()
        self._host = ""
        self.items: list[PreparedLine] = []
        self.plan: Plan | None = None
        self.run: PlanRun | None = None
        self.steps: StepsView | None = None
        self.title = ValueLabel(self)
        self.title.setFont(theme.font(Face.TITLE))
        self.line = ValueLabel(self, lines=4)
        self.notes = ValueLabel(self, lines=8)
        self.notes.set_colour(theme.colour("secondary"))
        self.fields = WishesField(catalogue, theme, self)
        self.fields.changed.connect(self._look)
        self.result = ValueLabel(self, lines=6)
        self.go = _button(self, "confirm", "", self.confirm)
        self.back = _button(self, "unprepare", catalogue("panels.unprepare.look"), self.unprepare)
        self.again = _button(self, "again", catalogue("panels.doctor.again"), self._look)
        self.close_button = _button(self, "cancel", catalogue("panels.close"), self.shut)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._lay_out()

    def open(self, host: str) -> None:
        """Look at a host and make the plan; nothing happens to it yet."""
        self._host = host
        if not self._running():
            self.fields.reset()
        self.title.set_text(self._t("panels.prepare.title", host=host))
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look()

    def shut(self) -> None:
        """Close. A plan that was not confirmed is forgotten; what runs goes on in the tasks."""
        self._work.cancel()
        self.hide()
        self.closed.emit()

    def confirm(self) -> None:
        """Do the plan that is shown; when there is nothing to do, close."""
        confirmed_at = time.monotonic()
        if self._running():
            return
        if self.fields.half_typed() and not self._ended():
            self.fields.add.click()  # planned anew with them: this yes was for another plan
            return
        if self.plan is None or self._ended():
            self.shut()
            return
        plan = self.plan
        self.run = run = PlanRun(plan)
        run.stepped.connect(self._stepped)
        run.ended.connect(self._finished)
        run.start(lambda progress: self._door.run(plan, progress, confirmed_at))
        self.run_started.emit(run)
        self._tell()

    def unprepare(self) -> None:
        """Show what taking it back would do; Enter then does that."""
        if not self._running():
            self._begin(self._taking_back)

    def text(self) -> str:
        return "\n".join(item.accessibleName() for item in self.items)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.confirm()
        else:
            super().keyPressEvent(event)

    # --- looking and planning -----------------------------------------------------------------

    def _look(self) -> None:
        if not self._running():
            self._begin(self._looking)

    def _begin(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work.cancel()
        self._forget_plan()
        self.line.set_text(self._t("panels.prepare.busy", host=self._host))
        self._tell()
        self._work.start(self._told(work), f"preparation of {self._host}")

    async def _told(self, work: Callable[[], Awaitable[None]]) -> None:
        """Whatever cannot be is said in its words and its next step."""
        try:
            await work()
        except RingfenceError as error:
            words = said(error, self._t)
            self.line.set_text(words, error.detail)
        self._tell()

    async def _looking(self) -> None:
        wishes = self.fields.wishes()
        status = await self._door.status(self._host, wishes)
        self._show_status(status)
        if status.state != "prepared":
            self._show_plan(await self._door.plan_prepare(self._host, wishes))

    async def _taking_back(self) -> None:
        self._show_status(await self._door.status(self._host, Wishes()))
        self._show_plan(await self._door.plan_unprepare(self._host))

    def _show_status(self, status: HostStatus) -> None:
        waiting = ", ".join(status.seen.waiting) if status.seen is not None else ""
        text = Text(
            f"hosts.preparation.host.{status.state}", {"host": status.host, "names": waiting}
        )
        self.line.set_text(self._t.say(text))
        _clear(self.items)
        for place, item in enumerate(status.items):
            line = PreparedLine(item, self._t, self._theme, self._list)
            self.items.append(line)
            self._rows.insertWidget(place, line)
        self.fields.show_wanted(status.wanted)
        names = ", ".join(each.name for each in status.wanted.operators)
        people = "yes" if status.wanted.two_people else "no"
        words = [self._t(f"hosts.preparation.two-people.{people}", names=names)]
        words += [self._t.say(why) for why in (status.why, status.network_why) if why is not None]
        self.notes.set_text("\n".join(words))

    def _show_plan(self, plan: Plan) -> None:
        """A plan of nothing but its last look is none."""
        words = [self.notes.text(), *(f"▲ {self._t.say(each)}" for each in plan.warnings)]
        self.notes.set_text("\n".join(dict.fromkeys(words)))
        if not any(step.tag != "prove-prepared" for step in plan.steps):
            return
        self.plan = plan
        self.steps = StepsView(plan, self._t, self._theme, self._list)
        self._rows.insertWidget(len(self.items), self.steps)

    def _forget_plan(self) -> None:
        self.plan = self.run = None
        self.result.set_text("")
        if self.steps is not None:
            self.steps.hide()
            self.steps.deleteLater()
            self.steps = None

    # --- running ------------------------------------------------------------------------------

    def _running(self) -> bool:
        return self.run is not None and self.run.running

    def _ended(self) -> bool:
        return self.run is not None and not self.run.running

    def _stepped(self, index: int) -> None:
        step = self.run.steps[index] if self.run is not None else None
        if step is not None and self.steps is not None:
            self.steps.show_progress(step)
        self._tell()

    def _finished(self) -> None:
        run, t = self.run, self._t
        if run is None:
            return
        if run.outcome is None:
            words = [t.say(run.problem.cause), t.say(run.problem.step)] if run.problem else []
        else:
            words = [t(f"changes.plan-state.{run.outcome.state}")]
            if run.outcome.missing:
                words.append(missing_line(run.outcome.missing, t, run.plan))
            words += [t.say(run.outcome.problem)] if run.outcome.problem is not None else []
            after = after_failure(run.plan.kind, run.outcome, self._host)
            words += [t.say(after)] if after is not None else []
            if run.outcome.state is PlanState.DONE:
                words = [t(f"panels.{run.plan.kind}.done", host=self._host)]
        self.result.set_text("\n".join(words))
        self.changed.emit(self._host)
        self._work.start(self._told(self._look_again), f"preparation of {self._host}")
        self._tell()

    async def _look_again(self) -> None:
        """What is there now, read anew; the steps and their proofs stay on screen."""
        self._show_status(await self._door.status(self._host, self.fields.wishes()))

    # --- looks --------------------------------------------------------------------------------

    def _tell(self) -> None:
        kind = self.plan.kind if self.plan is not None else "prepare"
        ready = self.plan is not None and self.run is None
        self.go.setVisible(ready or self._running())
        self.go.setEnabled(ready)
        self.go.setText(menu_text(self._t(f"panels.{kind}.button", host=self._host)))
        self.result.setVisible(bool(self.result.text()))
        here = any(item.state in {"ours", "drifted", "outdated"} for item in self.items)
        self.back.setVisible(here and kind == "prepare" and not self._running())
        self.fields.setEnabled(not self._running() and kind == "prepare")
        self.again.setEnabled(not self._running())

    def _lay_out(self) -> None:
        self._rows.setContentsMargins(16, 4, 12, 8)
        self._rows.setSpacing(2)
        self._rows.addStretch(1)
        head, foot = QVBoxLayout(), QHBoxLayout()
        head.setContentsMargins(16, 12, 12, 8)
        head.setSpacing(6)
        for part in (self.title, self.line, self.fields, self.notes, self.result):
            head.addWidget(part)
        foot.setContentsMargins(16, 8, 12, 12)
        foot.setSpacing(8)
        for button in (self.go, self.back, self.again, self.close_button):
            foot.addWidget(button)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(in_scroll(self._list), 1)
        outer.addLayout(foot)
        self._tell()


def _button(panel: QWidget, name: str, words: str, press: Callable[[], None]) -> QPushButton:
    made = QPushButton(words, panel)
    made.setObjectName(name)
    made.clicked.connect(lambda: press())
    return made


def _clear(lines: list[PreparedLine]) -> None:
    for line in lines:
        line.hide()
        line.deleteLater()
    lines.clear()
