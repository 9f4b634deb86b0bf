"""Add, check, ask again and forget a host; open the demo fleet."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from core.settings.fleet_editor import FleetEditor
from core.settings.model import HostEntry
from gui.plain import one_line, plain_message

if TYPE_CHECKING:
    from gui.window import MainWindow


def add_host(window: "MainWindow") -> None:
    window.open_side(window.panels.add_host)
    window.panels.add_host.open()


def open_demo(window: "MainWindow") -> None:
    window.demo_wanted.emit()


def check_host(window: "MainWindow") -> None:
    host = window.situation().host
    if host is not None:
        window.open_side(window.panels.check_host)
        window.panels.check_host.open(host.entry)


def prepare_host(window: "MainWindow") -> None:
    host = window.situation().host
    if host is not None:
        window.open_side(window.panels.preparation)
        window.panels.preparation.open(host.name)


def refresh_host(window: "MainWindow") -> None:
    host = window.situation().host
    if host is not None:
        window.station.refresh(host.name)
        window.say(window.t("window.said.refreshing", count=1))


def remove_host(window: "MainWindow") -> None:
    """Ask in the imperative, then take the host out of the fleet; nothing on it is touched."""
    host = window.situation().host
    if host is None:
        return
    t, name = window.t, one_line(host.name)
    box = plain_message(window, t("window.remove.title"))
    box.setObjectName("remove-host")
    box.setText(t("window.remove.text", host=name, count=host.machines))
    remove = box.addButton(
        t("window.remove.yes", host=name), QMessageBox.ButtonRole.DestructiveRole
    )
    box.addButton(t("window.cancel"), QMessageBox.ButtonRole.RejectRole)
    remove.clicked.connect(lambda: forget_host(window, host.name))
    box.open()


def forget_host(window: "MainWindow", name: str) -> None:
    """Take the host out of fleet.toml; the station follows.

    Raises:
        RingfenceError: fleet.toml cannot be written.
    """
    editor = FleetEditor(window.station.places.fleet_file)
    editor.remove(HostEntry, name)
    window.take_settings(editor.save())
