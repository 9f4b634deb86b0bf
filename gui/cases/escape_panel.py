"""A guest may have taken its host over: one plan for all its machines, and what people must do."""

import time
from collections.abc import Sequence
from typing import Protocol

from msgspec import structs
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.fleet.model import MachineView
from core.incidents.cases.escape import Escape
from core.incidents.quarantine import CUT_ANYWAY
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.changes.steps_view import StepsView
from gui.changes.work import Work
from gui.incidents.reason_field import ReasonField
from gui.incidents.yes_field import YesField, dependents_asked
from gui.inspector.fact_list import in_scroll
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.plain import menu_text
from gui.theme import Face, Theme

REASONS = (Text("incidents.reason.escape"), Text("incidents.reason.drill"))
INSTRUCTIONS = ("believe", "switch", "keys", "moves", "disk")


class EscapeDoor(Protocol):
    """All raise RingfenceError with the reason. `begin` marks the host while the plan runs."""

    async def plan(self, host: str, views: Sequence[MachineView], reason: str) -> Escape: ...

    def begin(self, found: Escape, confirmed_at: float) -> PlanRun | None: ...

    async def mark(self, found: Escape) -> None: ...

    async def cut_off(self, found: Escape) -> None: ...


class EscapePanel(QWidget):
    """Enter holds all of them. Whatever the host says afterwards is called its claim."""

    run_started = Signal(PlanRun)
    closed = Signal()

    def __init__(
        self, t: Catalogue, theme: Theme, door: EscapeDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("escape")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t, self._theme, self._door = t, theme, door
        self._work = Work()
        self._host = ""
        self._views: tuple[MachineView, ...] = ()
        self.found: Escape | None = None
        self.run: PlanRun | None = None
        self.done = False
        self.title = ValueLabel(self, lines=2)
        self.title.setFont(theme.font(Face.TITLE))
        self.note = ValueLabel(self, lines=6)
        self.note.set_colour(theme.colour("secondary"))
        self.line = ValueLabel(self, lines=12)
        self.now = ValueLabel(self, lines=20)
        self.problem = ValueLabel(self, lines=6)
        self.problem.set_colour(theme.colour("critical"))
        self.reason = ReasonField(REASONS, t, theme, self)
        self.reason.entered.connect(self.confirm)
        self.dependents = YesField(CUT_ANYWAY, t, theme, self)
        self.dependents.changed.connect(self.problem.hide)
        self.go = QPushButton(self)
        self.go.setObjectName("confirm")
        self.go.clicked.connect(self.confirm)
        self.apart = QPushButton(self)
        self.apart.setObjectName("disconnect")
        self.apart.clicked.connect(self._cut_off)
        self.cancel = QPushButton(t("panels.cancel"), self)
        self.cancel.clicked.connect(self.shut)
        self._steps: StepsView | None = None
        self._lay_out()

    def open(self, host: str, views: Sequence[MachineView]) -> None:
        """Plan for these machines; nothing happens to them yet."""
        self._host, self._views, self.found, self.done = host, tuple(views), None, False
        t = self._t
        self.title.set_text(t("cases.escape.title", host=host))
        self.note.set_text(t("cases.escape.note"))
        self.line.set_text(t("panels.attempt.planning"))
        self.go.setText(t("cases.escape.button", host=menu_text(host), count=len(views)))
        self.apart.setText(t("cases.escape.disconnect", host=menu_text(host)))
        self.now.set_text("\n".join(self._instructions()))
        self.cancel.setText(t("panels.cancel"))
        self.problem.hide()
        self.dependents.ask(())
        self.apart.hide()
        self.go.show()
        self.go.setEnabled(False)
        self.reason.show()
        self.reason.lock(False)
        self.reason.choose(1)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._work.start(self._plan(), f"escape {host}")

    def confirm(self) -> None:
        """The clock of the cut starts here."""
        at = time.monotonic()
        if self.found is None or self.done:
            return
        try:
            reason = self.reason.reason()
        except RingfenceError:
            return  # said at the field
        if self._asks() and not self.dependents.given:
            self.dependents.box.setFocus()
            self._say(RingfenceError("cut-anyway-needed"))
            return
        self.problem.hide()
        self.done = True
        self.reason.lock(True)
        self.go.setEnabled(False)
        found = _agreed(self.found.because(reason))
        self.found = found
        run = self._door.begin(found, at)
        if run is not None:
            self.run = run
            run.stepped.connect(self._stepped)
            run.ended.connect(self._ended)
            self.run_started.emit(run)
        self._work.start(self._mark(found), f"suspect {found.host}")

    def shut(self) -> None:
        """Close. What runs goes on in the tasks."""
        if not self.done:
            self._work.cancel()
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.confirm()
        else:
            super().keyPressEvent(event)

    # --- work ---------------------------------------------------------------------------------

    async def _plan(self) -> None:
        try:
            found = await self._door.plan(self._host, self._views, self._t.say(REASONS[0]))
        except RingfenceError as error:
            self._say(error)
            return
        self.found = found
        self.dependents.ask(dependents_asked(found.plan))
        self.line.set_text("\n".join(self._lines(found)))
        if found.plan is not None:
            self._show_steps(found)
        self.go.setEnabled(True)

    async def _mark(self, found: Escape) -> None:
        """A mark that could not be written spares no machine its cut."""
        try:
            await self._door.mark(found)
        except RingfenceError as error:
            self._say(error)
        self._tell()

    def _cut_off(self) -> None:
        if self.found is not None:
            self._work.start(self._apart(self.found), f"cut off {self._host}")

    async def _apart(self, found: Escape) -> None:
        try:
            await self._door.cut_off(found)
        except RingfenceError as error:
            self._say(error)
            return
        self.apart.hide()
        self.line.set_text(self._t("cli.escape.disconnected", host=found.host))

    def _asks(self) -> bool:
        return self.found is not None and bool(dependents_asked(self.found.plan))

    # --- words --------------------------------------------------------------------------------

    def _tell(self) -> None:
        self.line.set_text(self._t("cli.escape.claim", host=self._host))
        self.reason.hide()
        self.dependents.hide()
        self.go.hide()
        self.apart.show()
        self.cancel.setText(self._t("panels.close"))

    def _lines(self, found: Escape) -> list[str]:
        t = self._t
        lines = [t("cli.escape.already", target=target).strip() for target in found.already]
        lines += [
            t("cli.escape.left-out", target=each.target, why=t.say(each.why)).strip()
            for each in found.left_out
        ]
        if found.plan is not None:
            ready = t("cases.escape.ready", count=len(found.plan.targets))
            asked = dependents_asked(found.plan)
            others = [warning for warning in found.plan.warnings if warning not in asked]
            warnings = [f"▲ {t.say(warning)}" for warning in others[:6]]
            return [ready, *lines, *warnings]
        return [t("cases.escape.none"), *lines]

    def _instructions(self) -> list[str]:
        t = self._t
        steps = enumerate(INSTRUCTIONS, 1)
        return [
            t("cli.escape.now"),
            *(t(f"cli.escape.now-{name}", number=n, host=self._host) for n, name in steps),
        ]

    def _say(self, error: RingfenceError) -> None:
        self.problem.set_text(said(error, self._t))
        self.problem.show()

    def _ended(self) -> None:
        """A run that was refused held nothing: that is said before anything else."""
        if self.run is not None and self.run.problem is not None:
            self._say(self.run.problem)
        self._tell()

    def _stepped(self, index: int) -> None:
        step = None if self.run is None else self.run.steps[index]
        if step is not None and self._steps is not None:
            self._steps.show_progress(step)

    def _show_steps(self, found: Escape) -> None:
        if self._steps is not None:
            self._steps.hide()
            self._steps.deleteLater()
        if found.plan is not None:
            self._steps = StepsView(found.plan, self._t, self._theme, self)
            self._column.insertWidget(self._column.count() - 1, self._steps)

    def _lay_out(self) -> None:
        inner = QWidget(self)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(16, 0, 12, 8)
        self._column.setSpacing(8)
        for part in (self.note, self.line, self.dependents, self.reason, self.now):
            self._column.addWidget(part)
        self._column.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 12, 12)
        for button in (self.go, self.apart):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        self.go.setProperty("role", "danger")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 12, 0, 0)
        for label in (self.title, self.problem):
            label.setContentsMargins(16, 0, 12, 0)
        outer.addWidget(self.title)
        outer.addWidget(in_scroll(inner), 1)
        outer.addWidget(self.problem)
        outer.addLayout(foot)


def _agreed(found: Escape) -> Escape:
    """The plan with the one yes that was given here; any other need stays, and stops its run."""
    if found.plan is None:
        return found
    left = tuple(need for need in found.plan.needs if need != CUT_ANYWAY)
    return structs.replace(found, plan=structs.replace(found.plan, needs=left))
