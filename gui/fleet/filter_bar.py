"""The filter box: a real language, completed while typing, mistakes shown where they are.

A filter that cannot be read never changes the table: what was shown before stays, with a wave
under the mistake and a sentence below. Esc clears.
"""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from core.fleet.model import FleetView
from core.fleet.query import Query, QueryError, complete, parse_query
from core.text import Catalogue
from gui.fleet.completion_popup import CompletionPopup
from gui.plain import PlainLabel, tooltip
from gui.theme import Face, Theme

Attribute = QInputMethodEvent.Attribute
_FORMAT = QInputMethodEvent.AttributeType.TextFormat


class FilterBar(QWidget):
    """Emits `changed` with every filter that can be read."""

    changed = Signal(object)  # Query
    left = Signal()  # the admin is done here: back to the table
    save_wanted = Signal()

    def __init__(self, catalogue: Catalogue, theme: Theme, fleet: Callable[[], FleetView]) -> None:
        super().__init__()
        self.setObjectName("filter-bar")
        self._t = catalogue
        self._theme = theme
        self._fleet = fleet
        self.query: Query = parse_query("")
        self.line = QLineEdit(self)
        self.line.setObjectName("filter")
        self.line.setPlaceholderText(catalogue("window.filter.hint"))
        self.line.setAccessibleName(catalogue("window.filter.name"))
        self.line.setClearButtonEnabled(True)
        mark = QAction(
            theme.icon("search", "secondary"), catalogue("window.filter.name"), self.line
        )
        self.line.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        for button in self.line.findChildren(QToolButton):  # Qt's own mark for clearing
            button.setAccessibleName(button.text() or catalogue("window.action.clear-filter"))
        self.line.textChanged.connect(self._read)
        self.line.textEdited.connect(self._offer)
        self.line.installEventFilter(self)
        self.problem = PlainLabel()
        self.problem.setObjectName("filter-problem")
        self.problem.setProperty("role", "problem")
        self.problem.setFont(theme.font(Face.SECONDARY))
        self.problem.hide()
        self.popup = CompletionPopup(catalogue, theme, self.line)
        self.popup.taken.connect(self._take)
        self._lay_out()

    def _lay_out(self) -> None:
        space = self._theme.space
        keep = QToolButton(self)
        keep.setObjectName("save-view")
        keep.setIcon(self._theme.icon("bookmark-plus", "secondary"))
        keep.setAccessibleName(self._t("window.action.save-view"))
        keep.setToolTip(tooltip(self._t("window.action.save-view")))
        keep.clicked.connect(self.save_wanted)
        line = QHBoxLayout()
        line.setSpacing(space(1))
        line.addWidget(self.line, 1)
        line.addWidget(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(2), space(2), space(2), space(2))
        column.setSpacing(space(1))
        column.addLayout(line)
        column.addWidget(self.problem)

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        self.line.setText(text)

    def focus(self) -> None:
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    # --- reading ---------------------------------------------------------------------------

    def _read(self, text: str) -> None:
        try:
            query = parse_query(text)
        except QueryError as error:
            self._show_problem(error)
            return
        self._show_problem(None)
        self.query = query
        self.changed.emit(query)

    def _show_problem(self, error: QueryError | None) -> None:
        self.problem.setVisible(error is not None)
        if error is not None:
            cause, step = self._t.say(error.cause), self._t.say(error.step)
            self.problem.setText(f"{cause} {step}")
        self._underline(error)

    def _underline(self, error: QueryError | None) -> None:
        """Draw a wave under the mistake, by the one way a line edit lets its text be drawn."""
        attributes: list[Attribute] = []
        if error is not None:
            wave = QTextCharFormat()
            wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wave.setUnderlineColor(self._theme.colour("critical"))
            start = min(error.position, max(0, len(self.text()) - 1))
            length = max(1, min(error.length, len(self.text()) - start))
            place = start - self.line.cursorPosition()
            attributes.append(Attribute(_FORMAT, place, length, wave))
        QCoreApplication.sendEvent(self.line, QInputMethodEvent("", attributes))

    # --- completing ------------------------------------------------------------------------

    def _offer(self, text: str) -> None:
        self.popup.offer(complete(text, self.line.cursorPosition(), self._fleet()))

    def _take(self) -> None:
        """Put the chosen completion where the word being typed stands."""
        chosen = self.popup.current()
        if chosen is None:
            return
        text = self.line.text()
        self.line.setText(text[: chosen.start] + chosen.text + text[chosen.end :])
        self.line.setCursorPosition(chosen.start + len(chosen.text))
        self.popup.hide()
        if chosen.text.endswith(":"):
            self._offer(self.line.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut:
            self.popup.hide()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key, open_ = event.key(), self.popup.isVisible()
        if key == Qt.Key.Key_Escape:
            self._escape()
        elif open_ and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.popup.step(1 if key == Qt.Key.Key_Down else -1)
        elif open_ and key == Qt.Key.Key_Tab:
            self._take()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if open_ and self.popup.touched:
                self._take()
            else:
                self.popup.hide()
                self.left.emit()
        elif key == Qt.Key.Key_Down:
            if self.text():
                self.left.emit()
            else:
                self._offer("")
        else:
            return False
        return True

    def _escape(self) -> None:
        if self.popup.isVisible():
            self.popup.hide()
        elif self.text():
            self.set_text("")
        else:
            self.left.emit()
