"""Text from hosts and guests shown as the characters it is.

Qt guesses rich text unless told, and a tooltip cannot be told: there the text is escaped. Menus
read '&' as a mnemonic. Control characters and bidirectional marks become visible, so that a
name cannot rewrite its neighbourhood. Every label of the window is a `PlainLabel`.
"""

import html
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

TOOLTIP_WIDTH = 480
LONGEST = 4096
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class PlainLabel(QLabel):
    """A label that never interprets what it shows."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def one_line(text: str) -> str:
    """Return text for a single line: control and direction marks are shown, length is capped."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    return "".join(_visible(mark) for mark in text[:LONGEST])


def tooltip(text: str) -> str:
    """Return what Qt shows as exactly these characters."""
    if not text:
        return ""
    lines = (html.escape(one_line(line)) for line in text[:LONGEST].split("\n"))
    return f"<p style='white-space:pre-wrap'>{'<br>'.join(lines)}</p>"


def menu_text(text: str) -> str:
    return one_line(text).replace("&", "&&")


def _visible(mark: str) -> str:
    if unicodedata.category(mark) not in _INVISIBLE:
        return mark
    point = ord(mark)
    return chr(0x2400 + point) if point < 0x20 else f"⟨U+{point:04X}⟩"


def plain_message(parent: QWidget | None, title: str) -> QMessageBox:
    """Return a message box that shows its words as they are; the caller opens it."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(one_line(title))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
