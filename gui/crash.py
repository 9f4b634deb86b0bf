"""The one place where errors become words: ours as sentences, everything else as a bug.

A RingfenceError is shown with its cause and next step. Any other exception goes to the log and,
once for each place it happened, to a dialog that can be copied.
"""

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from core.text import Catalogue, RingfenceError
from gui.next_step import step_of
from gui.plain import plain_message

_log = logging.getLogger(__name__)
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


class ErrorDoor:
    """Catches what nobody else did: exceptions of slots, tasks and the loop."""

    def __init__(self, catalogue: Catalogue, window: Callable[[], QWidget | None]) -> None:
        self._t = catalogue
        self._window = window
        self._shown: set[str] = set()
        self._previous: Hook = sys.excepthook

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        self._previous = sys.excepthook
        sys.excepthook = self.caught
        loop.set_exception_handler(self._from_loop)

    def speak(self, catalogue: Catalogue) -> None:
        self._t = catalogue

    def remove(self) -> None:
        sys.excepthook = self._previous

    def caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Show an error to the user, or a bug to the log and the user."""
        if isinstance(error, KeyboardInterrupt | SystemExit):
            QGuiApplication.quit()
            return
        if isinstance(error, RingfenceError):
            self.problem(error)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        _log.error("unexpected: %s", text)
        place = _place(trace)
        if place not in self._shown:
            self._shown.add(place)
            self._bug(text)

    def problem(self, error: RingfenceError) -> QMessageBox:
        """Say what failed, why and what to do; the other side's own words unfold."""
        box = plain_message(self._window(), self._t("window.problem.title"))
        box.setObjectName("problem")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(self._t.say(error.cause))
        box.setInformativeText(self._t.say(step_of(error, self._t)))
        if error.detail:
            box.setDetailedText(error.detail)
        box.addButton(self._t("window.problem.close"), QMessageBox.ButtonRole.AcceptRole)
        box.open()
        return box

    def _bug(self, text: str) -> None:
        box = plain_message(self._window(), self._t("window.crash.title"))
        box.setObjectName("crash")
        box.setIcon(QMessageBox.Icon.Critical)
        box.setText(self._t("window.crash.text"))
        box.setDetailedText(text)
        copy = box.addButton(self._t("window.crash.copy"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(self._t("window.problem.close"), QMessageBox.ButtonRole.AcceptRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        box.open()

    def _from_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self.caught(type(error), error, error.__traceback__)
        else:
            _log.error("event loop: %s", context.get("message"))


def _place(trace: TracebackType | None) -> str:
    """Name where it happened, so that a bug in a timer is not shown a hundred times."""
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
