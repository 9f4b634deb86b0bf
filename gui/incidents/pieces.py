"""Parts below one another: those seen first take their place at once, the rest a moment later.

The first layout of a part, with its style and fonts, takes milliseconds; ten of them in one turn
would be felt in the key that asked for them.
"""

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

AT_ONCE = 4


class PieceColumn(QVBoxLayout):
    """Owns the parts that it is filled with, until it is cleared."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(0)
        self._waiting: list[QWidget] = []
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._place)

    def fill(self, parts: Sequence[QWidget]) -> None:
        """In this order, in place of what was there."""
        self.clear()
        self.addStretch(1)
        self._waiting = list(parts)
        self._place()
        if self._waiting:
            self._turns.start()

    def clear(self) -> None:
        self._turns.stop()
        for part in self._waiting:
            part.deleteLater()
        self._waiting = []
        while (item := self.takeAt(0)) is not None:
            placed = item.widget()
            if placed is not None:
                placed.hide()
                placed.deleteLater()

    def _place(self) -> None:
        now, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        for part in now:
            self.insertWidget(self.count() - 1, part)
        if not self._waiting:
            self._turns.stop()
