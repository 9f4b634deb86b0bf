"""Stories of cases: a cut becomes a case, people add to it, a host is believed no more."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.locks import Locks
from core.changes.runner import Runner
from core.changes.seal import KeySealer
from core.incidents.cases import entries
from core.incidents.cases.model import Mark, Status
from core.incidents.desk import IncidentDesk
from core.text import Catalogue
from gui.cases.door import StationCases
from gui.cases.escape_door import StationEscape
from gui.cases.escape_panel import EscapePanel
from gui.cases.panel import CasePanel
from gui.operations.cases import write_report
from gui.theme import Theme
from gui.window import MainWindow
from tests.ui.desk import CTRL, SHIFT, Key_, press
from tests.ui.fleets import HOSTILE, odd_fleet, uuid_of, view
from tests.ui.hand_station import HandStation
from tests.ui.incidents.scripted_host import ScriptedHost

MAC = "52:54:00:00:00:01"


def _now() -> datetime:
    return datetime.now(UTC)


def desk_of(station: HandStation, host: ScriptedHost) -> IncidentDesk:
    """The station's own desk, over a host that is scripted."""
    sealer = KeySealer((os.urandom(32),))
    locks = Locks(station.places.state_dir / "locks")
    runner = Runner(station.journal, host, sealer, locks, station.audit, _now)
    made = IncidentDesk(
        hands=host, journal=station.journal, runner=runner, sealer=sealer, operator="kim"
    )
    station.__dict__["incidents"] = made
    return made


@pytest.fixture
def host() -> ScriptedHost:
    made = ScriptedHost()
    for number in range(1, 4):
        made.add(uuid_of(number), MAC)
    return made


@pytest.fixture
def cases(
    tmp_path: Path, t: Catalogue, host: ScriptedHost, loop: asyncio.AbstractEventLoop
) -> Iterator[HandStation]:
    made = HandStation(tmp_path, t, odd_fleet())
    desk_of(made, host)
    yield made
    made.history.close()
    made.cases.close()
    made.audit.close()
    made.journal.close()


@pytest.fixture
def panel(qtbot: QtBot, t: Catalogue, theme: Theme, cases: HandStation) -> CasePanel:
    made = CasePanel(t, theme, StationCases(cases, t))
    qtbot.addWidget(made)
    made.resize(460, 800)
    return made


def cut(qtbot: QtBot, station: HandStation, reason: str = "odd logins") -> str:
    """A machine is cut off; returns its case."""
    made: list[str] = []

    async def work() -> None:
        plan = await station.incidents.plan_quarantine(view(1, "web-01"), reason)
        await station.incidents.run(plan)
        made.append(plan.case)

    task = asyncio.ensure_future(work())
    qtbot.waitUntil(task.done)
    task.result()
    return made[0]


def opened(qtbot: QtBot, panel: CasePanel, case: str = "") -> None:
    panel.open(case)
    qtbot.waitUntil(lambda: not panel.busy)


def test_a_cut_is_in_the_list_and_enter_opens_its_case(
    panel: CasePanel, cases: HandStation, qtbot: QtBot
) -> None:
    case = cut(qtbot, cases)
    opened(qtbot, panel)
    assert panel.list.count() == 1
    assert "odd logins" in panel.list.item(0).text()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.case is not None)
    assert panel.case is not None and panel.case.id == case
    assert {bar.name for bar in panel.picture.bars()} >= {"link", "proved"}
    assert "hv1/web-01" in panel.facts.text()
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: panel.case is None)


def test_what_is_written_is_read_back(
    panel: CasePanel, cases: HandStation, qtbot: QtBot, t: Catalogue
) -> None:
    opened(qtbot, panel, cut(qtbot, cases))
    panel.writing.text.setText(f"seen at the door {HOSTILE}")
    QTest.keyClick(panel.writing.text, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.case is not None and len(panel.case.notes) == 1)
    assert panel.writing.text.text() == ""
    panel.stepper.buttons[Status.ERADICATE].click()
    qtbot.waitUntil(lambda: panel.case is not None and panel.case.status is Status.ERADICATE)
    panel.stepper.buttons[Status.CLOSED].click()
    qtbot.waitUntil(panel.problem.isVisible)
    assert t("error.case-still-holds.step") in panel.problem.text()
    assert panel.stepper.buttons[Status.ERADICATE].isChecked()


