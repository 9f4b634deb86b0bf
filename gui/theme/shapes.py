"""The shapes that carry severity, score, quarantine and confinement without relying on colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from core.posture.model import Severity

HATCH_STEP = 8
BAND_PIECE = 88  # a partial quarantine's band: this much hatch, then a gap
BAND_GAP = 36


def severity_path(rect: QRectF, severity: Severity | None) -> QPainterPath:
    """Return the outline: diamond, triangle, half circle, ring; None (unknown) is a ring too."""
    path = QPainterPath()
    if severity is Severity.CRITICAL:
        middle = rect.center()
        path.addPolygon(
            QPolygonF(
                [
                    QPointF(middle.x(), rect.top()),
                    QPointF(rect.right(), middle.y()),
                    QPointF(middle.x(), rect.bottom()),
                    QPointF(rect.left(), middle.y()),
                ]
            )
        )
        path.closeSubpath()
    elif severity is Severity.HIGH:
        path.addPolygon(
            QPolygonF(
                [
                    QPointF(rect.center().x(), rect.top() + 0.5),
                    QPointF(rect.right(), rect.bottom() - 0.5),
                    QPointF(rect.left(), rect.bottom() - 0.5),
                ]
            )
        )
        path.closeSubpath()
    else:
        path.addEllipse(rect.adjusted(1, 1, -1, -1))
    return path


def paint_severity(
    painter: QPainter, rect: QRectF, severity: Severity | None, colour: QColor
) -> None:
    """Draw the shape of a severity; None draws the dashed ring of "unknown"."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = severity_path(rect, severity)
    if severity in (Severity.CRITICAL, Severity.HIGH):
        painter.fillPath(path, colour)
    else:
        pen = QPen(colour, 1.6)
        if severity is None:
            pen.setDashPattern([1.6, 1.5])
        painter.setPen(pen)
        painter.drawPath(path)
        if severity is Severity.MEDIUM:
            inner = rect.adjusted(1, 1, -1, -1)
            painter.setBrush(colour)
            painter.drawPie(inner, 90 * 16, 180 * 16)
    painter.restore()


def paint_score_ring(
    painter: QPainter, rect: QRectF, value: int | None, colour: QColor, track: QColor
) -> None:
    """Draw 0 to 100 as an arc from twelve o'clock; an unknown score has only a dashed track."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = rect.adjusted(1.5, 1.5, -1.5, -1.5)
    pen = QPen(track, 2.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if value is None:
        pen.setDashPattern([1.2, 1.2])
    painter.setPen(pen)
    painter.drawEllipse(inner)
    if value:
        pen = QPen(colour, 2.5)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(inner, 90 * 16, -round(value * 3.6 * 16))
    painter.restore()


def paint_quarantine_band(painter: QPainter, rect: QRectF, colour: QColor, whole: bool) -> None:
    """Hatch a row; when some way out is still open the band has gaps."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(colour)
    ground.setAlpha(18)
    stripe = QColor(colour)
    stripe.setAlpha(46)
    for piece in band_pieces(rect, whole):
        painter.save()
        painter.setClipRect(piece)
        painter.fillRect(piece, QBrush(ground))
        painter.setPen(QPen(stripe, 2.2))
        left = piece.left() - piece.height()
        while left < piece.right():
            painter.drawLine(
                QPointF(left, piece.bottom()), QPointF(left + piece.height(), piece.top())
            )
            left += HATCH_STEP
        painter.restore()
    painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), colour)
    painter.restore()


def paint_watched_edge(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """A dashed line at the left of what is only watched: no hatch, for nothing is held."""
    painter.save()
    pen = QPen(colour, 3)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([1.6, 1.2])
    painter.setPen(pen)
    left = rect.left() + 1.5
    painter.drawLine(QPointF(left, rect.top() + 2), QPointF(left, rect.bottom() - 2))
    painter.restore()


def band_pieces(rect: QRectF, whole: bool) -> list[QRectF]:
    """Cut the band into pieces when it is broken."""
    if whole:
        return [rect]
    pieces: list[QRectF] = []
    left = rect.left()
    while left < rect.right():
        width = min(BAND_PIECE, rect.right() - left)
        pieces.append(QRectF(left, rect.top(), width, rect.height()))
        left += BAND_PIECE + BAND_GAP
    return pieces
