"""The program itself: leave it, and what it is."""

from importlib.metadata import version
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from gui.plain import plain_message

if TYPE_CHECKING:
    from gui.window import MainWindow


def leave(window: "MainWindow") -> None:
    window.leave()


def about(window: "MainWindow") -> None:
    box: QMessageBox = plain_message(window, window.t("window.about.title"))
    box.setText(window.t("window.about.text", version=version("ringfence")))
    box.setInformativeText(window.t("window.about.licence"))
    box.setIconPixmap(window.theme.pixmap("ringfence", "accent", 48))
    box.addButton(window.t("window.about.close"), QMessageBox.ButtonRole.AcceptRole)
    box.open()


def toggle_notify(window: "MainWindow") -> None:
    window.prefer(notify=not window.preferences.notify)
    window.board.tick("notify", window.preferences.notify)


def toggle_close_to_tray(window: "MainWindow") -> None:
    window.prefer(close_to_tray=not window.preferences.close_to_tray)
    window.board.tick("close-to-tray", window.preferences.close_to_tray)
