"""How far a case is: five steps and its end in a row. A person moves it, nothing else does."""

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from core.incidents.cases.model import PHASES, Status
from core.text import Catalogue
from gui.theme import Face, Theme

STEPS = (*PHASES, Status.CLOSED)
_LINE = 3


class Stepper(QWidget):
    """One button a step; what lies behind is underlined. `wanted` says where to go."""

    wanted = Signal(str)

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._status = Status.DETECT
        self.setAccessibleName(t("cases.field.status"))
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, _LINE + 3)
        row.setSpacing(2)
        self.buttons: dict[Status, QToolButton] = {}
        for status in STEPS:
            button = QToolButton(self)
            button.setText(t(f"cases.status.{status}"))
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            button.setFont(theme.font(Face.SECONDARY))
            button.setProperty("role", "step")
            button.setCheckable(True)
            button.clicked.connect(partial(self._clicked, status))
            self._group.addButton(button)
            row.addWidget(button, 1)
            self.buttons[status] = button

    def show_status(self, status: Status) -> None:
        self._status = status
        self.buttons[status].setChecked(True)
        self.update()

    def _clicked(self, status: Status) -> None:
        """The case decides where it is: until it was written, the old step stays marked."""
        self.buttons[self._status].setChecked(True)
        if status is not self._status:
            self.wanted.emit(status.value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        done = STEPS.index(self._status)
        for number, status in enumerate(STEPS):
            box = self.buttons[status].geometry()
            colour = self._theme.colour("accent" if number <= done else "hairline")
            painter.fillRect(QRectF(box.x(), box.bottom() + 3, box.width(), _LINE), colour)
        painter.end()
