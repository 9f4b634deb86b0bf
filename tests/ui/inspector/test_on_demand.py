"""XML and history come when they are looked at, from the host and the journal."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.audit.record import Entry, Record
from core.fleet.model import FleetView, Key
from core.posture.catalogue import load_catalogue as load_checks
from core.text import Catalogue
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.inspector.panel import InspectorPanel
from gui.theme import Theme
from tests.ui.fleets import HOSTILE, NOW, fleet, host, uuid_of, view
from tests.ui.incidents.bench import SmallStation

MAC = "52:54:00:00:00:01"


class SeenStation(SmallStation):
    """A small station with a view, as the inspector wants it."""

    @property
    def fleet(self) -> "SeenStation":
        return self

    @property
    def history(self) -> "SeenStation":
        return self

    @property
    def audit(self) -> "SeenStation":
        return self

    @property
    def holds(self) -> "SeenStation":
        return self

    @property
    def barriers(self) -> "SeenStation":
        return self

    def find(self, host: str, uuid: str) -> None:
        """Neither a hold nor a barrier."""

    def line(self, key: Key, days: int = 30) -> tuple[tuple[date, int], ...]:
        return ((date(2026, 11, 20), 64), (date(2026, 11, 21), 82))

    def records(self, after: int = 0) -> tuple[Record, ...]:
        entry = Entry("host-unverified", "kim", targets=("hv1",), detail=HOSTILE)
        return () if after else (Record(1, NOW, entry, "", "", "", ""),)

    @property
    def view(self) -> FleetView:
        return fleet([view(1, "web-03"), view(2, "web-04")])


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SeenStation]:
    made = SeenStation(tmp_path)
    made.host.add(uuid_of(1), MAC)
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, t: Catalogue, theme: Theme, station: SeenStation) -> InspectorPanel:
    made = InspectorPanel(t, theme, station, load_checks())
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_xml_is_asked_for_when_its_page_opens(
    panel: InspectorPanel, station: SeenStation, qtbot: QtBot, t: Catalogue
) -> None:
    panel.show_machine(view(1, "web-03"))
    assert station.host.orders == []
    panel.choose_tab("xml")
    qtbot.waitUntil(lambda: "<link state='up'/>" in panel.xml.text("live"))
    assert panel.xml.text("difference").startswith("@@")
    panel.xml.side_button("difference").click()
    assert "-<domain type='kvm'>" in panel.xml.text("difference")


def test_a_host_that_does_not_answer_says_so_on_the_page(
    panel: InspectorPanel, station: SeenStation, qtbot: QtBot, t: Catalogue
) -> None:
    station.host.silent.add(uuid_of(1))
    panel.show_machine(view(1, "web-03"))
    panel.choose_tab("xml")
    expected = t("error.order-timeout.cause", host="hv1", seconds=10.0)
    qtbot.waitUntil(lambda: expected in panel.xml.note())


def test_another_machine_never_shows_the_last_ones_xml(
    panel: InspectorPanel, qtbot: QtBot, t: Catalogue
) -> None:
    panel.show_machine(view(1, "web-03"))
    panel.choose_tab("xml")
    qtbot.waitUntil(lambda: bool(panel.xml.text("live")))
    panel.choose_tab("overview")
    panel.show_machine(view(2, "web-04"))
    assert panel.xml.text("live") == ""


def test_a_quarantine_is_in_the_history(
    panel: InspectorPanel,
    station: SeenStation,
    qtbot: QtBot,
    t: Catalogue,
    theme: Theme,
) -> None:
    cut = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(cut)
    cut.open([view(1, "web-03")])
    cut.confirm()
    qtbot.waitUntil(lambda: cut.attempts()[0].result == "contained")
    panel.show_machine(view(1, "web-03"))
    panel.choose_tab("history")
    facts = {fact.label: fact.value for fact in panel.history.facts.facts()}
    assert facts["Outcome"] == "done"
    assert facts["By"] == "kim"
    panel.show_machine(view(2, "web-04"))
    assert panel.history.facts.facts() == ()


def test_the_history_has_scores_and_what_the_audit_record_says(
    panel: InspectorPanel, qtbot: QtBot, t: Catalogue
) -> None:
    panel.show_machine(view(1, "web-03"))
    panel.choose_tab("history")
    assert panel.history.scores.isVisible()
    assert "2026-11-21: 82" in panel.history.scores.accessibleName()
    panel.show_host(host("hv1", 2))
    expected = t("audit.event.host-unverified")
    qtbot.waitUntil(lambda: expected in {fact.value for fact in panel.history.facts.facts()})
    assert not panel.history.scores.isVisible()
