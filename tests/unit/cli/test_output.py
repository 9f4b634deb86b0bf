"""Tables fit, and text from hosts cannot steer the terminal."""

import io
import json

import pytest

from core.cli.output import Output, fit, plain, width_of


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("two\nlines", "two lines"),
        ("line\u2028paragraph\u2029", "line paragraph "),
        ("right\u202eto left", "right\ufffdto left"),
        ("\x00\x07", "\ufffd\ufffd"),
        ("<b>literal</b>", "<b>literal</b>"),
        ("虚拟机", "虚拟机"),
    ],
)
def test_text_is_made_harmless(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@pytest.mark.parametrize("text", ["short", "虚拟机名称", "e\u0301tude", "a" * 50, ""])
def test_fit_gives_exactly_the_width(text: str) -> None:
    assert width_of(fit(text, 8)) == 8


def test_a_table_without_a_terminal_is_whole_and_plain() -> None:
    stream = io.StringIO()
    Output(as_json=False, stream=stream).table(["A", "B"], [["x" * 300, "1"]], ["bad"])
    head, row = stream.getvalue().splitlines()
    assert head.startswith("A")
    assert row == "x" * 300 + "  1"


def test_a_document_keeps_letters_and_escapes_what_would_steer() -> None:
    stream = io.StringIO()
    Output(as_json=True, stream=stream).document(name="虚拟机 é \u202e\x9b\x7f\u2028\U000e0041")
    text = stream.getvalue()

    assert "虚拟机 é " in text
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert json.loads(text)["name"].endswith("\u202e\x9b\x7f\u2028\U000e0041")
