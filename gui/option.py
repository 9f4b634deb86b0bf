"""The fields of a style option that delegates need; the type stubs give them no type."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

_RECT, _STATE = "rect", "state"


def rect_of(option: QStyleOptionViewItem) -> QRect:
    rect: QRect = getattr(option, _RECT)
    return rect


def state_of(option: QStyleOptionViewItem) -> QStyle.StateFlag:
    state: QStyle.StateFlag = getattr(option, _STATE)
    return state


def selected(option: QStyleOptionViewItem) -> bool:
    return bool(state_of(option) & QStyle.StateFlag.State_Selected)
