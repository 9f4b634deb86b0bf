"""The quarantine and release panels: the plan is ready, Enter does it, every step is shown."""

import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.fleet.model import MachineView
from core.incidents.reasons import PRESET_REASONS
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.incidents.attempt import Attempt, Planner, Stage
from gui.incidents.door import IncidentDoor
from gui.incidents.reason_field import ReasonField
from gui.incidents.result import proved_cut_s, summary
from gui.inspector.fact_list import in_scroll
from gui.inspector.quantities import milliseconds
from gui.inspector.value_label import ValueLabel
from gui.plain import menu_text
from gui.theme import Face, Theme

_NAME_ON_BUTTON = 32
RELEASE_REASONS = (
    Text("panels.release.reason.clean"),
    Text("panels.release.reason.false-alarm"),
    Text("panels.release.reason.restored"),
    Text("panels.release.reason.drill"),
)


class IncidentPanel(QWidget):
    """Beside the table, never over it. Esc closes; what already runs goes on in the tasks."""

    run_started = Signal(PlanRun)
    closed = Signal()

    kind = ""
    presets: tuple[Text, ...] = ()

    def __init__(
        self, catalogue: Catalogue, theme: Theme, door: IncidentDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(self.kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t, self._theme, self._door = catalogue, theme, door
        self._attempts: list[Attempt] = []
        self.title = ValueLabel(self, lines=2)
        self.title.setFont(theme.font(Face.TITLE))
        self.note = ValueLabel(self, lines=4)
        self.note.set_colour(theme.colour("secondary"))
        self.number = ValueLabel(self)
        self.number.setFont(theme.font(Face.NUMBER))
        self.result = ValueLabel(self, lines=3)
        self.reason = ReasonField(self.presets, catalogue, theme, self)
        self.reason.entered.connect(self.confirm)
        self.go = QPushButton(self)
        self.go.setObjectName("confirm")
        self.go.clicked.connect(self.confirm)
        self.cancel = QPushButton(self)
        self.cancel.setObjectName("cancel")
        self.cancel.clicked.connect(self.shut)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._lay_out()

    # --- what the window calls ----------------------------------------------------------------

    def open(self, views: Sequence[MachineView]) -> None:
        """Show these machines and make their plans; nothing happens to them yet."""
        self._clear()
        for view in views:
            self._add(view)
        if len(self._attempts) == 1:
            self._attempts[0].fold.setChecked(True)
        self._rows.addStretch(1)
        self.reason.lock(False)
        self.reason.choose(1)
        self._tell()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        for attempt in self._attempts:
            attempt.prepare(self._planner())

    def attempts(self) -> tuple[Attempt, ...]:
        return tuple(self._attempts)

    def confirm(self) -> None:
        """Do it: the clock of the cut starts here. A second press closes what is done."""
        confirmed_at = time.monotonic()
        if self._done():
            self.shut()
            return
        waiting = [a for a in self._attempts if a.stage in {Stage.PLANNING, Stage.READY}]
        if not waiting or self._busy():
            return
        try:
            reason = self.reason.reason()
        except RingfenceError:
            return  # said at the field
        self.reason.lock(True)
        for attempt in waiting:
            attempt.go(reason, confirmed_at)
        self._tell()

    def shut(self) -> None:
        """Close. Plans that were not confirmed are forgotten."""
        for attempt in self._attempts:
            attempt.abandon()
        self.hide()
        self.closed.emit()

    def _planner(self) -> Planner:
        raise NotImplementedError

    # --- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.shut()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.confirm()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and not self.reason.edit.isReadOnly():
            self.reason.choose(key - Qt.Key.Key_0)
        else:
            super().keyPressEvent(event)

    # --- inside -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 12, 8)
        head.setSpacing(6)
        for part in (self.title, self.note, self.number, self.result, self.reason):
            head.addWidget(part)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 12, 12)
        foot.setSpacing(8)
        foot.addWidget(self.go)
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(in_scroll(self._list), 1)
        outer.addLayout(foot)

    def _clear(self) -> None:
        for attempt in self._attempts:
            attempt.abandon()
        self._attempts = []
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, view: MachineView) -> None:
        attempt = Attempt(view, self._door, self._t, self._theme, self._list)
        attempt.changed.connect(self._tell)
        attempt.started.connect(self.run_started)
        self._attempts.append(attempt)
        self._rows.addWidget(attempt)

    def _busy(self) -> bool:
        return any(attempt.stage is Stage.RUNNING for attempt in self._attempts)

    def _done(self) -> bool:
        ended = [a for a in self._attempts if a.stage is Stage.ENDED]
        left = {Stage.PLANNING, Stage.READY, Stage.RUNNING}
        return bool(ended) and not any(a.stage in left for a in self._attempts)

    def _tell(self) -> None:
        done = self._done()
        able = any(a.stage in {Stage.PLANNING, Stage.READY} for a in self._attempts)
        self.title.set_text(self._t(f"panels.{self.kind}.{'done' if done else 'title'}"))
        self.setAccessibleName(self.title.text())
        self.note.set_text(self._t(f"panels.{self.kind}.note"))
        self.note.setVisible(not done)
        self.reason.setVisible(not done)
        self.go.setText(self._button_words(done))
        self.go.setEnabled(done or (able and not self._busy()))
        self._dress_button(done)
        self.cancel.setText(self._t("panels.close" if self._busy() else "panels.cancel"))
        self.cancel.setVisible(not done)
        self._tell_result(done)

    def _dress_button(self, done: bool) -> None:
        """The warning colour is for the act, not for closing what is done."""
        acting = "danger" if self.kind == "quarantine" else "primary"
        role = "" if done else acting
        if self.go.property("role") != role:
            self.go.setProperty("role", role)
            self.go.style().polish(self.go)

    def _button_words(self, done: bool) -> str:
        if done:
            return self._t("panels.close")
        code = f"panels.{self.kind}.button"
        if len(self._attempts) != 1:
            return self._t(f"{code}.many", count=len(self._attempts))
        name = self._attempts[0].view.name
        short = name if len(name) <= _NAME_ON_BUTTON else name[: _NAME_ON_BUTTON - 1] + "…"
        return self._t(f"{code}.one", name=menu_text(short))

    def _tell_result(self, done: bool) -> None:
        self.number.setVisible(done)
        self.result.setVisible(done)
        if not done:
            return
        runs = [a.run for a in self._attempts if a.run is not None]
        cuts = [proved_cut_s(run.plan, run.outcome) for run in runs if run.outcome]
        slowest = max((cut for cut in cuts if cut is not None), default=None)
        self.number.set_text("" if slowest is None else milliseconds(slowest))
        self.number.setVisible(slowest is not None)
        words = [a.result or a.stage.value for a in self._attempts]
        alone = len(words) == 1
        lines = [] if slowest is None else [self._t("panels.attempt.confirm-to-cut")]
        lines += [] if alone and lines else [summary(words, self._t, counted=not alone)]
        self.result.set_text("\n".join(lines))


class QuarantinePanel(IncidentPanel):
    """Cuts machines off. Read-only hosts are refused with the reason."""

    kind = "quarantine"
    presets = PRESET_REASONS

    def _planner(self) -> Planner:
        return partial(self._door.plan_quarantine, reason=self.reason.edit.text())


class ReleasePanel(IncidentPanel):
    """Gives held machines back what the first quarantine saved."""

    kind = "release"
    presets = RELEASE_REASONS

    def _planner(self) -> Planner:
        return partial(self._door.plan_release, reason=self.reason.edit.text())
