"""The report says what the window shows, and a host's text stays text."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from core.fleet.model import FleetView, Key
from core.posture.model import Evidence
from core.posture.score import NO_SCORE
from core.reports.posture import posture_page
from core.text import LANGUAGES, load_catalogue
from tests.unit.fleet.machines import finding, machine, view

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOSTILE = "<img src=file:///etc/hostname><script>x</script>\u202e"


def _fleet() -> FleetView:
    found = finding(evidence=(Evidence("/domain/title", HOSTILE),))
    shown = view(machine=machine(title=HOSTILE), findings=(found,))
    return FleetView({}, {Key("hv1", shown.key.uuid): shown}, (), NO_SCORE, (), demo=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_is_shown_as_it_is(language: str) -> None:
    page = posture_page(_fleet(), load_catalogue(language), NOW)
    tree = etree.HTML(page)
    assert not list(tree.iter("img", "script", "link", "a", "iframe"))
    cells = ["".join(str(text) for text in cell.itertext()) for cell in tree.iter("td", "div")]
    assert sum(HOSTILE in text for text in cells) >= 2
    assert "‹report" not in page


def test_every_word_of_a_host_stands_in_a_direction_of_its_own() -> None:
    tree = etree.HTML(posture_page(_fleet(), load_catalogue("en"), NOW))
    for cell in tree.iter("td"):
        assert cell[0].tag == "bdi"
