"""How long `ringfence demo` takes from its start to its first painted window.

`python -m tests.bench.first_paint demo|bare BEGAN` is the measured child: it prints the seconds
since BEGAN (of the system's monotonic clock) at the first paint of a main window, and ends.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import Line

RUNS = 5
ROOT = Path(__file__).parents[2]


def measure() -> list[Line]:
    """Median of fresh processes; a bare window with a table is the baseline."""
    demo, bare = _median("demo"), _median("bare")
    label = f"`ringfence demo` from start to first paint, median of {RUNS}"
    return [Line(label, demo, "s", "< 1.5 s", "bare PySide6 main window with a table", bare)]


def _median(what: str) -> float:
    return sorted(_run(what) for _ in range(RUNS))[RUNS // 2]


def _run(what: str) -> float:
    with tempfile.TemporaryDirectory(prefix="rf-bench-home-") as home:
        environment = {**os.environ, "RINGFENCE_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        words = [sys.executable, "-m", "tests.bench.first_paint", what, str(time.monotonic())]
        done = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
    return float(done.stdout.split()[-1])


def _child(what: str, began: float) -> int:
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QMainWindow

    class Watch(QObject):
        """Ends the process at the first paint of a main window."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
                print(time.monotonic() - began, flush=True)
                os._exit(0)  # workers end with their socket
            return False

    watch = Watch()
    return _demo(watch) if what == "demo" else _bare(watch)


def _demo(watch: object) -> int:
    from PySide6.QtCore import QObject

    from core.cli.main import main
    from gui.application import make_application

    assert isinstance(watch, QObject)
    make_application(sys.argv[:1]).installEventFilter(watch)
    return main(["demo"])


def _bare(watch: object) -> int:
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget

    assert isinstance(watch, QObject)
    application = QApplication(sys.argv[:1])
    application.installEventFilter(watch)
    window = QMainWindow()
    window.setCentralWidget(QTableWidget(20, 8))
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1], float(sys.argv[2])))
