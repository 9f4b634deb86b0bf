"""The hatched band of what is held, drawn once a size: a table paints it for every row."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from gui.theme.shapes import paint_quarantine_band

MOST_KEPT = 12  # widths and heights: of rows, of heads, of the window as it is drawn larger


class BandBox:
    """Keeps the bands that were drawn last."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, int, bool, float, int], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRectF, colour: QColor, whole: bool) -> None:
        scale = painter.device().devicePixelRatioF()
        width, height = round(rect.width()), round(rect.height())
        if width <= 0 or height <= 0:
            return
        key = (width, height, whole, scale, colour.rgba())
        if key not in self._drawn:
            for old in list(self._drawn)[: len(self._drawn) - MOST_KEPT + 1]:
                del self._drawn[old]
            self._drawn[key] = _band(width, height, whole, scale, colour)
        painter.drawPixmap(rect.topLeft(), self._drawn[key])


def _band(width: int, height: int, whole: bool, scale: float, colour: QColor) -> QPixmap:
    pixmap = QPixmap(round(width * scale), round(height * scale))
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_quarantine_band(painter, QRectF(0, 0, width, height), colour, whole)
    painter.end()
    return pixmap
