"""A page of any length shows its first lines at once, and the rest without holding anything up."""

from pytestqt.qtbot import QtBot

from core.text import Catalogue
from gui.inspector.fact_list import FactList
from gui.inspector.facts import Fact, Section
from gui.inspector.page import AT_ONCE
from gui.theme import Theme

FACTS = 10 * AT_ONCE
WIDTH = 400


def test_the_rest_comes_piece_by_piece_and_nothing_is_lost(
    qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    facts = FactList(t, theme)
    qtbot.addWidget(facts)
    facts.resize(WIDTH, 300)
    facts.show_sections([Section("", tuple(Fact(f"{n}", f"line {n}") for n in range(FACTS)))])
    facts.show()
    heights = [facts.heightForWidth(WIDTH)]
    assert heights[0] > 0

    def grown() -> bool:
        heights.append(facts.heightForWidth(WIDTH))
        return heights[-1] == heights[-2] > 5 * heights[0]

    qtbot.waitUntil(grown)
    assert heights == sorted(heights)
    assert facts.shown()[-1] == f"line {FACTS - 1}"


def test_who_copies_or_looks_for_a_line_has_all_of_them_at_once(
    qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    facts = FactList(t, theme)
    qtbot.addWidget(facts)
    facts.show_sections([Section("", tuple(Fact(f"{n}", f"line {n}") for n in range(FACTS)))])
    assert facts.text().count("line") == FACTS
    assert f"line {FACTS - 1}" in facts.shown()
