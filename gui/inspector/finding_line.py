"""One finding as a line of its list: what was found, and which check says so."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from core.posture.model import Finding, Severity, Verdict
from core.text import Catalogue
from gui.inspector.finding_words import headline, shape_of, summary
from gui.inspector.wrapping import Broken, line_height, metrics_of
from gui.plain import tooltip
from gui.theme import Face, Theme, paint_severity

_SHAPE = 11
_LEFT, _RIGHT, _EDGE = 32, 28, 5
_PARTS = ((Face.DATA, "text", 3), (Face.SECONDARY, "secondary", 2))  # face, colour, most lines
_VERDICT_ICONS = {
    Verdict.PASS: ("check", "good"),
    Verdict.WAIVED: ("eye-off", "secondary"),
    Verdict.NOT_APPLICABLE: ("ban", "secondary"),
}


class FindingLine(QAbstractButton):
    """Shape, headline, and below it check, severity, verdict. Opens and closes."""

    moved = Signal(int)
    copied = Signal()

    def __init__(self, finding: Finding, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.finding = finding
        self._theme = theme
        self._texts = (headline(finding, t), summary(finding, t))
        self._broken = [
            Broken(text, most) for text, (_, _, most) in zip(self._texts, _PARTS, strict=True)
        ]
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(". ".join(self._texts))
        self.setToolTip(tooltip("\n".join(self._texts)))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def words(self) -> tuple[str, str]:
        """The headline and the line below it."""
        return self._texts

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(200, self.width())))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        high = (
            len(lines) * line_height(self._theme.font(face))
            for (face, _, _), lines in zip(_PARTS, self._laid_out(width), strict=True)
        )
        return sum(high) + 2 * _EDGE

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.moved.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.toggle()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.hasFocus() or self.underMouse():
            role = "selection" if self.hasFocus() else "hover"
            painter.fillRect(self.rect(), self._theme.colour(role))
        self._paint_shape(painter)
        arrow = "chevron-down" if self.isChecked() else "chevron-right"
        painter.drawPixmap(self.width() - 24, _EDGE + 1, self._theme.pixmap(arrow, "secondary"))
        self._paint_words(painter)
        painter.end()

    def _paint_shape(self, painter: QPainter) -> None:
        drawn = _VERDICT_ICONS.get(self.finding.verdict)
        if drawn:
            painter.drawPixmap(9, _EDGE + 1, self._theme.pixmap(*drawn))
            return
        severity: Severity | None = shape_of(self.finding)
        colour = self._theme.severity_colour(severity)
        paint_severity(painter, QRectF(12, _EDGE + 4, _SHAPE, _SHAPE), severity, colour)

    def _laid_out(self, width: int) -> list[list[str]]:
        room = width - _LEFT - _RIGHT
        return [
            broken.lines(self._theme.font(face), room)
            for broken, (face, _, _) in zip(self._broken, _PARTS, strict=True)
        ]

    def _paint_words(self, painter: QPainter) -> None:
        top, room = _EDGE, self.width() - _LEFT - _RIGHT
        for (face, role, _), lines in zip(_PARTS, self._laid_out(self.width()), strict=True):
            font = self._theme.font(face)
            metrics = metrics_of(font)
            painter.setFont(font)
            painter.setPen(self._theme.colour(role))
            for line in lines:
                cut = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
                painter.drawText(QPointF(_LEFT, top + metrics.ascent() + 1), cut)
                top += line_height(font)
