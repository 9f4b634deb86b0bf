"""Ten machines are cut by one key: each is carried through to its proof, whatever else runs."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.journal import Journal
from core.changes.outcome import PlanState
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import uuid_of, view
from tests.ui.incidents.bench import SmallStation

MACHINES = range(1, 11)
RECORD_S = 0.004  # a record takes long enough for other plans to wait for it


class BusyWitness:
    def follow(self, journal: Journal) -> None:
        time.sleep(RECORD_S)


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SmallStation]:
    made = SmallStation(tmp_path, witness=BusyWitness())
    for number in MACHINES:
        made.host.add(uuid_of(number), f"52:54:00:00:00:{number:02x}")
    yield made
    made.close()


def test_every_cut_ends_and_none_is_lost_on_the_way(
    qtbot: QtBot, t: Catalogue, theme: Theme, station: SmallStation
) -> None:
    panel = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(panel)
    panel.open([view(number, f"web-{number:02d}") for number in MACHINES])
    panel.evidence.choose(())
    attempts = panel.attempts()
    qtbot.waitUntil(lambda: all(each.stage is Stage.READY for each in attempts), timeout=20_000)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: all(each.stage is Stage.ENDED for each in attempts), timeout=20_000)
    assert {each.result for each in attempts} == {"contained"}
    assert not any(station.host.up(uuid_of(n), f"52:54:00:00:00:{n:02x}") for n in MACHINES)
    ended = [record.outcome for record in station.journal.records()]
    assert {outcome.state for outcome in ended if outcome} == {PlanState.DONE}
    assert len(ended) == len(MACHINES) and None not in ended
    panel.shut()
