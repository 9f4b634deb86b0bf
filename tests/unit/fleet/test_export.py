"""Exports are harmless: no formula, no markup, no row that becomes two."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fleet.columns import default_columns
from core.fleet.export import as_csv, as_markdown, as_text, csv_cell, markdown_cell, table
from core.text import load_catalogue
from tests.unit.fleet.machines import row, view


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "\n=1"]
)
def test_a_cell_never_becomes_a_formula(cell: str) -> None:
    assert csv_cell(cell).startswith("'")


@pytest.mark.parametrize("number", ["0", "-4", "+3", "41", "2.5"])
def test_numbers_stay_numbers(number: str) -> None:
    assert csv_cell(number) == number


hostile = st.text(max_size=30)


@settings(max_examples=60)
@given(st.lists(st.lists(hostile, min_size=2, max_size=2), min_size=1, max_size=4))
def test_a_cell_never_leaves_its_place(rows: list[list[str]]) -> None:
    heads = ["a", "b"]
    read = list(csv.reader(io.StringIO(as_csv(heads, rows))))
    assert [len(line) for line in read] == [2] * (len(rows) + 1)
    assert all(cell.lstrip()[:1] not in ("=", "@") for line in read for cell in line)
    assert len(as_text(heads, rows).split("\n")) == len(rows) + 2
    lines = as_markdown(heads, rows).split("\n")
    assert len(lines) == len(rows) + 3
    assert all(_columns(line) == 2 for line in lines[:-1])


def _columns(line: str) -> int:
    return line.replace("\\\\", "").replace("\\|", "").count("|") - 1


def test_markdown_shows_markup_as_text() -> None:
    assert markdown_cell("<b>*x*</b>|y") == r"\<b\>\*x\*\</b\>\|y"


def test_marks_that_turn_the_direction_become_visible() -> None:
    assert csv_cell("a\u202eb\x1b[2J") == "a\\u202eb\\u001b[2J"


def test_a_table_of_the_fleet() -> None:
    words = load_catalogue("en")
    heads, rows = table([view(row=row(name="=evil"))], default_columns(), words)
    assert heads[:3] == ["State", "Name", "Host"]
    assert '"\'=evil"' in as_csv(heads, rows)
