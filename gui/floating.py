"""A panel that floats over the window and is told where to stand when the window changes."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from gui.theme import Theme

SHADOW_ALPHA = 70


class Floating(QFrame):
    """Hidden until it is opened; `over` is what it stands on and what gets the keys back."""

    def __init__(self, name: str, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self.theme = theme
        self.over = over
        self.setObjectName(name)
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(theme.space(10))
        shadow.setOffset(0, theme.space(2))
        shadow.setColor(QColor(0, 0, 0, SHADOW_ALPHA))
        self.setGraphicsEffect(shadow)
        self.hide()

    def place(self) -> None:
        """Stand in the middle of what is below; subclasses choose the size."""
        left = (self.over.width() - self.width()) // 2
        top = max(0, (self.over.height() - self.height()) // 2)
        self.move(left, top)

    def leave(self) -> None:
        self.hide()
        self.over.setFocus()
