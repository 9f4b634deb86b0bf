"""From the table to the proof without a mouse: the keys go where the eyes are."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.settings.preferences import Preferences
from core.text import Catalogue
from gui.application import build_window
from gui.window import MainWindow
from tests.nobody import Nobody
from tests.ui.fleets import fleet, uuid_of, view
from tests.ui.hand_station import HandStation
from tests.ui.incidents.scripted_host import ScriptedHost

MAC = "52:54:00:00:00:01"


@pytest.fixture
def scripted() -> ScriptedHost:
    made = ScriptedHost()
    made.add(uuid_of(1), MAC)
    return made


@pytest.fixture
def window(
    tmp_path: Path,
    qtbot: QtBot,
    t: Catalogue,
    loop: asyncio.AbstractEventLoop,
    scripted: ScriptedHost,
) -> Iterator[MainWindow]:
    station = HandStation(tmp_path, t, fleet([view(1, "web-01"), view(2, "web-02")]))
    station.hands = cast(Any, scripted)  # a station's own hands need a worker behind them
    made = build_window(station, Nobody(), t, Preferences(theme="light", group=""))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.let_go()
    station.history.close()
    station.journal.close()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press where the focus is, as a person does."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def test_select_cut_and_close_by_keys(
    window: MainWindow, scripted: ScriptedHost, qtbot: QtBot
) -> None:
    window.table.setFocus()
    window.table.select([next(iter(window.fleet_view.machines))])
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(Qt.Key.Key_Q, both)
    panel = window.panels.quarantine
    qtbot.waitUntil(panel.hasFocus)
    press(Qt.Key.Key_5)
    assert panel.reason.presets[4].isChecked()
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.attempts()[0].result == "contained")
    assert not scripted.up(uuid_of(1), MAC)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert window.table.hasFocus()


def test_tab_reaches_the_reason_the_steps_and_the_buttons(window: MainWindow, qtbot: QtBot) -> None:
    window.table.select([next(iter(window.fleet_view.machines))])
    window.trigger("quarantine")
    panel = window.panels.quarantine
    qtbot.waitUntil(panel.hasFocus)
    qtbot.waitUntil(lambda: panel.attempts()[0].plan is not None)
    reached: list[object] = []
    for _ in range(9):
        press(Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached[0] is panel.modes
    assert panel.evidence.fold in reached
    assert panel.reason.edit in reached
    assert panel.attempts()[0].fold in reached
    assert panel.go in reached
    assert panel.cancel in reached
