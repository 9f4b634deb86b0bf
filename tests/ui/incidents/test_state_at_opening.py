"""What a host knows of a machine's network is asked for as the panel opens, and delays nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.hands import Result
from core.hosts.helper.observing import ReadVolatile
from core.hosts.protocol import Order, ReadXml
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import uuid_of, view
from tests.ui.incidents.bench import SmallStation
from tests.ui.incidents.scripted_host import ScriptedHost

MAC = "52:54:00:00:00:01"


class SlowHost(ScriptedHost):
    """Answers one kind of order only once it `may`."""

    def __init__(self) -> None:
        super().__init__()
        self.slow_in: type[Order] = ReadVolatile
        self.may = asyncio.Event()

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if isinstance(order, self.slow_in):
            self.orders.append(order)
            await self.may.wait()
        return await super().order(host, order, deadline_s)

    def asked(self, kind: type[Order]) -> bool:
        return any(isinstance(order, kind) for order in self.orders)


@pytest.fixture
def host(loop: asyncio.AbstractEventLoop) -> SlowHost:
    made = SlowHost()
    made.add(uuid_of(1), MAC)
    return made


@pytest.fixture
def panel(
    qtbot: QtBot, t: Catalogue, theme: Theme, tmp_path: Path, host: SlowHost
) -> Iterator[QuarantinePanel]:
    station = SmallStation(tmp_path, host)
    made = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(made)
    yield made
    host.may.set()
    made.shut()
    station.close()


def test_it_is_asked_before_the_plan_is_ready(
    qtbot: QtBot, host: SlowHost, panel: QuarantinePanel
) -> None:
    host.slow_in = ReadXml
    panel.open([view(1, "web-03")])
    qtbot.waitUntil(lambda: host.asked(ReadVolatile) and host.asked(ReadXml))
    assert panel.attempts()[0].stage is Stage.PLANNING


def test_neither_the_plan_nor_the_cut_waits_for_it(
    qtbot: QtBot, host: SlowHost, panel: QuarantinePanel
) -> None:
    panel.open([view(1, "web-03")])
    attempt = panel.attempts()[0]
    qtbot.waitUntil(lambda: attempt.stage is Stage.READY)
    assert host.asked(ReadVolatile) and not host.may.is_set()
    QTest.keyClick(panel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: attempt.stage is Stage.ENDED)
    assert not host.up(uuid_of(1), MAC)
