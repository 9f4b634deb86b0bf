"""What both incident panels have: plans are ready, Enter does it, every step is shown.

What is asked for stands above, the machines below, the act at the bottom where it never scrolls
away. A choice that changes makes a new plan in the background; the latest choice wins.
"""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.fleet.model import MachineView
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import LOOKS_LATEST_MS, PlanRun
from gui.incidents.again import AgainButton
from gui.incidents.attempt import LEFT, Attempt, Planner, Stage
from gui.incidents.choices import Choices
from gui.incidents.collecting import Collector
from gui.incidents.door import IncidentDoor
from gui.incidents.doors_field import DOOR_ERRORS
from gui.incidents.ending import ending
from gui.incidents.reason_field import REASON_ERRORS, ReasonField
from gui.inspector.fact_list import in_scroll
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.plain import menu_text
from gui.theme import Face, Theme

TYPING_RESTS_MS = 250  # half a word is no choice
SAID_AT_THEIR_FIELDS = REASON_ERRORS | DOOR_ERRORS
_NAME_ON_BUTTON = 32
_EDGE = 16
Finder = Callable[[MachineView], MachineView | None]
_WAITING = frozenset({Stage.OPEN, Stage.PLANNING, Stage.READY})


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
        self.problem = ValueLabel(self, lines=4)
        self.problem.set_colour(theme.colour("critical"))
        self.problem.hide()
        self.ways: Choices | None = None
        self.options = QWidget()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_RESTS_MS)
        self._typing.timeout.connect(self.plan_anew)
        self._looks = QTimer(self, singleShot=True, interval=LOOKS_LATEST_MS)
        self._looks.timeout.connect(self._show_going)
        self.reason = ReasonField(self.presets, catalogue, theme, self.options)
        self.reason.entered.connect(self.confirm)
        self.go = QPushButton(self)
        self.go.setObjectName("confirm")
        self.go.clicked.connect(self.confirm)
        self.cancel = QPushButton(self)
        self.cancel.setObjectName("cancel")
        self.cancel.clicked.connect(self.shut)
        self.again = AgainButton(catalogue, self)
        self.again.clicked.connect(self.try_again)
        self._list = QWidget()
        self._rows = QVBoxLayout()
        self._lay_out()

    # --- what the window calls ----------------------------------------------------------------

    def open(self, views: Sequence[MachineView]) -> None:
        """Show these machines and make their plans; nothing happens to them yet."""
        self._clear()
        self._reset()
        for view in views:
            self._add(view)
        if len(self._attempts) == 1:
            self._attempts[0].fold.setChecked(True)
        self._rows.addStretch(1)
        self.reason.come_back(self._about())
        self.problem.hide()
        self._tell()
        self._order_tabs()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.plan_anew()

    def attempts(self) -> tuple[Attempt, ...]:
        return tuple(self._attempts)

    def observe(self, find: Finder) -> None:
        """The fleet was read again: what is shown of a machine is what is the case now."""
        for attempt in self._attempts:
            now = find(attempt.view)
            if now is not None:
                attempt.observe(now)

    def plan_anew(self) -> None:
        """A choice is another one: plans that are not confirmed are made again."""
        self._typing.stop()
        free = [
            attempt
            for attempt in self._attempts
            if attempt.stage in {*_WAITING, Stage.REFUSED} and not attempt.going
        ]
        try:
            planner = self._planner()
        except RingfenceError:  # said at the field when the act is asked for
            for attempt in free:
                attempt.wait_for_choice()
        else:
            for attempt in free:
                attempt.prepare(planner, self._collector())
        self._tell()

    def try_again(self) -> None:
        """Plan anew for the machines that were refused, and for no other; nothing is done yet."""
        refused = self._refused()
        if not refused or any(attempt.going for attempt in self._attempts):
            return
        self.problem.hide()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        try:
            planner = self._planner()
        except RingfenceError as error:
            self._say(error)
            return
        for attempt in refused:
            attempt.prepare(planner, self._collector())
        self._tell()

    def confirm(self) -> None:
        """Do it: the clock of the cut starts here. A second press closes what is done; where
        everything was refused, it asks once more and does nothing."""
        confirmed_at = time.monotonic()
        if self._done():
            self.shut()
            return
        if self._nothing_but_refused():
            self.try_again()
            return
        waiting = [a for a in self._attempts if a.stage in _WAITING]
        if not waiting or any(attempt.going for attempt in self._attempts):
            return
        if self._typing.isActive():
            self.plan_anew()
        try:
            reason = self.reason.reason()
            agreed = self._agreed()
        except RingfenceError as error:
            self._say(error)
            return
        for attempt in waiting:
            attempt.go(reason, confirmed_at, agreed)
        self._looks.start()

    def _show_going(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # the fields close; the keys stay here
        self._tell()

    def shut(self) -> None:
        """Close. Plans that were not confirmed are forgotten; a reason that was typed is not."""
        if self.open_to_choices() and not self._done():
            self.reason.leave(self._about())
        for attempt in self._attempts:
            attempt.abandon()
        self.hide()
        self.closed.emit()

    def _about(self) -> str:
        return " ".join(attempt.view.target for attempt in self._attempts)

    # --- what differs -------------------------------------------------------------------------

    def _planner(self) -> Planner:
        """Return what makes one machine's plan from the choices as they are.

        Raises:
            RingfenceError: a choice is not complete.
        """
        raise NotImplementedError

    def _collector(self) -> Collector | None:
        """Return what plans the evidence that is wanted; None for none."""
        return None

    def _agreed(self) -> frozenset[str]:
        """Return the yes's that were given beside the first.

        Raises:
            RingfenceError: one is needed that was not given.
        """
        return frozenset()

    def _reset(self) -> None:
        """Every choice is the usual one again."""

    def _make_fields(self) -> tuple[QWidget, ...]:
        """Make the choices that stand above the reason, from the top; called once."""
        return ()

    def _make_later(self) -> tuple[QWidget, ...]:
        """Make what may be asked once the act was begun; called once."""
        return ()

    def _tab_fields(self) -> tuple[QWidget, ...]:
        """Where Tab stops before the reason."""
        return ()

    def _acting_role(self) -> str:
        return "primary"

    # --- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.shut()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():  # a key that is held down is one yes, never two
                self.confirm()
        elif not self.open_to_choices() or not self._chosen_by(event):
            super().keyPressEvent(event)

    def open_to_choices(self) -> bool:
        """Whether nothing was agreed to yet."""
        going = any(attempt.going for attempt in self._attempts)
        return not going and not self.reason.edit.isReadOnly()

    def _chosen_by(self, event: QKeyEvent) -> bool:
        """Digits choose the reason, arrows and digits with Alt the way."""
        key, ways = event.key(), self.ways
        if ways is not None and key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            ways.step(1 if key == Qt.Key.Key_Down else -1)
            return True
        if not Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            return False
        digit = key - Qt.Key.Key_0
        if ways is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            ways.choose(digit)
        else:
            self.reason.choose(digit)
        return True

    # --- inside -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        asked = QVBoxLayout(self.options)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(8)
        for part in (*self._make_fields(), self.reason):
            asked.addWidget(part)
        middle = QVBoxLayout(self._list)
        middle.setContentsMargins(_EDGE, 0, 12, 0)
        middle.setSpacing(8)
        for part in (self.note, self.number, self.result, self.options, *self._make_later()):
            middle.addWidget(part)
        middle.addLayout(self._rows, 1)
        self.title.setContentsMargins(_EDGE, 12, 12, 8)
        self.problem.setContentsMargins(_EDGE, 6, 12, 0)
        foot = QHBoxLayout()
        foot.setContentsMargins(_EDGE, 8, 12, 12)
        foot.setSpacing(8)
        for button in (self.go, self.again, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.title)
        outer.addWidget(in_scroll(self._list), 1)
        outer.addWidget(self.problem)
        outer.addLayout(foot)

    def _order_tabs(self) -> None:
        """From the top down: choices, reason, machines, and the act last."""
        fields = [*self._tab_fields(), self.reason.edit]
        folds = [attempt.fold for attempt in self._attempts]
        order: list[QWidget] = [self, *fields, *folds, self.go, self.again, self.cancel]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

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
        attempt.asked.connect(self._asked)
        self._attempts.append(attempt)
        self._rows.addWidget(attempt)

    def _asked(self) -> None:
        """A plan that came after the yes needs another one: nothing was begun."""
        self._tell()
        try:
            self._agreed()
        except RingfenceError as error:
            self._say(error)
        self._tell()

    def _say(self, error: RingfenceError) -> None:
        self.problem.set_text(said(error, self._t))
        self.problem.setVisible(error.code not in SAID_AT_THEIR_FIELDS)
        self._tell()

    def _refused(self) -> list[Attempt]:
        return [attempt for attempt in self._attempts if attempt.stage is Stage.REFUSED]

    def _nothing_but_refused(self) -> bool:
        return bool(self._attempts) and len(self._refused()) == len(self._attempts)

    def _done(self) -> bool:
        ended = [a for a in self._attempts if a.stage is Stage.ENDED]
        return bool(ended) and not any(a.stage in LEFT for a in self._attempts)

    def _tell(self) -> None:
        done, busy = self._done(), any(attempt.going for attempt in self._attempts)
        able = any(a.stage in _WAITING for a in self._attempts)
        self.title.set_text(self._t(f"panels.{self.kind}.{'done' if done else 'title'}"))
        self.setAccessibleName(self.title.text())
        self.note.set_text(self._t(f"panels.{self.kind}.note"))
        self.note.setVisible(not done)
        self.options.setVisible(not done)
        self.options.setEnabled(not busy)
        self.reason.lock(busy)
        if busy or done:
            self.problem.hide()
        self.go.setText(self._button_words(done))
        self.go.setEnabled(done or (able and not busy))
        self._dress_button("" if done else self._acting_role())
        self.go.setVisible(not self._nothing_but_refused())
        self.again.setVisible(bool(self._refused()) and not busy)
        self.cancel.setText(self._t("panels.close" if busy else "panels.cancel"))
        self.cancel.setVisible(not done)
        self._tell_result(done)

    def _dress_button(self, role: str) -> None:
        """The warning colour is for the act, not for closing what is done."""
        if self.go.property("role") != role:
            self.go.setProperty("role", role)
            self.go.style().polish(self.go)

    def _button_words(self, done: bool) -> str:
        if done:
            return self._t("panels.close")
        code = self._button_code()
        if len(self._attempts) != 1:
            return self._t(f"{code}.many", count=len(self._attempts))
        name = self._attempts[0].view.name
        short = name if len(name) <= _NAME_ON_BUTTON else name[: _NAME_ON_BUTTON - 1] + "…"
        return self._t(f"{code}.one", name=menu_text(short))

    def _button_code(self) -> str:
        return f"panels.{self.kind}.button"

    def _tell_result(self, done: bool) -> None:
        self.number.setVisible(done)
        self.result.setVisible(done)
        if done:
            number, lines = ending(self._attempts, self._t)
            self.number.set_text(number)
            self.number.setVisible(bool(number))
            self.result.set_text(lines)
            self.result.setVisible(bool(lines))
