"""A drill from the window: meant by its name, cut, given back, and the times beside the goals."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.locks import Locks
from core.changes.runner import Runner
from core.changes.seal import KeySealer
from core.facts import MachineState
from core.fleet.model import MachineView
from core.incidents.desk import IncidentDesk
from core.incidents.drill import Part
from core.settings.model import Protection, ZoneEntry
from core.text import Catalogue, load_catalogue
from core.zones.model import Membership
from gui.changes.plan_run import PlanRun
from gui.incidents.door import LateDoor
from gui.incidents.drill_door import StationDrill
from gui.incidents.drill_panel import DrillPanel
from gui.theme import Theme
from gui.window import MainWindow
from tests.ui.fleets import odd_fleet, uuid_of, view
from tests.ui.hand_station import HandStation
from tests.ui.incidents.scripted_host import ScriptedHost

MAC = "52:54:00:00:00:01"
ONE = uuid_of(1)
K = Qt.Key


class NearDrill(StationDrill):
    """A machine that is read in no time, and has nothing to settle."""

    host: ScriptedHost

    def find(self, view: MachineView) -> MachineView:
        if view.key.uuid not in self.host.paused:
            return view
        return structs.replace(view, row=structs.replace(view.row, state=MachineState.PAUSED))

    async def _settled(self, view: MachineView) -> None:
        return


@pytest.fixture
def host() -> ScriptedHost:
    made = ScriptedHost()
    made.add(ONE, MAC)
    return made


@pytest.fixture
def desk(
    tmp_path: Path, t: Catalogue, host: ScriptedHost, loop: asyncio.AbstractEventLoop
) -> Iterator[HandStation]:
    made = HandStation(tmp_path, t, odd_fleet())
    sealer = KeySealer((os.urandom(32),))
    locks = Locks(tmp_path / "locks")
    runner = Runner(made.journal, host, sealer, locks, made.audit, lambda: datetime.now(UTC))
    made.__dict__["incidents"] = IncidentDesk(
        hands=host, journal=made.journal, runner=runner, sealer=sealer, operator="kim"
    )
    yield made
    made.history.close()
    made.cases.close()
    made.audit.close()
    made.journal.close()


def panel_on(
    qtbot: QtBot, desk: HandStation, host: ScriptedHost, t: Catalogue, theme: Theme
) -> DrillPanel:
    door = NearDrill(desk, LateDoor(lambda: desk.incidents))
    door.host = host
    made = DrillPanel(t, theme, door)
    qtbot.addWidget(made)
    made.resize(440, 760)
    return made


@pytest.fixture
def panel(
    qtbot: QtBot, desk: HandStation, host: ScriptedHost, t: Catalogue, theme: Theme
) -> DrillPanel:
    return panel_on(qtbot, desk, host, t, theme)


def ready(qtbot: QtBot, panel: DrillPanel, machine: MachineView) -> None:
    panel.open(machine)
    qtbot.waitUntil(lambda: panel.plan is not None)


def confirmed(qtbot: QtBot, panel: DrillPanel, name: str) -> None:
    QTest.keyClicks(panel.name, name)
    QTest.keyClick(panel.name, K.Key_Return)
    qtbot.waitUntil(lambda: panel.report is not None)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_typed_name_cuts_and_gives_back_and_tells_the_times(
    language: str, qtbot: QtBot, desk: HandStation, host: ScriptedHost, theme: Theme
) -> None:
    t = load_catalogue(language)
    panel = panel_on(qtbot, desk, host, t, theme)
    runs: list[PlanRun] = []
    panel.run_started.connect(runs.append)
    ready(qtbot, panel, view(1, "build-01"))
    panel.evidence.choose(())
    confirmed(qtbot, panel, "build-01")
    report = panel.report
    assert report is not None and not report.still_held
    assert host.up(ONE, MAC) and ONE not in host.paused
    records = desk.journal.records()
    assert {record.plan.kind for record in records} == {"quarantine", "release"}
    assert all(record.plan.drill for record in records)
    assert [run.plan.kind for run in runs] == ["quarantine", "release"]
    rows = panel.times.rows
    assert len(rows) == len(Part) and panel.times.isVisible()
    assert t("drill.part.cut") in rows[0] and t("panels.drill.goal", time="0.1 s") in rows[0]
    assert t("panels.drill.verdict.left-out") in rows[2]
    qtbot.waitUntil(lambda: len(desk.cases.all()) == 1 and bool(desk.cases.all()[0].notes))
    assert t("drill.part.release") in desk.cases.all()[0].notes[0].text
    QTest.keyClick(panel, K.Key_Return)
    assert not panel.isVisible()


def test_nothing_is_done_under_another_name(
    panel: DrillPanel, desk: HandStation, host: ScriptedHost, qtbot: QtBot, t: Catalogue
) -> None:
    ready(qtbot, panel, view(1, "build-01"))
    for typed in ("", "build-0"):
        panel.name.setText(typed)
        QTest.keyClick(panel, K.Key_Return)
        assert panel.problem.isVisible()
    assert t("error.drill-name.cause", target="hv1/build-01") in panel.problem.text()
    QTest.keyClick(panel, K.Key_Escape)
    assert desk.journal.records() == () and host.up(ONE, MAC)


def test_a_machine_that_is_not_harmless_needs_a_tick(
    panel: DrillPanel, desk: HandStation, qtbot: QtBot
) -> None:
    zone = Membership(ZoneEntry("vault", protection=Protection.HIGH), ("network",))
    ready(qtbot, panel, structs.replace(view(1, "build-01"), zones=(zone,)))
    assert "vault" in panel.anyway.lines.text()
    QTest.keyClicks(panel.name, "build-01")
    QTest.keyClick(panel.name, K.Key_Return)
    assert panel.problem.isVisible() and desk.journal.records() == ()
    panel.anyway.box.click()
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: panel.report is not None)


def test_a_machine_that_could_not_be_given_back_is_said_to_be_held(
    panel: DrillPanel, host: ScriptedHost, qtbot: QtBot, t: Catalogue
) -> None:

    def fall_silent(_: PlanRun) -> None:
        host.silent.add(ONE)

    panel.run_started.connect(fall_silent)
    ready(qtbot, panel, view(1, "build-01"))
    panel.evidence.choose(())
    confirmed(qtbot, panel, "build-01")
    assert panel.report is not None and panel.report.still_held
    assert t("error.drill-still-held.cause", target="hv1/build-01") in panel.problem.text()
    assert t("panels.drill.short") in panel.line.text()


def test_a_drill_goes_on_with_its_panel_closed(
    panel: DrillPanel, host: ScriptedHost, qtbot: QtBot
) -> None:
    ready(qtbot, panel, view(1, "build-01"))
    panel.evidence.choose(())
    panel.name.setText("build-01")
    QTest.keyClick(panel, K.Key_Return)
    assert panel.busy
    QTest.keyClick(panel, K.Key_Escape)
    assert not panel.isVisible()
    panel.open(view(2, "other"))
    assert "build-01" in panel.title.text()  # the one that runs
    qtbot.waitUntil(lambda: panel.report is not None)
    assert host.up(ONE, MAC)


def test_a_held_machine_is_refused_in_words(panel: DrillPanel, qtbot: QtBot, t: Catalogue) -> None:
    panel.open(view(1, "build-01", read_only=True))
    qtbot.waitUntil(panel.problem.isVisible)
    assert not panel.go.isEnabled()


def test_the_menu_opens_it_for_one_machine(window: MainWindow, qtbot: QtBot) -> None:
    machine = next(each for each in window.fleet_view.machines.values() if not each.read_only)
    window.table.select([machine.key])
    window.trigger("drill")
    qtbot.waitUntil(lambda: machine.name in window.panels.drill.title.text())
    assert window.panels.drill.isVisible()
