"""What a host knows of a machine's network is asked for when the panel opens, behind the plan."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.hosts.helper.observing import ReadVolatile
from core.hosts.protocol import ReadXml
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import uuid_of, view
from tests.ui.incidents.bench import SmallStation

MAC = "52:54:00:00:00:01"


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SmallStation]:
    made = SmallStation(tmp_path)
    made.host.add(uuid_of(1), MAC)
    yield made
    made.close()


def test_no_key_is_needed_and_the_plan_goes_first(
    qtbot: QtBot, t: Catalogue, theme: Theme, station: SmallStation
) -> None:
    panel = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(panel)
    panel.open([view(1, "web-03")])
    given = station.host.orders
    qtbot.waitUntil(lambda: any(isinstance(order, ReadVolatile) for order in given))
    kinds = [type(order) for order in given]
    assert kinds.index(ReadXml) < kinds.index(ReadVolatile)
    assert panel.attempts()[0].stage is Stage.READY  # it was ready before that answer came
    assert station.journal.records() == ()
    panel.shut()
