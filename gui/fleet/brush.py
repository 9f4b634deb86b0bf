"""What a cell painter needs at hand: painter, theme, words, and how to lay text on a line."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from core.text import Catalogue
from gui.fleet.sparks import Days
from gui.theme import Face, Theme

STALE_OPACITY = 0.7


class Brush:
    """Draws one cell from left to right; `x` is where the next thing goes."""

    def __init__(self, painter: QPainter, theme: Theme, t: Catalogue) -> None:
        self.painter = painter
        self.theme = theme
        self.t = t
        self.rect = QRectF()
        self.x = 0.0
        self.group = ""  # what the rows stand under; it need not be said again
        self.days: Days = ()  # the scores of the last month, where they are known

    def start(self, rect: QRectF) -> None:
        self.rect = rect
        self.x = rect.left()

    @property
    def room(self) -> float:
        return self.rect.right() - self.x

    def gap(self, steps: float = 1) -> None:
        self.x += self.theme.space(steps)

    def box(self, size: float) -> QRectF:
        """Take a square from the line, in its vertical middle."""
        box = QRectF(self.x, self.rect.center().y() - size / 2, size, size)
        self.x += size
        return box

    def icon(self, name: str, role: str, size: int = 14) -> None:
        box = self.box(size)
        pixmap = self.theme.pixmap(name, role, size)
        self.painter.drawPixmap(QPointF(round(box.x()), round(box.y())), pixmap)

    def text(
        self, text: str, role: str = "text", face: Face = Face.DATA, colour: QColor | None = None
    ) -> None:
        """Write what fits; the rest is elided."""
        if self.room <= 0 or not text:
            return
        texts = self.theme.texts
        shown = texts.cut(text, face, self.room)
        self.painter.setPen(colour or self.theme.colour(role))
        baseline = self.rect.center().y() + texts.middle(face)
        self.x += texts.paint(self.painter, QPointF(self.x, baseline), shown, face)

    def number(self, text: str, width: float, role: str = "text", face: Face = Face.DATA) -> None:
        """Write a number so that its last figure ends `width` from here."""
        end = self.x + width
        self.x = max(self.x, end - self.advance(text, face))
        self.text(text, role, face)
        self.x = end

    def advance(self, text: str, face: Face = Face.DATA) -> float:
        return self.theme.texts.width(text, face)
