"""Sections of facts in two calm columns, painted as one: a page of sixty costs no sixty widgets."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QSizePolicy, QToolTip, QWidget

from core.posture.model import Severity
from core.text import Catalogue
from gui.inspector.fact_layout import MARK_WIDTH, Row, Words
from gui.inspector.facts import Fact, Section, Tone
from gui.inspector.page import Page
from gui.inspector.wrapping import line_height, metrics_of
from gui.plain import tooltip
from gui.theme import Theme, paint_severity

_MARK = 9
_USUAL_WIDTH = 320
_MOST_WIDTHS = 4  # layouts ask again and again for the same few
_MARKS = {Tone.WRONG: Severity.HIGH, Tone.CLAIMED: Severity.LOW, Tone.UNKNOWN: None}


class FactList(QWidget):
    """Shows sections; arrows move over the facts, Ctrl+C copies the current one or all."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._sections: tuple[Section, ...] = ()
        self._pages: dict[int, Page] = {}
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._go_on)
        self._current = -1
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """The same facts change nothing; the current line stays while the page has its shape."""
        shown = tuple(sections)
        if shown == self._sections:
            return
        if len(self.facts()) != sum(len(section.facts) for section in shown):
            self._current = -1
        self._sections = shown
        self._pages.clear()
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def facts(self) -> tuple[Fact, ...]:
        return tuple(fact for section in self._sections for fact in section.facts)

    def headings(self) -> tuple[str, ...]:
        """Titles and notes in order."""
        both = (words for section in self._sections for words in (section.title, section.note))
        return tuple(words for words in both if words)

    def text(self) -> str:
        """All of it as lines "name: value", for copying."""
        return "\n".join(f"{fact.label}: {fact.value}" for fact in self.facts())

    def shown(self) -> tuple[str, ...]:
        """Every line as it is painted, but for the ellipsis."""
        every = (words for row in self._all_rows() for words in row.words)
        return tuple(line for words in every for line in words.lines)

    def hover(self, at: QPoint) -> str:
        """What the tooltip over a point says, escaped for Qt."""
        fact = self._fact_at(at)
        if fact is None:
            return ""
        return tooltip(f"{fact.value}\n{fact.hover}" if fact.hover else fact.value)

    # --- size ---------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._page(width).height

    def sizeHint(self) -> QSize:
        return QSize(_USUAL_WIDTH, self.heightForWidth(max(self.width(), _USUAL_WIDTH)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def _page(self, width: int) -> Page:
        page = self._pages.get(width)
        if page is None:
            for old in list(self._pages)[: len(self._pages) - _MOST_WIDTHS + 1]:
                del self._pages[old]
            page = self._pages[width] = Page(self._sections, self._theme, width)
        if not page.whole and width == self.width():
            self._rest.start()
        return page

    def _go_on(self) -> None:
        """A piece more of what is shown; the page grows at its end."""
        page = self._page(self.width())
        page.go_on()
        if page.whole:
            self._rest.stop()
        self.updateGeometry()
        self.update()

    def _all_rows(self) -> list[Row]:
        page = self._page(self.width())
        page.finish()
        return page.rows

    # --- keys, mouse, copying -----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        facts = self.facts()
        if event.matches(QKeySequence.StandardKey.Copy):
            put_on_clipboard(facts[self._current].value if self._current >= 0 else self.text())
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up} and facts:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._choose(min(max(self._current + step, 0), len(facts) - 1))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        fact = self._fact_at(event.position().toPoint())
        if fact is not None:
            self._choose(next(n for n, each in enumerate(self.facts()) if each is fact))
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.hover(event.pos()), self)
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        offers = [("page", self.text())]
        if self._current >= 0:
            fact = self.facts()[self._current]
            offers = [("value", fact.value), ("line", f"{fact.label}: {fact.value}"), *offers]
        for name, text in offers:
            menu.addAction(self._t(f"panels.copy.{name}")).triggered.connect(
                partial(put_on_clipboard, text)
            )
        menu.popup(event.globalPos())

    def _fact_at(self, at: QPoint) -> Fact | None:
        rows = self._page(self.width()).rows
        found = (row for row in rows if row.top <= at.y() < row.top + row.height)
        return next((row.fact for row in found), None)

    def _choose(self, number: int) -> None:
        """Make a fact the current one, keep it in sight, and say it."""
        self._current = number
        fact = self.facts()[number]
        self.setAccessibleName(f"{fact.label}: {fact.value}")
        row = [row for row in self._all_rows() if row.fact is not None][number]
        viewport = self.parentWidget()
        area = viewport.parentWidget() if viewport is not None else None
        if isinstance(area, QScrollArea):
            area.ensureVisible(0, row.top + row.height // 2, 0, row.height)
        self.update()

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        seen = event.rect()
        number = -1
        for row in self._page(self.width()).rows:
            number += row.fact is not None
            if row.top > seen.bottom() or row.top + row.height < seen.top():
                continue
            if row.fact is not None and number == self._current and self.hasFocus():
                box = QRectF(8, row.top, self.width() - 16, row.height)
                painter.fillRect(box, self._theme.colour("selection"))
            for words in row.words:
                self._paint_words(painter, words)
            if row.fact is not None:
                self._paint_mark(painter, row, row.fact.tone)
        painter.end()

    def _paint_words(self, painter: QPainter, words: Words) -> None:
        font = self._theme.font(words.face)
        painter.setFont(font)
        painter.setPen(self._theme.colour(words.role))
        metrics, step = metrics_of(font), line_height(font)
        for number, line in enumerate(words.lines):
            if number == len(words.lines) - 1:
                line = metrics.elidedText(line, Qt.TextElideMode.ElideRight, words.width)
            baseline = words.top + number * step + metrics.ascent() + 1
            painter.drawText(QPointF(words.left, baseline), line)

    def _paint_mark(self, painter: QPainter, row: Row, tone: Tone) -> None:
        """The shape beside a value that is wrong, unknown or only claimed."""
        if tone not in _MARKS:
            return
        severity = _MARKS[tone]
        box = QRectF(row.words[1].left - MARK_WIDTH + 2, row.top + 5, _MARK, _MARK)
        paint_severity(painter, box, severity, self._theme.severity_colour(severity))


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
