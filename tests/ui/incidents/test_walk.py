"""Through the panels of an incident by Tab and Esc: in order, named, nothing cut, nothing lost."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from core.hosts.effects import EFFECTS
from core.hosts.helper.closed_set import READINGS
from core.incidents.model import Mode
from core.settings.preferences import Preferences
from core.text import Catalogue
from gui.application import build_window
from gui.window import MainWindow
from tests.nobody import Nobody
from tests.ui.fleets import fleet, quarantine, uuid_of, view
from tests.ui.hand_station import HandStation
from tests.ui.incidents.scripted_host import ScriptedHost

K = Qt.Key
MOST_STOPS = 60


@pytest.fixture
def scripted() -> ScriptedHost:
    made = ScriptedHost()
    for number in (1, 2):
        made.add(uuid_of(number), f"52:54:00:00:00:0{number}")
    return made


@pytest.fixture
def window(
    tmp_path: Path,
    qtbot: QtBot,
    t: Catalogue,
    loop: asyncio.AbstractEventLoop,
    scripted: ScriptedHost,
) -> Iterator[MainWindow]:
    machines = [view(1, "web-01"), view(2, "web-02", held=quarantine())]
    station = HandStation(tmp_path, t, fleet(machines))
    station.hands = cast(Any, scripted)  # a station's own hands need a worker behind them
    made = build_window(station, Nobody(), t, Preferences(theme="light", group=""))
    qtbot.addWidget(made)
    made.resize(1280, 1600)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.let_go()
    station.cases.close()
    station.history.close()
    station.journal.close()


def opened(window: MainWindow, qtbot: QtBot, what: str) -> QWidget:
    """One of the panels, with everything unfolded that asks for keys."""
    held = what == "release"
    key = next(each.key for each in window.model.shown() if (each.quarantine is not None) is held)
    window.table.select([key])
    window.trigger(what)
    panel = cast(QWidget, getattr(window.panels, what))
    qtbot.waitUntil(panel.isVisible)
    if what == "quarantine":
        window.panels.quarantine.modes.choose(list(Mode).index(Mode.FORENSIC) + 1)
        window.panels.quarantine.evidence.fold.setChecked(True)
    if what == "release":
        window.panels.release.hows.choose(3)
    QApplication.processEvents()
    panel.setFocus()
    return panel


def stops(panel: QWidget) -> list[QWidget]:
    """Where Tab goes within the panel."""
    found: list[QWidget] = []
    for _ in range(MOST_STOPS):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, K.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in found or not panel.isAncestorOf(now):
            break
        found.append(now)
    return found


def takes_keys(panel: QWidget) -> set[QWidget]:
    return {
        part
        for part in panel.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and part.isVisible()
        and part.isEnabled()
        and not isinstance(part, QScrollArea)
    }


PANELS = ("quarantine", "release", "drill", "cases")


@pytest.mark.parametrize("what", PANELS)
def test_tab_goes_from_the_top_down_and_leaves_nothing_out(
    what: str, window: MainWindow, qtbot: QtBot
) -> None:
    panel = opened(window, qtbot, what)
    found = stops(panel)
    assert takes_keys(panel) - {panel} <= {*found}
    tops = [each.mapTo(panel, QPoint(0, each.height() // 2)).y() for each in found]
    later = [b for a, b in pairwise(tops) if b < a - 12]
    assert later == [], [each.objectName() or type(each).__name__ for each in found]
    said = [each for each in found if not (each.accessibleName() or _own_words(each))]
    assert said == []


def _own_words(part: QWidget) -> str:
    text = getattr(part, "text", None)
    return str(text()) if callable(text) and not isinstance(part, QLineEdit) else ""


@pytest.mark.parametrize("what", PANELS)
def test_esc_closes_from_everywhere_and_orders_nothing(
    what: str, window: MainWindow, qtbot: QtBot, scripted: ScriptedHost
) -> None:
    panel = opened(window, qtbot, what)
    for stop in [panel, *stops(panel)]:
        if not panel.isVisible():
            opened(window, qtbot, what)
        if not stop.isVisible():
            continue
        stop.setFocus()
        QTest.keyClick(stop, K.Key_Escape)
        assert not panel.isVisible(), stop.objectName()
        assert window.table.hasFocus()
    ordered = [each for each in scripted.orders if isinstance(each, EFFECTS)]
    assert all(isinstance(each, READINGS) for each in ordered)
    assert window.station.journal.records() == ()


def test_a_reason_that_was_typed_waits_for_the_same_machine(
    window: MainWindow, qtbot: QtBot, scripted: ScriptedHost
) -> None:
    opened(window, qtbot, "quarantine")
    reason = window.panels.quarantine.reason
    reason.edit.clear()
    QTest.keyClicks(reason.edit, "beacons to 192.0.2.7")
    QTest.keyClick(reason.edit, K.Key_Escape)
    opened(window, qtbot, "quarantine")
    assert reason.edit.text() == "beacons to 192.0.2.7"
    assert not any(preset.isChecked() for preset in reason.presets)
