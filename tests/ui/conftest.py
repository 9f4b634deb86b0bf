"""What every story of the window stands on: an offscreen application, words, theme and a loop."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.settings.preferences import Preferences
from core.text import Catalogue, load_catalogue
from gui.application import build_window
from gui.heap import collected_here
from gui.theme import Theme, ThemeChoice, dress, make_theme
from gui.window import MainWindow
from tests.nobody import Nobody
from tests.ui.fleets import odd_fleet
from tests.ui.hand_station import HandStation


def pytest_configure(config: pytest.Config) -> None:
    """The offscreen platform complains of what a real desktop does."""
    for lacking in ("propagateSizeHints", "raise", "grabbing the keyboard"):
        config.addinivalue_line("qt_log_ignore", f"does not support {lacking}")


@pytest.fixture(scope="session")
def t() -> Catalogue:
    return load_catalogue("en")


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    made = make_theme(ThemeChoice.LIGHT)
    dress(qapp, made)
    return made


@pytest.fixture(autouse=True)
def swept(qapp: QApplication) -> Iterator[None]:
    """Widgets of one story are gone before the next: Qt deletes them only in a running loop."""
    with collected_here():
        yield
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[asyncio.AbstractEventLoop]:
    """Asyncio on Qt's own loop: `waitUntil` drives both."""
    made: asyncio.AbstractEventLoop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(made)
    asyncio.events._set_running_loop(made)
    yield made
    asyncio.events._set_running_loop(None)
    _end_tasks(made)
    made.close()
    asyncio.set_event_loop(None)


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


@pytest.fixture
def station(tmp_path: Path, t: Catalogue) -> Iterator[HandStation]:
    made = HandStation(tmp_path, t, odd_fleet())
    yield made
    made.history.close()
    made.journal.close()


@pytest.fixture
def window(
    qtbot: QtBot, station: HandStation, t: Catalogue, loop: asyncio.AbstractEventLoop
) -> Iterator[MainWindow]:
    made = build_window(station, Nobody(), t, Preferences(theme="light", group=""))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.let_go()
