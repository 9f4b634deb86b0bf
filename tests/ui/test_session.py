"""A whole sitting on the demo fleet: real station, real workers, real loop."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from core.settings.places import Places
from core.settings.preferences import Preferences, load_preferences, save_preferences
from core.text import Catalogue, RingfenceError
from gui.application import Session
from gui.window import MainWindow

WAIT_MS = 30_000


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.under(tmp_path).make()


def sit_down(
    qapp: QApplication, places: Places, t: Catalogue, *, demo: bool
) -> tuple[Session, asyncio.Task[None]]:
    session = Session(qapp, places, t)
    return session, asyncio.ensure_future(session.run(demo))


def shown(session: Session) -> MainWindow:
    assert session.window is not None
    return session.window


def test_the_demo_fills_changes_its_clothes_and_leaves(
    qapp: QApplication,
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
    places: Places,
    t: Catalogue,
) -> None:
    save_preferences(places.prefs_file, Preferences(theme="light"))
    session, sitting = sit_down(qapp, places, t, demo=True)
    qtbot.waitUntil(lambda: session.window is not None or sitting.done(), timeout=WAIT_MS)
    first = shown(session)
    qtbot.waitUntil(lambda: len(first.model.shown()) > 50, timeout=WAIT_MS)
    qtbot.waitUntil(first.banners.demo.isVisible, timeout=WAIT_MS)

    key = first.model.shown()[0].key
    first.table.select([key])
    first.trigger("theme-dark")
    second = shown(session)
    assert second is not first
    assert second.theme.dark
    assert second.table.selected_keys() == (key,)

    second.trigger("language-zh-cn")
    third = shown(session)
    assert third.t.language == "zh_CN"
    assert len(third.model.shown()) > 50

    third.trigger("quit")
    qtbot.waitUntil(sitting.done, timeout=WAIT_MS)
    assert sitting.exception() is None
    kept = load_preferences(places.prefs_file)
    assert (kept.theme, kept.language) == ("dark", "zh_CN")


def test_a_station_that_cannot_be_opened_says_why(
    qapp: QApplication,
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
    places: Places,
    t: Catalogue,
) -> None:
    places.journal_file.mkdir(parents=True)
    _, sitting = sit_down(qapp, places, t, demo=False)
    qtbot.waitUntil(lambda: bool(problems()), timeout=WAIT_MS)
    box = problems()[0]
    assert box.text()
    assert box.informativeText()
    box.buttons()[0].click()
    qtbot.waitUntil(sitting.done, timeout=WAIT_MS)
    assert isinstance(sitting.exception(), RingfenceError)


def problems() -> list[QMessageBox]:
    found = (one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox))
    return [one for one in found if one.objectName() == "problem" and one.isVisible()]


def test_a_newcomer_is_led_into_the_demo(
    qapp: QApplication,
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
    places: Places,
    t: Catalogue,
) -> None:
    save_preferences(places.prefs_file, msgspec.structs.replace(Preferences(), theme="light"))
    session, sitting = sit_down(qapp, places, t, demo=False)
    qtbot.waitUntil(lambda: session.window is not None or sitting.done(), timeout=WAIT_MS)
    first = shown(session)
    assert first.parts.rows.currentWidget() is first.panels.first_run
    first.panels.first_run.demo.click()
    qtbot.waitUntil(lambda: shown(session) is not first, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(shown(session).model.shown()) > 50, timeout=WAIT_MS)
    shown(session).leave()
    qtbot.waitUntil(sitting.done, timeout=WAIT_MS)
    assert sitting.exception() is None
