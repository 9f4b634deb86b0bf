"""What was refused can be asked again by a key: the panel stays, and nothing is done by asking."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import uuid_of, view
from tests.ui.incidents.bench import SmallStation

MAC = "52:54:00:00:00:01"
ONE, TWO = uuid_of(1), uuid_of(2)


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SmallStation]:
    made = SmallStation(tmp_path)
    for uuid in (ONE, TWO):
        made.host.add(uuid, MAC)
    made.host.silent.add(TWO)
    yield made
    made.close()


@pytest.fixture
def panel(
    qtbot: QtBot, t: Catalogue, theme: Theme, station: SmallStation
) -> Iterator[QuarantinePanel]:
    made = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(made)
    made.resize(440, 760)
    yield made
    made.shut()


def stages(panel: QuarantinePanel) -> list[Stage]:
    return [attempt.stage for attempt in panel.attempts()]


def reach(qtbot: QtBot, panel: QuarantinePanel, *wanted: Stage) -> None:
    qtbot.waitUntil(lambda: stages(panel) == list(wanted))


def test_enter_asks_again_and_only_the_next_enter_cuts(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(2, "web-04")])
    reach(qtbot, panel, Stage.REFUSED)
    assert panel.again.isVisible() and not panel.go.isVisible()
    assert "Ctrl+R" in panel.again.text()
    station.host.silent.clear()
    QTest.keyClick(panel, Qt.Key.Key_Return)
    reach(qtbot, panel, Stage.READY)
    assert station.host.up(TWO, MAC)
    assert panel.go.isVisible() and not panel.again.isVisible()
    QTest.keyClick(panel, Qt.Key.Key_Return)
    reach(qtbot, panel, Stage.ENDED)
    assert not station.host.up(TWO, MAC)


def test_one_that_was_refused_is_asked_again_beside_one_that_is_cut(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(1, "web-03"), view(2, "web-04")])
    reach(qtbot, panel, Stage.READY, Stage.REFUSED)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    reach(qtbot, panel, Stage.ENDED, Stage.REFUSED)
    station.host.silent.clear()
    assert panel.again.isVisible() and panel.go.isVisible()
    panel.again.click()
    reach(qtbot, panel, Stage.ENDED, Stage.READY)
    assert station.host.up(TWO, MAC)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    reach(qtbot, panel, Stage.ENDED, Stage.ENDED)
    assert not station.host.up(TWO, MAC)
    assert len(station.journal.records()) == 2


def test_what_is_refused_again_says_so_and_stays(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(2, "web-04")])
    reach(qtbot, panel, Stage.REFUSED)
    asked = len(station.host.orders)
    panel.again.click()
    qtbot.waitUntil(lambda: len(station.host.orders) > asked)
    reach(qtbot, panel, Stage.REFUSED)
    assert panel.isVisible() and panel.attempts()[0].line.text()
    assert station.journal.records() == ()
