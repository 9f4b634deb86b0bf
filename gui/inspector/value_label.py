"""A label that breaks or cuts what does not fit, and gives the whole text on hover.

Unlike a QLabel it breaks a label, a path or a MAC anywhere, so that no value from a host can
widen the panel.
"""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.inspector.wrapping import Broken, line_height, metrics_of, plain_lines
from gui.plain import one_line, tooltip

_WIDEST_HINT = 480


class ValueLabel(QWidget):
    """One plain text in at most `lines` lines."""

    def __init__(self, parent: QWidget | None = None, *, lines: int = 1) -> None:
        super().__init__(parent)
        self._full = ""
        self._hover = ""
        self._lines = lines
        self._colour: QColor | None = None
        self._broken = Broken("", lines)
        self._line: tuple[str, int, int] | None = None  # font; height and width of the first line
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(lines > 1)
        self.setSizePolicy(policy)

    def text(self) -> str:
        """The whole text as it was set."""
        return self._full

    def set_text(self, text: str, hover: str = "") -> None:
        if text == self._full and hover == self._hover:
            return
        self._full, self._hover = text, hover
        self._broken = Broken(text, self._lines)
        self._line = None
        self.setAccessibleName(one_line(text))
        self.setToolTip(tooltip(f"{text}\n{hover}" if hover else text))
        self.updateGeometry()
        self.update()

    def set_colour(self, colour: QColor | None) -> None:
        """None: the palette's text."""
        self._colour = colour
        self.update()

    def shown(self) -> str:
        """What is painted, but for wrapping and the ellipsis."""
        return (" ⏎ " if self._lines == 1 else "\n").join(plain_lines(self._full))

    def hasHeightForWidth(self) -> bool:
        return self._lines > 1

    def heightForWidth(self, width: int) -> int:
        edge = self.contentsMargins()
        inner = width - edge.left() - edge.right()
        lines = max(1, len(self._broken.lines(self.font(), inner)))
        return lines * self._line_height() + edge.top() + edge.bottom()

    def sizeHint(self) -> QSize:
        wide = self._first_line()[2] + 2
        edge = self.contentsMargins()
        high = self._line_height() + edge.top() + edge.bottom()
        return QSize(min(wide + edge.left() + edge.right(), _WIDEST_HINT), high)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self._colour or self.palette().color(self.foregroundRole()))
        metrics = metrics_of(self.font())
        room = self.contentsRect()
        lines = self._broken.lines(self.font(), room.width())
        for number, line in enumerate(lines):
            if number == len(lines) - 1:
                line = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room.width())
            baseline = room.top() + number * self._line_height() + metrics.ascent() + 1
            painter.drawText(QPointF(room.left(), baseline), line)
        painter.end()

    def _line_height(self) -> int:
        return self._first_line()[1]

    def _first_line(self) -> tuple[str, int, int]:
        """Layouts ask for the same measures again and again."""
        font = self.font()
        key = font.key()
        if self._line is None or self._line[0] != key:
            first = self.shown().split("\n", 1)[0]
            self._line = (key, line_height(font), metrics_of(font).horizontalAdvance(first))
        return self._line
