"""One of a few ways to go on: each a name and a sentence, the chosen one told in full below.

The list is one stop of the Tab key. Arrows and digits choose in it; `Alt` and a digit chooses from
anywhere in the panel. Nothing moves when another way is chosen.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from gui.inspector.value_label import ValueLabel
from gui.inspector.wrapping import Broken, line_height, metrics_of
from gui.plain import tooltip
from gui.theme import Face, Theme

_NAME_LEFT = 30
_WORDS_LEFT = 104
_MOST_LINES = 2
_PADDING = 5
_NOTE_LINES = 2


class Way(NamedTuple):
    """One way in words: its name, what it is in a few, what else to know, the whole on hover."""

    id: str
    name: str
    words: str
    note: str
    hover: str = ""


class Choice(QAbstractButton):
    """One way: a ring, its name, its sentence. The list has the keys, the mouse may press it."""

    def __init__(self, way: Way, digit: int, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.digit = digit
        self.name, self.words, self.note = way.name, way.words, way.note
        self._theme = theme
        self._broken = Broken(self.words, _MOST_LINES)
        self._high = line_height(theme.font(Face.SECONDARY))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{self.name}: {self.words}")
        self.setAccessibleDescription(self.note)
        self.setToolTip(tooltip(f"{way.hover or way.words}\n{way.note}\nAlt+{digit}"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return len(self._lines(width)) * self._high + 2 * _PADDING

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(320))

    def _lines(self, width: int) -> list[str]:
        room = max(60, width - _WORDS_LEFT - 4)
        return self._broken.lines(self._theme.font(Face.SECONDARY), room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            role = "selection" if self.isChecked() else "hover"
            painter.fillRect(self.rect(), self._theme.colour(role))
        self._paint_ring(painter)
        self._write(painter, self.name, Face.STRONG, "text", _NAME_LEFT, 0)
        for number, line in enumerate(self._lines(self.width())):
            self._write(painter, line, Face.SECONDARY, "secondary", _WORDS_LEFT, number)
        painter.end()

    def _paint_ring(self, painter: QPainter) -> None:
        """A filled ring is the chosen one: the shape says it, the colour only helps."""
        middle = QPointF(16, _PADDING + self._high / 2)
        chosen = self.isChecked()
        pen = QPen(self._theme.colour("accent" if chosen else "secondary"), 1.4)
        painter.setPen(pen)
        painter.drawEllipse(middle, 5.5, 5.5)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawEllipse(middle, 2.8, 2.8)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _write(
        self, painter: QPainter, text: str, face: Face, role: str, left: int, line: int
    ) -> None:
        font = self._theme.font(face)
        metrics = metrics_of(font)
        painter.setFont(font)
        painter.setPen(self._theme.colour(role if self.isEnabled() else "secondary"))
        top = _PADDING + line * self._high
        room = (self.width() if left == _WORDS_LEFT else _WORDS_LEFT - 4) - left
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(left, top + metrics.ascent() + 1), shown)


class Choices(QWidget):
    """Emits `changed` with the id of the way that was chosen by a person."""

    changed = Signal(str)

    def __init__(
        self,
        heading: str,
        ways: Sequence[Way],
        theme: Theme,
        parent: QWidget,
        note_lines: int = _NOTE_LINES,
    ) -> None:
        super().__init__(parent)
        self._heading = heading
        self._theme = theme
        self._ids = tuple(way.id for way in ways)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.rows = [Choice(way, digit, theme, self) for digit, way in enumerate(ways, 1)]
        self.note = ValueLabel(self, lines=note_lines)
        self.note.setFont(theme.font(Face.SECONDARY))
        self.note.setContentsMargins(_NAME_LEFT, 3, 4, 0)
        self.note.setMinimumHeight(note_lines * line_height(self.note.font()) + 3)
        box = QVBoxLayout(self)
        box.setContentsMargins(3, 0, 0, 0)
        box.setSpacing(0)
        for row in self.rows:
            box.addWidget(row)
            row.clicked.connect(partial(self._pressed, row.digit))
        box.addWidget(self.note)
        self.set(self._ids[0])

    @property
    def chosen(self) -> str:
        return next(each for each, row in zip(self._ids, self.rows, strict=True) if row.isChecked())

    def set(self, wanted: str) -> None:
        """Choose without telling anybody."""
        for each, row in zip(self._ids, self.rows, strict=True):
            row.setChecked(each == wanted)
            if each == wanted:
                self.note.set_text(row.note)
                self.setAccessibleName(f"{self._heading}: {row.name}. {row.words} {row.note}")
        self.update()

    def choose(self, digit: int) -> None:
        """Choose the way with this digit, as a person does."""
        if 1 <= digit <= len(self._ids) and self.isEnabled():
            wanted = self._ids[digit - 1]
            if wanted != self.chosen:
                self.set(wanted)
                self.changed.emit(wanted)

    def step(self, step: int) -> None:
        """Choose the next or the one before; the ends stay."""
        place = self._ids.index(self.chosen) + step
        self.choose(min(max(place, 0), len(self._ids) - 1) + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.step(1 if key == Qt.Key.Key_Down else -1)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.choose(key - Qt.Key.Key_0)
        else:
            super().keyPressEvent(event)

    def _pressed(self, digit: int, _checked: bool = False) -> None:
        self.choose(digit)
        row = self.rows[digit - 1]
        row.setChecked(True)  # pressing the chosen one again does not let it go

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line at the left says that the keys are here."""
        if self.hasFocus():
            painter = QPainter(self)
            height = self.rows[-1].geometry().bottom() + 1
            painter.fillRect(QRectF(0, 0, 2, height), self._theme.colour("accent"))
            painter.end()
