"""Why PySide6 is pinned below 6.12: on Python 3.11 its emit loses a reference to `True`.

With 6.12.0 each `Signal.emit()` drops one reference, and after some thousand the interpreter
aborts (`bool_dealloc`). A bump of the pin is safe when this test passes with it.
"""

import sys

from PySide6.QtCore import QObject, Signal


class Source(QObject):
    fired = Signal(bool)


def ignore(value: bool) -> None:
    """Take what is emitted."""


def test_emit_gives_back_every_reference() -> None:
    source = Source()
    source.fired.connect(ignore)
    before = sys.getrefcount(True)
    for _ in range(1000):
        source.fired.emit(True)
    assert abs(sys.getrefcount(True) - before) < 100
