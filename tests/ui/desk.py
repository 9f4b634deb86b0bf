"""Small hands for the stories: press a key, name a machine, hear what the window says."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.fleet.model import Key
from gui.window import MainWindow

Key_ = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def key_of(window: MainWindow, name: str) -> Key:
    return next(key for key, one in window.fleet_view.machines.items() if one.name == name)


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    if modifier is None:
        QTest.keyClick(widget, key)
    else:
        QTest.keyClick(widget, key, modifier)


def said(window: MainWindow) -> str:
    return window.status.currentMessage()
