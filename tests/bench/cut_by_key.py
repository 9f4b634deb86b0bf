"""Quarantine one machine in the real window by keys alone."""

import asyncio
import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from core.fleet.model import Key
from core.incidents.model import Mode
from gui.incidents.attempt import Stage
from gui.incidents.panel import IncidentPanel
from gui.window import MainWindow

PATIENCE_S = 20.0
READING_S = 1.0  # a person looks at the plan before saying yes


async def cut_by_key(window: MainWindow, key: Key, mode: Mode, station: str) -> int:
    """Open the panel, choose, wait for the plan, press Enter; returns the time of that key.

    No evidence is taken after it: each run is given back at once. `station` is let in by a door
    where the mode has one.
    """
    window.table.setFocus()
    window.table.select([key])
    window.trigger("quarantine")
    panel = window.panels.quarantine
    panel.evidence.choose(())
    panel.modes.choose(list(Mode).index(mode) + 1)
    panel.doors.rows[0].station.setText(station)
    panel.plan_anew()
    await until_seen(lambda: panel.isVisible() and _planned(panel, mode))
    await asyncio.sleep(READING_S)
    asked_at = time.time_ns()
    press(panel, Qt.Key.Key_Return)
    await until_seen(lambda: _stage(panel) is Stage.ENDED)
    panel.shut()
    return asked_at


def _stage(panel: IncidentPanel) -> Stage:
    attempts = panel.attempts()
    return attempts[0].stage if attempts else Stage.PLANNING


def _planned(panel: IncidentPanel, mode: Mode) -> bool:
    plan = panel.attempts()[0].plan if panel.attempts() else None
    return _stage(panel) is Stage.READY and plan is not None and plan.mode is mode


def press(panel: IncidentPanel, key: Qt.Key) -> None:
    """Post it, as the window system does: it waits its turn in the window's loop."""
    target = QApplication.focusWidget() or panel
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.postEvent(target, event)


async def until_seen(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not seen():
        if time.monotonic() > until:
            raise TimeoutError("the panel did not come that far")
        await asyncio.sleep(0.01)
