"""One place shows errors: ours as sentences, anything else as a bug, once."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.text import Catalogue, RingfenceError
from gui.crash import ErrorDoor
from tests.ui.fleets import HOSTILE


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    yield made


@pytest.fixture
def door(window: QWidget, t: Catalogue) -> ErrorDoor:
    return ErrorDoor(t, lambda: window)


def fail(error: Exception) -> Exception:
    """Return the error with the traceback of where it was raised."""
    try:
        raise error
    except type(error) as raised:
        return raised


def show(door: ErrorDoor, error: Exception) -> None:
    raised = fail(error)
    door.caught(type(raised), raised, raised.__traceback__)


def test_our_errors_say_cause_and_step(door: ErrorDoor, window: QWidget, t: Catalogue) -> None:
    show(door, RingfenceError("export-failed", HOSTILE, path=HOSTILE))
    box = window.findChild(QMessageBox, "problem")
    assert box is not None
    assert box.textFormat() is Qt.TextFormat.PlainText
    assert box.text() == t("error.export-failed.cause", path=HOSTILE)
    assert box.informativeText() == t("error.export-failed.step")
    assert box.detailedText() == HOSTILE


def test_a_bug_goes_to_the_log_and_is_shown_once(
    door: ErrorDoor, window: QWidget, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        show(door, ZeroDivisionError("first"))
        show(door, ZeroDivisionError("second"))
    assert caplog.text.count("ZeroDivisionError") >= 2
    boxes = window.findChildren(QMessageBox, "crash")
    assert len(boxes) == 1
    copy = boxes[0].findChildren(QPushButton)[0]
    assert "ZeroDivisionError: first" in boxes[0].detailedText()
    copy.click()


def test_the_details_are_copied(door: ErrorDoor, window: QWidget, t: Catalogue) -> None:
    show(door, ZeroDivisionError("copied"))
    box = window.findChild(QMessageBox, "crash")
    assert box is not None
    button = next(one for one in box.buttons() if one.text() == t("window.crash.copy"))
    button.click()
    assert "ZeroDivisionError: copied" in QGuiApplication.clipboard().text()


def test_a_task_that_fails_is_not_silent(
    door: ErrorDoor, window: QWidget, loop: asyncio.AbstractEventLoop, qtbot: QtBot
) -> None:
    door.install(loop)
    try:
        loop.call_exception_handler(
            {"message": "task", "exception": fail(RingfenceError("export-failed", path="x"))}
        )
    finally:
        door.remove()
    assert window.findChild(QMessageBox, "problem") is not None
