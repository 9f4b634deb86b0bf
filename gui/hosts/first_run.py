"""The first thing a newcomer sees: look around in a demo, or add the first host."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.text import Catalogue
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme

_WIDTH = 520


class FirstRunPanel(QWidget):
    """Two ways in, each with what it will do in one sentence."""

    demo_wanted = Signal()
    add_wanted = Signal()

    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("first-run")
        self._t, self._theme = catalogue, theme
        self.demo = QPushButton(catalogue("panels.first.demo"), self)
        self.demo.setObjectName("first-demo")
        self.demo.setProperty("role", "primary")
        self.demo.clicked.connect(self.demo_wanted)
        self.add = QPushButton(catalogue("panels.first.add"), self)
        self.add.setObjectName("first-add")
        self.add.clicked.connect(self.add_wanted)
        column = QVBoxLayout()
        column.setSpacing(theme.space(4))
        column.addWidget(self._words("title", Face.TITLE))
        column.addWidget(self._words("text", Face.DATA))
        column.addLayout(self._way("eye", self.demo, "demo.why"))
        column.addLayout(self._way("server", self.add, "add.why"))
        column.addWidget(self._words("terminal", Face.SECONDARY))
        middle = QWidget(self)
        middle.setFixedWidth(_WIDTH)
        middle.setLayout(column)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(middle)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(across)
        outer.addStretch(3)

    def _words(self, name: str, face: Face) -> ValueLabel:
        label = ValueLabel(self, lines=6)
        label.setFont(self._theme.font(face))
        label.set_text(self._t(f"panels.first.{name}"))
        if face is not Face.TITLE:
            label.set_colour(self._theme.colour("secondary"))
        return label

    def _way(self, icon: str, button: QPushButton, why: str) -> QHBoxLayout:
        mark = QLabel(self)
        mark.setPixmap(self._theme.pixmap(icon, "accent", 24))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        words.addWidget(self._words(why, Face.DATA))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row