def test_an_empty_line_is_refused_and_kept(
    panel: CasePanel, cases: HandStation, qtbot: QtBot, t: Catalogue
) -> None:
    opened(qtbot, panel, cut(qtbot, cases))
    panel.writing.add.click()
    qtbot.waitUntil(panel.problem.isVisible)
    assert t("error.case-text-empty.cause") in panel.problem.text()


def test_a_playbook_is_begun_and_a_step_ticked(
    panel: CasePanel, cases: HandStation, qtbot: QtBot
) -> None:
    opened(qtbot, panel, cut(qtbot, cases))
    panel.checklist.begun.emit("flood")
    qtbot.waitUntil(lambda: bool(panel.checklist.lines()))
    first = panel.checklist.lines()[0]
    first.box.click()
    qtbot.waitUntil(lambda: panel.checklist.lines()[0].line.mark is Mark.DONE)
    assert panel.checklist.lines()[0].box.isChecked()
    assert not panel.checklist.lines()[1].box.isChecked()


def test_a_host_is_marked_and_its_machines_are_held(
    cases: HandStation, t: Catalogue, theme: Theme, qtbot: QtBot, host: ScriptedHost
) -> None:
    door = StationEscape(cases, cases.incidents)
    panel = EscapePanel(t, theme, door)
    qtbot.addWidget(panel)
    panel.open("hv1", [view(1, "web-01"), view(2, "web-02")])
    qtbot.waitUntil(panel.go.isEnabled)
    assert cases.cases.trust("hv1") is None and host.up(uuid_of(1), MAC)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cases.cases.trust("hv1") is not None)
    qtbot.waitUntil(lambda: not host.up(uuid_of(1), MAC) and not host.up(uuid_of(2), MAC))
    qtbot.waitUntil(lambda: panel.run is not None and not panel.run.running)
    qtbot.waitUntil(panel.apart.isVisible)
    assert panel.line.text() == t("cli.escape.claim", host="hv1")
    panel.apart.click()
    qtbot.waitUntil(lambda: cases.cases.keeps_away("hv1"))
    [case] = cases.cases.all()
    assert case.hosts == ("hv1",) and len(case.machines) == 2


def test_the_window_opens_cases_by_key_and_writes_a_report(
    window: MainWindow, station: HandStation, tmp_path: Path, qtbot: QtBot, host: ScriptedHost
) -> None:
    desk_of(station, host)
    case = cut(qtbot, station, f"drill {HOSTILE}")
    press(window, Key_.Key_K, CTRL | SHIFT)
    qtbot.waitUntil(lambda: window.panels.cases.list.count() == 1)
    path = tmp_path / "case.pdf"
    task = asyncio.ensure_future(write_report(window, case, path))
    qtbot.waitUntil(task.done)
    assert path.read_bytes().startswith(b"%PDF-")
    station.audit.close()
    station.cases.close()


def test_a_suspect_host_stands_in_a_banner_until_it_is_trusted(
    window: MainWindow, station: HandStation, qtbot: QtBot
) -> None:
    assert not window.banners.suspects.isVisible()
    station.audit.append(entries.suspected("c1", "kim", "hv1", "odd qemu"))
    station.look_at_trust()
    window.refresh_now()
    assert window.banners.suspects.isVisible()
    assert "hv1" in window.banners.suspects.words.text()
    station.audit.append(entries.trusted("c1", "kim", "hv1", "installed anew"))
    station.look_at_trust()
    window.refresh_now()
    assert not window.banners.suspects.isVisible()
    station.audit.close()
    station.cases.close()
