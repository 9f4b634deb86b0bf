"""Cases: the list, the case of a held machine, its report; a host that is not believed any more."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QInputDialog

from core.incidents.cases.escape import machines_on
from core.incidents.reasons import checked_reason
from core.text import RingfenceError
from gui.plain import menu_text, one_line
from gui.reports.paper import write_page

if TYPE_CHECKING:
    from gui.window import MainWindow


def open_cases(window: "MainWindow") -> None:
    window.open_side(window.panels.cases)
    window.panels.cases.open()


def open_case(window: "MainWindow") -> None:
    """The case of the machine the admin stands on."""
    held = [view.quarantine for view in window.situation().machines if view.quarantine is not None]
    window.open_side(window.panels.cases)
    window.panels.cases.open(held[0].case if held else "")


def escape(window: "MainWindow") -> None:
    """The plan for every machine of the host, beside the table."""
    host = window.situation().host
    if host is not None:
        window.open_side(window.panels.escape)
        window.panels.escape.open(host.name, machines_on(window.fleet_view, host.name))


def trust(window: "MainWindow") -> None:
    """Ask for the reason; without one nothing is believed again."""
    host = window.situation().host
    if host is None:
        return
    dialog = QInputDialog(window)
    dialog.setObjectName("trust-host")
    dialog.setWindowTitle(window.t("window.action.trust-host"))
    dialog.setLabelText(one_line(window.t("cases.trust.why", host=host.name)))
    dialog.setOkButtonText(menu_text(window.t("cases.trust.yes", host=host.name)))
    dialog.setCancelButtonText(window.t("window.cancel"))
    dialog.textValueSelected.connect(partial(_trust, window, host.name))
    dialog.open()


def _trust(window: "MainWindow", host: str, reason: str) -> None:
    window.panels.work.start(_trusted(window, host, reason), f"trust {host}")


async def _trusted(window: "MainWindow", host: str, reason: str) -> None:
    try:
        await window.panels.escape_door.trust(host, checked_reason(reason))
    except RingfenceError as error:
        window.say(window.t.say(error.cause))
        return
    window.say(window.t("cli.trust.done", host=host))


def report(window: "MainWindow", case: str) -> None:
    """Ask where to; the file's name says whether it is HTML or PDF."""
    dialog = QFileDialog(window, window.t("cases.panel.report"))
    dialog.setObjectName("case-report")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(["PDF (*.pdf)", "HTML (*.html)"])
    dialog.selectFile(f"case-{case[-8:]}.pdf")
    dialog.fileSelected.connect(partial(_write, window, case))
    dialog.open()


def _write(window: "MainWindow", case: str, name: str) -> None:
    window.panels.work.start(write_report(window, case, Path(name)), "case report")


async def write_report(window: "MainWindow", case: str, path: Path) -> None:
    """Verify the record, lay the report out, and say where it is."""
    try:
        write_page(await window.panels.case_door.page(case), path)
    except RingfenceError as error:
        window.say(window.t.say(error.cause))
        return
    window.say(window.t("cli.case.report-written", path=str(path)))
