"""Tables that fit the terminal, colours only on a terminal, JSON as one document.

Everything printed may hold a host's or a guest's words: control characters and direction marks
are replaced before they reach the terminal, which would otherwise obey them.
"""

import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

SCHEMA_VERSION = 1
_COLOURS = {"bad": "31;1", "warn": "33", "good": "32", "dim": "2", "head": "1"}
_CUT = "…"
_GAP = "  "
_NOT_ASCII = re.compile(r"[^ -~\n]")


def plain(text: str) -> str:
    """Make text harmless on a terminal: no controls, no newlines, no direction marks."""
    return "".join(_harmless(char) for char in text)


def _harmless(char: str) -> str:
    if char in "\n\t\r\u2028\u2029":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char


def width_of(text: str) -> int:
    """Columns a text takes: wide East Asian characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def fit(text: str, width: int) -> str:
    """Cut or pad to exactly `width` columns."""
    if width_of(text) <= width:
        return text + " " * (width - width_of(text))
    kept = ""
    for char in text:
        if width_of(kept + char) > width - 1:
            break
        kept += char
    return kept + _CUT + " " * (width - 1 - width_of(kept))


class Output:
    """Where a command's answer goes.

    Attributes:
        as_json: print one document instead of text.
    """

    def __init__(self, as_json: bool, stream: TextIO | None = None) -> None:
        self.as_json = as_json
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ

    def document(self, **content: Any) -> None:
        """Print one JSON document with its schema version."""
        self._stream.write(_document(content, indent=2))

    def line_document(self, **content: Any) -> None:
        """Print one event as one line of JSON (a stream, not a document)."""
        self._stream.write(_document(content))
        self._stream.flush()

    def line(self, text: str = "", role: str = "") -> None:
        self._stream.write(self.paint(plain(text), role) + "\n")

    def paint(self, text: str, role: str) -> str:
        if not self._coloured or role not in _COLOURS:
            return text
        return f"\x1b[{_COLOURS[role]}m{text}\x1b[0m"

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], roles: Sequence[str] = ()
    ) -> None:
        """Print aligned columns; on a terminal the widest give way until all fit."""
        cells = [[plain(cell) for cell in row] for row in rows]
        widths = [
            max([width_of(head), *(width_of(row[column]) for row in cells)])
            for column, head in enumerate(heads)
        ]
        if self._stream.isatty():
            _shrink(widths, [width_of(head) for head in heads], _terminal_columns())
        self._row(heads, widths, "head")
        for number, row in enumerate(cells):
            self._row(row, widths, roles[number] if number < len(roles) else "")

    def _row(self, cells: Sequence[str], widths: Sequence[int], role: str) -> None:
        text = _GAP.join(fit(cell, width) for cell, width in zip(cells, widths, strict=True))
        self._stream.write(self.paint(text.rstrip(), role) + "\n")


def _document(content: dict[str, Any], indent: int | None = None) -> str:
    """JSON that a terminal may show: letters of every script as they are, the rest escaped."""
    text = json.dumps({"schema": SCHEMA_VERSION, **content}, ensure_ascii=False, indent=indent)
    return _NOT_ASCII.sub(_escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    letter = found.group()
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]


def _terminal_columns() -> int:
    return shutil.get_terminal_size((120, 40)).columns


def _shrink(widths: list[int], least: Sequence[int], columns: int) -> None:
    while sum(widths) + len(_GAP) * (len(widths) - 1) > columns:
        spare = [width - max(4, floor) for width, floor in zip(widths, least, strict=True)]
        if max(spare) <= 0:
            return
        widths[spare.index(max(spare))] -= 1
