"""Write the posture report to a file that the admin names."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from core.reports.posture import posture_page
from gui.reports.paper import write_page

if TYPE_CHECKING:
    from gui.window import MainWindow


def report(window: "MainWindow") -> None:
    """Ask where to; the file's name says whether it is HTML or PDF."""
    dialog = QFileDialog(window, window.t("window.report.title"))
    dialog.setObjectName("report")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(["PDF (*.pdf)", "HTML (*.html)"])
    dialog.selectFile("posture.pdf")
    dialog.fileSelected.connect(partial(_write, window))
    dialog.open()


def _write(window: "MainWindow", name: str) -> None:
    write_report(window, Path(name))


def write_report(window: "MainWindow", path: Path) -> None:
    """Write the whole fleet's report.

    Raises:
        RingfenceError: file-not-written.
    """
    write_page(posture_page(window.fleet_view, window.t, datetime.now(UTC)), path)
    count = len(window.fleet_view.machines)
    window.say(window.t("window.said.exported", count=count, path=str(path)))
