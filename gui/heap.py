"""Keeps Python's collector of cycles where the window needs it: in one thread, and out of its way.

A collection runs in whatever thread happens to allocate. In another than the window's it would
end Qt objects there: their timers go on firing into freed memory, and the program dies of it. So
the window collects by itself, in moments in which Qt would wait for the next event.
"""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager

from PySide6.QtCore import QAbstractEventDispatcher

GROWTH = 1.25  # a full collection walks everything; it waits until memory has grown by as much


def set_aside() -> None:
    """What was made so far stays for good; what is made later is still collected.

    Modules, functions and the window itself are there until the end. Walking them with every full
    collection took 50 ms of the window's thread at any size of the fleet.
    """
    if not gc.get_freeze_count():
        gc.freeze()


@contextmanager
def collected_here() -> Generator[None]:
    """Collect in this thread alone, Qt's, while this lasts; at its end all that is left."""
    before = gc.isenabled()
    gc.disable()
    idle = QAbstractEventDispatcher.instance().aboutToBlock
    sweeper = Sweeper()
    idle.connect(sweeper.sweep)
    try:
        yield
    finally:
        idle.disconnect(sweeper.sweep)
        gc.collect()
        if before:
            gc.enable()


class Sweeper:
    """The interpreter's own rule of how much is collected when, but for who calls it."""

    def __init__(self) -> None:
        self._blocks = sys.getallocatedblocks()

    def sweep(self) -> None:
        """Collect what is due; nothing when too little was made since the last time."""
        made, younger, older = gc.get_count()
        limits = gc.get_threshold()
        if made <= limits[0]:
            return
        if younger <= limits[1]:
            gc.collect(0)
        elif older <= limits[2] or sys.getallocatedblocks() < self._blocks * GROWTH:
            gc.collect(1)
        else:
            gc.collect()
            self._blocks = sys.getallocatedblocks()
