"""All machines of a suspect host, when somebody depends on one: named, ticked, and only then."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.fleet.model import MachineView
from core.incidents.cases.escape import Escape
from core.incidents.quarantine import CUT_ANYWAY
from core.text import Catalogue, Text, load_catalogue
from gui.cases.escape_panel import EscapePanel
from gui.changes.plan_run import PlanRun
from gui.theme import Theme
from tests.ui.fleets import uuid_of, view
from tests.ui.incidents.bench import SmallStation

K = Qt.Key
MAC = "52:54:00:00:00:01"
DEPENDS = Text("incidents.dependent.own-dns", {"address": "192.0.2.53"})
OTHER = Text("incidents.warning.not-prepared")


class Door:
    """One machine that others need; `needs` is what its plan asks for."""

    def __init__(self, station: SmallStation, *needs: str) -> None:
        self._station, self._needs = station, needs

    async def plan(self, host: str, views: Sequence[MachineView], reason: str) -> Escape:
        plan = await self._station.incidents.plan_quarantine(views[0], reason)
        plan = structs.replace(plan, needs=self._needs, warnings=(DEPENDS, OTHER))
        return Escape(host, plan.case, reason, plan)

    def begin(self, found: Escape, confirmed_at: float) -> PlanRun | None:
        assert found.plan is not None
        plan = found.plan
        run = PlanRun(plan)
        run.start(lambda progress: self._station.incidents.run(plan, progress, confirmed_at))
        return run

    async def mark(self, found: Escape) -> None:
        return

    async def cut_off(self, found: Escape) -> None:
        return


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> SmallStation:
    made = SmallStation(tmp_path)
    made.host.add(uuid_of(1), MAC)
    return made


def opened(
    qtbot: QtBot, station: SmallStation, t: Catalogue, theme: Theme, *needs: str
) -> EscapePanel:
    panel = EscapePanel(t, theme, Door(station, *needs))
    qtbot.addWidget(panel)
    panel.resize(440, 760)
    panel.open("hv1", [view(1, "web-01")])
    panel.activateWindow()
    qtbot.waitUntil(panel.go.isEnabled)
    return panel


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_is_cut_before_the_tick(
    language: str, qtbot: QtBot, station: SmallStation, theme: Theme
) -> None:
    t = load_catalogue(language)
    panel = opened(qtbot, station, t, theme, CUT_ANYWAY)
    assert t.say(DEPENDS) in panel.dependents.lines.text()
    assert t.say(DEPENDS) not in panel.line.text() and t.say(OTHER) in panel.line.text()
    QTest.keyClick(panel, K.Key_Return)
    assert panel.problem.isVisible() and t("error.cut-anyway-needed.cause") in panel.problem.text()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is panel.dependents.box)
    assert station.journal.records() == () and station.host.up(uuid_of(1), MAC)
    QTest.keyClick(panel.dependents.box, K.Key_Space)
    assert not panel.problem.isVisible()
    QTest.keyClick(panel.dependents.box, K.Key_Return)
    qtbot.waitUntil(lambda: panel.run is not None and not panel.run.running)
    assert not station.host.up(uuid_of(1), MAC)
    qtbot.waitUntil(lambda: not panel.dependents.isVisible())
    station.close()


def test_another_need_is_not_given_by_this_tick(
    qtbot: QtBot, station: SmallStation, t: Catalogue, theme: Theme
) -> None:
    panel = opened(qtbot, station, t, theme, CUT_ANYWAY, "something-else")
    panel.dependents.box.click()
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: panel.run is not None and panel.run.problem is not None)
    qtbot.waitUntil(panel.problem.isVisible)
    assert "something-else" in panel.problem.text()
    assert station.host.up(uuid_of(1), MAC)
    station.close()


def test_nobody_depends_and_nothing_is_asked(
    qtbot: QtBot, station: SmallStation, t: Catalogue, theme: Theme
) -> None:
    panel = opened(qtbot, station, t, theme)
    assert not panel.dependents.isVisible()
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: not station.host.up(uuid_of(1), MAC))
    qtbot.waitUntil(lambda: panel.run is not None and not panel.run.running)
    station.close()
