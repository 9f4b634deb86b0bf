"""The page of faults names tests that are there: each row's files, and in them what it says."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/faults.md"
NAMED = re.compile(r"`((?:lab|unit)/[\w/]+)`(?:: ([^;`|]+))?")
FAULTS = 13  # that the design asks for


def rows() -> list[tuple[str, str]]:
    lines = [line.split("|") for line in PAGE.read_text("utf-8").splitlines() if line[:1] == "|"]
    return [(cells[1].strip(), cells[-2]) for cells in lines[2:]]


def test_every_fault_of_the_design_has_a_row() -> None:
    assert len(rows()) >= FAULTS


@pytest.mark.parametrize(("fault", "shown_by"), rows())
def test_a_row_is_shown_by_tests_that_are_there(fault: str, shown_by: str) -> None:
    named = NAMED.findall(shown_by)
    assert named, fault
    for file, phrases in named:
        text = (TESTS / f"{file}.py").read_text("utf-8")
        tests = re.findall(r"def (test_\w+)", text)
        assert tests, file
        for phrase in phrases.split(",") if phrases else ():
            wanted = phrase.strip().lower().replace(" ", "_")
            assert any(wanted in test.lower() for test in tests), f"{file}: {phrase.strip()}"
