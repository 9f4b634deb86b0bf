"""Hostile text is shown as the characters it is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication

from gui.plain import PlainLabel, menu_text, one_line, tooltip
from tests.ui.fleets import HOSTILE

NASTY = (HOSTILE, "a\tb\x1b[31m", "right\u202eleft", "<b>x</b>\n<i>y</i>", "&amp; &lt;", "  two ")


def shown_by_qt(markup: str) -> str:
    """Return what a tooltip with this markup shows."""
    document = QTextDocument()
    document.setHtml(markup)
    return document.toPlainText()


@pytest.mark.parametrize("text", NASTY)
def test_a_tooltip_shows_its_characters(qapp: QApplication, text: str) -> None:
    assert tooltip(text).startswith("<p ")
    assert shown_by_qt(tooltip(text)) == "\n".join(map(one_line, text.split("\n")))


def test_nothing_to_say_is_no_tooltip() -> None:
    assert tooltip("") == ""


def test_control_and_direction_marks_become_visible() -> None:
    assert one_line("a\nb\x1b") == "a␊b␛"
    assert one_line("x\u202ey") == "x⟨U+202E⟩y"
    assert one_line("虚拟机 ok") == "虚拟机 ok"


def test_a_very_long_text_is_cut() -> None:
    assert len(one_line("\n" * 100_000)) <= 4096


def test_labels_never_guess(qapp: QApplication) -> None:
    label = PlainLabel(HOSTILE)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == HOSTILE


def test_menus_keep_the_ampersand() -> None:
    assert menu_text("R&D <b>") == "R&&D <b>"
