"""Who has the keys, and handing them to a part of the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

_BY_TAB = Qt.FocusPolicy.TabFocus


def has_keys(pane: QWidget) -> bool:
    return pane.hasFocus() or any(child.hasFocus() for child in pane.findChildren(QWidget))


def give_keys(pane: QWidget) -> None:
    """Focus the pane, or the first part of it that takes the keys."""
    parts = (pane, *pane.findChildren(QWidget))
    taking = (part for part in parts if part.isVisible() and part.focusPolicy() & _BY_TAB)
    next(taking, pane).setFocus(Qt.FocusReason.TabFocusReason)
