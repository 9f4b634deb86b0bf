"""Cycles are collected by the window's thread alone: another one would end Qt objects in use."""

import threading
import weakref

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot


class Ticking(QObject):
    """What a closed panel leaves behind: nobody knows it any more, and its timer still fires."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self
        self.startTimer(1)


def make_cycles(number: int = 50_000) -> None:
    for _ in range(number):
        cycle: list[object] = []
        cycle.append(cycle)


def test_another_thread_leaves_the_windows_garbage_to_the_window(qtbot: QtBot) -> None:
    ended_by: list[int] = []
    weakref.finalize(Ticking(), lambda: ended_by.append(threading.get_ident()))
    busy = threading.Thread(target=make_cycles)
    busy.start()
    busy.join()
    assert not ended_by, "a thread that only allocates ended an object of Qt's"
    qtbot.waitUntil(lambda: bool(ended_by))
    assert ended_by == [threading.get_ident()]


def test_a_loop_that_never_waits_is_swept_too(qtbot: QtBot) -> None:
    ended: list[None] = []
    flood = QTimer(interval=0)
    flood.timeout.connect(lambda: make_cycles(500))
    flood.start()
    weakref.finalize(Ticking(), lambda: ended.append(None))
    qtbot.waitUntil(lambda: bool(ended))
    assert flood.isActive()
