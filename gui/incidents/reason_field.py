"""Why: presets by digit, a text that may be edited, and never nothing."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from core.incidents.reasons import MAX_REASON_LENGTH, checked_reason
from core.text import Catalogue, RingfenceError, Text
from gui.inspector.value_label import ValueLabel
from gui.plain import tooltip
from gui.theme import Face, Theme

_COLUMNS = 2
REASON_ERRORS = frozenset({"reason-empty", "reason-too-long"})  # said at the field


class Preset(QAbstractButton):
    """A digit and a reason; the mouse may press it, the keyboard types the digit."""

    def __init__(self, digit: int, words: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.digit, self.words = digit, words
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{digit}: {words}")
        self.setToolTip(tooltip(words))

    def sizeHint(self) -> QSize:
        return QSize(160, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            role = "selection" if self.isChecked() else "hover"
            painter.fillRect(box, self._theme.colour(role))
        painter.setFont(self._theme.font(Face.MONO))
        painter.setPen(self._theme.colour("accent" if self.isChecked() else "secondary"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(8, 0, 0, 0), middle, str(self.digit))
        room = box.adjusted(26, 0, -4, 0)
        painter.setFont(self._theme.font(Face.DATA))
        if painter.fontMetrics().horizontalAdvance(self.words) > room.width():
            painter.setFont(self._theme.font(Face.SECONDARY))
        painter.setPen(self._theme.colour("text"))
        words = painter.fontMetrics().elidedText(
            self.words, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, middle, words)
        painter.end()


class ReasonField(QWidget):
    """`reason()` is one line of text or an error; the first preset stands there at first."""

    entered = Signal()

    def __init__(
        self, presets: Sequence[Text], t: Catalogue, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._t = t
        self._left: dict[str, str] = {}  # by what the panel was open for
        self.edit = QLineEdit(self)
        self.edit.setObjectName("reason")
        self.edit.setMaxLength(MAX_REASON_LENGTH)
        self.edit.setAccessibleName(t("panels.reason"))
        self.edit.setPlaceholderText(t("panels.reason.hint"))
        self.edit.returnPressed.connect(self.entered)
        self.edit.textEdited.connect(self._edited)
        self.problem = ValueLabel(self, lines=2)
        self.problem.set_colour(theme.colour("critical"))
        self.problem.hide()
        self.presets = [
            Preset(digit, t.say(preset), theme, self) for digit, preset in enumerate(presets, 1)
        ]
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(self.edit)
        outer.addWidget(self.problem)
        outer.addLayout(self._grid())

    def choose(self, digit: int) -> None:
        """Put a preset's words into the field."""
        if not 1 <= digit <= len(self.presets):
            return
        self.edit.setText(self.presets[digit - 1].words)
        self._mark(digit)
        self.problem.hide()

    def reason(self) -> str:
        """Return the reason on one line.

        Raises:
            RingfenceError: it is empty or too long; also said at the field.
        """
        try:
            return checked_reason(self.edit.text())
        except RingfenceError as error:
            self.problem.set_text(self._t.say(error.cause))
            self.problem.show()
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            raise

    def leave(self, what: str) -> None:
        """It closes unused: what was typed is there when it opens for the same again."""
        typed = self.edit.text()
        if typed and not any(preset.words == typed for preset in self.presets):
            self._left = {what: typed}

    def come_back(self, what: str) -> None:
        """The first preset, or what was typed for the same before."""
        self.choose(1)
        left = self._left.pop(what, "")
        if left:
            self.edit.setText(left)
            self._mark(0)

    def lock(self, locked: bool) -> None:
        self.edit.setReadOnly(locked)
        for preset in self.presets:
            preset.setEnabled(not locked)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(0)
        rows = -(-len(self.presets) // _COLUMNS)
        for place, preset in enumerate(self.presets):
            grid.addWidget(preset, place % rows, place // rows)
            preset.clicked.connect(partial(self._pressed, preset.digit))
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        return grid

    def _pressed(self, digit: int, _checked: bool = False) -> None:
        self.choose(digit)

    def _edited(self) -> None:
        self._mark(0)
        self.problem.hide()

    def _mark(self, digit: int) -> None:
        for preset in self.presets:
            preset.setChecked(preset.digit == digit)
