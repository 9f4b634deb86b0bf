"""Thirty days of scores as one line; the words say the same for those who cannot see it."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from core.text import Catalogue
from gui.plain import tooltip
from gui.theme import Face, Theme

_HEIGHT = 64
_EDGE = 16
_BEST = 100

Days = Sequence[tuple[date, int]]


class ScoreLine(QWidget):
    """Hidden until two days are known: one point is no line."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._days: Days = ()
        self.setFixedHeight(_HEIGHT)
        self.hide()

    def show_days(self, days: Days) -> None:
        self._days = days
        self.setVisible(len(days) > 1)
        words = "\n".join(f"{day.isoformat()}: {score}" for day, score in days)
        self.setToolTip(tooltip(words))
        self.setAccessibleName(f"{self._t('panels.scores.title')}: {words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._days) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(Face.SECONDARY))
        painter.setPen(self._theme.colour("secondary"))
        head = QRectF(_EDGE, 4, self.width() - 2 * _EDGE, 16)
        painter.drawText(head, self._summary())
        points = self._points(QRectF(_EDGE, 26, self.width() - 2 * _EDGE, _HEIGHT - 34))
        last = self._days[-1][1]
        painter.setPen(QPen(self._theme.score_colour(last), 1.6))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(self._theme.score_colour(last))
        painter.drawEllipse(points[-1], 2.5, 2.5)
        painter.end()

    def _summary(self) -> str:
        scores = [score for _, score in self._days]
        return self._t("panels.scores.summary", low=min(scores), high=max(scores), now=scores[-1])

    def _points(self, box: QRectF) -> list[QPointF]:
        first, last = self._days[0][0], self._days[-1][0]
        span = max(1, (last - first).days)
        return [
            QPointF(
                box.left() + box.width() * (day - first).days / span,
                box.bottom() - box.height() * score / _BEST,
            )
            for day, score in self._days
        ]
