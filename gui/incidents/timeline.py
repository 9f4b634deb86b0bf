"""The picture of a cut: pause, barrier, links, proof and evidence in real milliseconds.

What takes much longer than the cut (proof, evidence) may run out of the picture with its time
written at the edge, so that the milliseconds stay legible.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.text import Catalogue
from gui.incidents.course import CUTTING, Bar, ticks
from gui.inspector.quantities import milliseconds
from gui.plain import tooltip
from gui.theme import Face, Theme

_LANE = 20
_AXIS = 18
_ABOVE = 8
_NAMES = 76
_ENDS = 64  # room at the right for the written times
_THICK = 8
_LEAST_MS = 20.0
_TIMES_THE_CUT = 3.0


class Timeline(QWidget):
    """Empty until there are bars; says everything it draws to those who cannot see it."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._bars: tuple[Bar, ...] = ()
        self._cut_ms: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_bars(self, bars: Sequence[Bar], cut_ms: float | None) -> None:
        """`cut_ms`: from the yes to the last card cut, when that was proved."""
        self._bars, self._cut_ms = tuple(bars), cut_ms
        words = self.text()
        self.setAccessibleName(f"{self._t('panels.timeline')}: {words}")
        self.setToolTip(tooltip(words))
        self.setVisible(bool(bars))
        self.updateGeometry()
        self.update()

    def add(self, bar: Bar) -> None:
        """One more, in the place of what had its name."""
        others = [each for each in self._bars if each.name != bar.name]
        self.show_bars((*others, bar), self._cut_ms)

    def text(self) -> str:
        """The same in words: "barrier 31 ms; links 48 ms"."""
        return "; ".join(f"{self._name(bar)} {self._end(bar)}" for bar in self._bars)

    def bars(self) -> tuple[Bar, ...]:
        return self._bars

    def sizeHint(self) -> QSize:
        return QSize(320, _ABOVE + len(self._bars) * _LANE + _AXIS + 4)

    # --- drawing ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(Face.SECONDARY))
        plot = QRectF(_NAMES, _ABOVE, self.width() - _NAMES - _ENDS, len(self._bars) * _LANE)
        longest = self._longest()
        self._paint_axis(painter, plot, longest)
        for number, bar in enumerate(self._bars):
            self._paint_bar(painter, plot, plot.top() + number * _LANE, bar, longest)
        if self._cut_ms is not None:
            self._paint_cut(painter, plot, longest)
        painter.end()

    def _longest(self) -> float:
        """The axis is for the cut: what takes many times longer runs out of the picture."""
        every = max(bar.end_ms for bar in self._bars)
        cuts = [bar.end_ms for bar in self._bars if bar.name in CUTTING]
        return max(_LEAST_MS, min(every, _TIMES_THE_CUT * max(cuts)) if cuts else every)

    def _paint_axis(self, painter: QPainter, plot: QRectF, longest: float) -> None:
        metrics = QFontMetrics(self._theme.font(Face.SECONDARY))
        for place in ticks(longest):
            x = plot.left() + plot.width() * place / longest
            painter.setPen(QPen(self._theme.colour("hairline"), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(self._theme.colour("secondary"))
            words = f"{place:g}"
            left = x - metrics.horizontalAdvance(words) / 2
            painter.drawText(QPointF(left, plot.bottom() + metrics.ascent() + 2), words)
        unit = QPointF(0, plot.bottom() + metrics.ascent() + 2)
        painter.drawText(unit, "ms")

    def _paint_bar(
        self, painter: QPainter, plot: QRectF, top: float, bar: Bar, longest: float
    ) -> None:
        middle = top + _LANE / 2
        scale = plot.width() / longest
        left = min(plot.left() + bar.begin_ms * scale, plot.right() - 6)
        right = max(left + 3, min(plot.left() + bar.end_ms * scale, plot.right()))
        box = QRectF(left, middle - _THICK / 2, right - left, _THICK)
        self._fill(painter, box, bar)
        if bar.end_ms > longest:
            self._paint_onward(painter, right, middle)
        metrics = QFontMetrics(self._theme.font(Face.SECONDARY))
        baseline = middle + (metrics.ascent() - metrics.descent()) / 2
        name = metrics.elidedText(self._name(bar), Qt.TextElideMode.ElideRight, _NAMES - 8)
        painter.setPen(self._theme.colour("text"))
        painter.drawText(QPointF(0, baseline), name)
        painter.setPen(self._theme.colour("text" if bar.good else "secondary"))
        painter.drawText(QPointF(plot.right() + 12, baseline), self._end(bar))

    def _fill(self, painter: QPainter, box: QRectF, bar: Bar) -> None:
        """Read back: filled. Failed: a struck outline. Unknown: a dashed outline."""
        colour = self._theme.colour(_ROLES[bar.good])
        painter.setPen(Qt.PenStyle.NoPen)
        if bar.good:
            painter.setBrush(colour)
            painter.drawRoundedRect(box, 2, 2)
        else:
            pen = QPen(colour, 1.4)
            if bar.good is None:
                pen.setDashPattern([2.0, 1.6])
            painter.setPen(pen)
            painter.drawRoundedRect(box.adjusted(0.7, 0.7, -0.7, -0.7), 2, 2)
            if bar.good is False:
                painter.drawLine(box.bottomLeft(), box.topRight())
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_onward(self, painter: QPainter, right: float, middle: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("secondary"))
        points = [QPointF(right + 2, middle - 4), QPointF(right + 8, middle)]
        painter.drawPolygon(QPolygonF([*points, QPointF(right + 2, middle + 4)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_cut(self, painter: QPainter, plot: QRectF, longest: float) -> None:
        """The instant from which nothing passes any more."""
        x = plot.left() + plot.width() * min(1.0, (self._cut_ms or 0.0) / longest)
        painter.setPen(QPen(self._theme.colour("quarantine"), 1.6))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    # --- words --------------------------------------------------------------------------------

    def _name(self, bar: Bar) -> str:
        return self._t(f"panels.timeline.{bar.name}")

    def _end(self, bar: Bar) -> str:
        if bar.good is None:
            return self._t("value.unknown")
        if not bar.good:
            return self._t("panels.timeline.failed")
        return milliseconds(bar.end_ms / 1000)


_ROLES = {True: "quarantine", False: "critical", None: "unknown"}
