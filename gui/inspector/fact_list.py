"""Sections of facts in two calm columns; the same widgets stay while only values change."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from core.posture.model import Severity
from core.text import Catalogue
from gui.inspector.facts import Fact, Section, Tone
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme, paint_severity

_NAME_WIDTH = 112
_VALUE_LINES = 4
_MARK = 9


class ToneMark(QWidget):
    """The shape beside a value that is wrong, unknown or only claimed; nothing otherwise."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = Tone.PLAIN
        self.setFixedSize(14, 18)

    def show_tone(self, tone: Tone) -> None:
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._tone in {Tone.PLAIN, Tone.QUIET}:
            return
        severity = {Tone.WRONG: Severity.HIGH, Tone.CLAIMED: Severity.LOW}.get(self._tone)
        painter = QPainter(self)
        box = QRectF(1, (self.height() - _MARK) / 2, _MARK, _MARK)
        paint_severity(painter, box, severity, self._theme.severity_colour(severity))
        painter.end()


class FactRow(QWidget):
    """One fact. The name is quiet, the value is what the eye reads."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.fact = Fact("", "")
        self._theme = theme
        self._name = ValueLabel(self, lines=2)
        self._name.setFixedWidth(_NAME_WIDTH)
        self._name.set_colour(theme.colour("secondary"))
        self._mark = ToneMark(theme, self)
        self.value = ValueLabel(self, lines=_VALUE_LINES)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 1, 4, 1)
        row.setSpacing(2)
        row.addWidget(self._name, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.value, 1)

    def show_fact(self, fact: Fact) -> None:
        if fact == self.fact:
            return
        self.fact = fact
        self._name.set_text(fact.label)
        self._mark.show_tone(fact.tone)
        self.value.setFont(self._theme.font(Face.MONO if fact.mono else Face.DATA))
        quiet = fact.tone in {Tone.QUIET, Tone.UNKNOWN}
        self.value.set_colour(self._theme.colour("secondary") if quiet else None)
        self.value.set_text(fact.value, fact.hover)
        self.setAccessibleName(f"{fact.label}: {fact.value}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        super().mousePressEvent(event)


class FactList(QWidget):
    """Shows sections; arrows move over the facts, Ctrl+C copies the current one or all."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = t
        self._theme = theme
        self._shape: tuple[tuple[bool, int], ...] = ()
        self._rows: list[FactRow] = []
        self._words: list[ValueLabel] = []
        self._current = -1
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(12, 10, 12, 12)
        self._box.setSpacing(0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Same shape: values change in place, so current line and scroll stay."""
        shape = tuple((bool(section.note), len(section.facts)) for section in sections)
        if shape != self._shape:
            self._shape = shape
            self._build(sections)
        words, rows = iter(self._words), iter(self._rows)
        for section in sections:
            next(words).set_text(section.title)
            if section.note:
                next(words).set_text(section.note)
            for fact in section.facts:
                next(rows).show_fact(fact)

    def facts(self) -> tuple[Fact, ...]:
        return tuple(row.fact for row in self._rows)

    def headings(self) -> tuple[str, ...]:
        """Titles and notes in order."""
        return tuple(words.text() for words in self._words)

    def text(self) -> str:
        """All of it as lines "name: value", for copying."""
        return "\n".join(f"{fact.label}: {fact.value}" for fact in self.facts())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            chosen = self._rows[self._current].fact.value if self._current >= 0 else self.text()
            put_on_clipboard(chosen)
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up} and self._rows:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._choose(min(max(self._current + step, 0), len(self._rows) - 1))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        offers = [("page", self.text())]
        if self._current >= 0:
            fact = self._rows[self._current].fact
            offers = [("value", fact.value), ("line", f"{fact.label}: {fact.value}"), *offers]
        for name, text in offers:
            menu.addAction(self._t(f"panels.copy.{name}")).triggered.connect(
                partial(put_on_clipboard, text)
            )
        menu.popup(event.globalPos())

    def _choose(self, number: int) -> None:
        self._current = number
        for position, row in enumerate(self._rows):
            row.setAutoFillBackground(position == number)
            row.setBackgroundRole(row.palette().ColorRole.Highlight)

    def _build(self, sections: Sequence[Section]) -> None:
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows, self._words, self._current = [], [], -1
        for number, section in enumerate(sections):
            self._box.addSpacing(16 if number else 0)
            self._add_words(Face.STRONG)
            if section.note:
                self._add_words(Face.SECONDARY)
            for _ in section.facts:
                self._add_row()
        self._box.addStretch(1)

    def _add_words(self, face: Face) -> None:
        words = ValueLabel(self, lines=2 if face is Face.STRONG else 8)
        words.setFont(self._theme.font(face))
        words.set_colour(None if face is Face.STRONG else self._theme.colour("secondary"))
        words.setContentsMargins(4, 0, 4, 0)
        self._words.append(words)
        self._box.addWidget(words)
        self._box.addSpacing(4)

    def _add_row(self) -> None:
        row = FactRow(self._theme, self)
        row.pressed.connect(partial(self._choose, len(self._rows)))
        self._rows.append(row)
        self._box.addWidget(row)


def put_on_clipboard(text: str, _checked: bool = False) -> None:
    QGuiApplication.clipboard().setText(text)


def in_scroll(widget: QWidget) -> QScrollArea:
    """The widget in a frameless area that scrolls up and down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
