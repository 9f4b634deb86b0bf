"""Asking once more for what was refused: a button and its key, shown only while they do it."""

from PySide6.QtWidgets import QPushButton, QWidget

from core.text import Catalogue
from gui.plain import tooltip

KEY = "Ctrl+R"


class AgainButton(QPushButton):
    """The key is on it: who reads the button knows it."""

    def __init__(self, t: Catalogue, parent: QWidget) -> None:
        super().__init__(t("panels.again", key=KEY), parent)
        self.setObjectName("again")
        self.setShortcut(KEY)
        self.setToolTip(tooltip(t("panels.again.why")))
        self.hide()
