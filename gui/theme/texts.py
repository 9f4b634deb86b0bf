"""Single lines of text, measured, cut and laid out once: a table paints the same words for ever.

Plain text only: nothing that a host says is ever interpreted.
"""

from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QStaticText,
    QTextLayout,
    QTransform,
)

from gui.theme.fonts import Face

MOST_KEPT = 6000  # lines; then all are forgotten, and those still seen come again
_WIDEST = 1e6


class Line(NamedTuple):
    """A text ready to be painted: `width` and `ascent` are its own, whatever fonts it needs."""

    laid: QStaticText
    width: float
    ascent: float


class TextBox:
    """Keeps lines by face and words, and how a line was cut for a width."""

    def __init__(self, fonts: dict[Face, QFont]) -> None:
        self._fonts = fonts
        self._metrics = {face: QFontMetricsF(font) for face, font in fonts.items()}
        self._widths: dict[tuple[Face, str], float] = {}
        self._cut: dict[tuple[Face, str, int], str] = {}
        self._lines: dict[tuple[Face, str], Line] = {}

    def width(self, text: str, face: Face) -> float:
        key = (face, text)
        found = self._widths.get(key)
        if found is None:
            self._sweep()
            found = self._widths[key] = self._metrics[face].horizontalAdvance(text)
        return found

    def cut(self, text: str, face: Face, room: float) -> str:
        """What fits into `room`, with an ellipsis where the rest is left out."""
        if self.width(text, face) <= room:
            return text
        key = (face, text, int(room))
        found = self._cut.get(key)
        if found is None:
            right = Qt.TextElideMode.ElideRight
            found = self._cut[key] = self._metrics[face].elidedText(text, right, int(room))
        return found

    def paint(self, painter: QPainter, at: QPointF, text: str, face: Face) -> float:
        """Write a line from `at`, the left end of its baseline; returns how wide it is."""
        line = self._line(text, face)
        painter.setFont(self._fonts[face])
        painter.drawStaticText(QPointF(at.x(), at.y() - line.ascent), line.laid)
        return line.width

    def middle(self, face: Face) -> float:
        """How far the baseline is below the middle of a line."""
        metrics = self._metrics[face]
        return (metrics.ascent() - metrics.descent()) / 2

    def _line(self, text: str, face: Face) -> Line:
        key = (face, text)
        line = self._lines.get(key)
        if line is None:
            self._sweep()
            line = self._lines[key] = self._laid(text, face)
        return line

    def _laid(self, text: str, face: Face) -> Line:
        font = self._fonts[face]
        laid = QStaticText(text)
        laid.setTextFormat(Qt.TextFormat.PlainText)
        laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        laid.prepare(QTransform(), font)
        ascent = self._metrics[face].ascent() if text.isascii() else _ascent(text, font)
        return Line(laid, self.width(text, face), ascent)

    def _sweep(self) -> None:
        for kept in (self._widths, self._cut, self._lines):
            if len(kept) >= MOST_KEPT:
                kept.clear()


def _ascent(text: str, font: QFont) -> float:
    """Of a line that may borrow glyphs from other fonts."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(_WIDEST)
    layout.endLayout()
    return line.ascent()
