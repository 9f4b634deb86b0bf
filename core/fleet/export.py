"""Tables for other programs: CSV that no spreadsheet runs, Markdown that stays a table, text.

Cells are hostile text. A CSV cell never begins with what starts a formula; a Markdown cell can
neither end its column nor bring HTML; no cell brings a line break or a control character.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from core.fleet.columns import Column
from core.fleet.model import MachineView
from core.text import Catalogue
from core.text.cells import starts_formula

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_BREAK = re.compile(r"\s*[\t\r\n\x0b\x0c\x85\u2028\u2029]+\s*")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|~&])")


def table(
    views: Iterable[MachineView], columns: Sequence[Column], words: Catalogue
) -> tuple[list[str], list[list[str]]]:
    """The headings and the cells, as the window and the terminal show them."""
    heads = [words(column.code) for column in columns]
    return heads, [[column.text(view, words) for column in columns] for view in views]


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([csv_cell(head) for head in heads])
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads)]
    written = [f"| {' | '.join(map(markdown_cell, lines[0]))} |", f"| {' | '.join(lines[1])} |"]
    written += [f"| {' | '.join(map(markdown_cell, row))} |" for row in rows]
    return "\n".join(written) + "\n"


def as_text(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns parted by tabs, one line a row: what a clipboard is good for."""
    lines = [heads, *rows]
    return "\n".join("\t".join(one_line(cell) for cell in line) for line in lines) + "\n"


def csv_cell(text: str) -> str:
    """A cell that a spreadsheet shows and never runs; plain numbers stay numbers."""
    cell = one_line(text)
    if starts_formula(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def markdown_cell(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def one_line(text: str) -> str:
    """The text without line breaks, control characters and marks that turn its direction."""
    flat = _BREAK.sub(" ", text)
    return "".join(
        letter if letter.isprintable() or letter == " " else _shown(letter) for letter in flat
    )


def _shown(letter: str) -> str:
    if unicodedata.category(letter) == "Zs":
        return " "
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
