"""Put what is selected on the clipboard, or write the shown rows to a file."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from core.text import RingfenceError
from gui.fleet.copying import Extract, command_lines

if TYPE_CHECKING:
    from gui.window import MainWindow


def copy_cell(window: "MainWindow") -> None:
    index = window.table.currentIndex()
    view = window.model.view_at(index.row())
    if view is not None:
        _put(window, window.model.columns[index.column()].text(view, window.t), 1)


def copy_rows(window: "MainWindow") -> None:
    _put(window, _selection(window).as_text(), len(window.situation().machines))


def copy_csv(window: "MainWindow") -> None:
    _put(window, _selection(window).as_csv(), len(window.situation().machines))


def copy_json(window: "MainWindow") -> None:
    _put(window, _selection(window).as_json(), len(window.situation().machines))


def copy_markdown(window: "MainWindow") -> None:
    _put(window, _selection(window).as_markdown(), len(window.situation().machines))


def copy_command(window: "MainWindow") -> None:
    machines = window.situation().machines
    _put(window, command_lines(machines), len(machines))


def export(window: "MainWindow") -> None:
    """Ask where to, and write all shown rows in the form that the file's name says."""
    t = window.t
    dialog = QFileDialog(window, t("window.export.title"))
    dialog.setObjectName("export")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(["CSV (*.csv)", "JSON (*.json)", "Markdown (*.md)"])
    dialog.selectFile("fleet.csv")
    dialog.fileSelected.connect(partial(_write_named, window))
    dialog.open()


def write_rows(window: "MainWindow", path: Path) -> None:
    """Write the shown rows; the ending chooses the form, CSV when it says nothing.

    Raises:
        RingfenceError: export-failed.
    """
    extract = Extract(window.model.shown(), window.table_columns(), window.t)
    forms = {".json": extract.as_json, ".md": extract.as_markdown}
    try:
        path.write_text(forms.get(path.suffix.lower(), extract.as_csv)(), "utf-8", newline="")
    except OSError as error:
        raise RingfenceError("export-failed", str(error), path=str(path)) from error
    window.say(window.t("window.said.exported", count=len(window.model.shown()), path=str(path)))


def _write_named(window: "MainWindow", name: str) -> None:
    write_rows(window, Path(name))


def _selection(window: "MainWindow") -> Extract:
    return Extract(window.situation().machines, window.table_columns(), window.t)


def _put(window: "MainWindow", text: str, count: int) -> None:
    QGuiApplication.clipboard().setText(text)
    window.say(window.t("window.said.copied", count=count))
