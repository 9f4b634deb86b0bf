"""The score as a ring with its number: the one large figure of the inspector."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.posture.model import Score
from core.text import Catalogue
from gui.plain import tooltip
from gui.theme import Face, Theme, paint_score_ring

_SIDE = 64


class ScoreRing(QWidget):
    """Shows 0 to 100; an unknown score is a dashed ring with a question mark."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = t
        self._theme = theme
        self._score: Score | None = None
        self.setFixedSize(_SIDE, _SIDE)

    def show_score(self, score: Score) -> None:
        self._score = score
        words = score_words(score, self._t)
        self.setToolTip(tooltip(words))
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._score is None:
            return
        value = self._score.value
        painter = QPainter(self)
        box = QRectF(2, 2, _SIDE - 4, _SIDE - 4)
        ring, track = self._theme.score_colour(value), self._theme.colour("hairline")
        paint_score_ring(painter, box, value, ring, track)
        painter.setFont(self._theme.font(Face.TITLE))
        painter.setPen(self._theme.colour("text"))
        number = "?" if value is None else str(value)
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, number)
        painter.end()


def score_words(score: Score, t: Catalogue) -> str:
    """The score with what it is made of, one line a severity."""
    head = (
        t("panels.score.unknown")
        if score.value is None
        else t("panels.score", value=score.value, grade=t(f"grade.{score.grade}"))
    )
    order = ("critical", "high", "medium", "low", "unknown")
    parts = [f"{t(f'severity.{name}')}: {score.counts.get(name, 0)}" for name in order]
    return "\n".join((head, *parts))
