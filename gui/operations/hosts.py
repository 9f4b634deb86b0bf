"""Add, check, ask again and forget a host."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from gui.plain import one_line, plain_message

if TYPE_CHECKING:
    from gui.window import MainWindow


def add_host(window: "MainWindow") -> None:
    window.open_add_host()


def open_demo(window: "MainWindow") -> None:
    window.open_demo()


def check_host(window: "MainWindow") -> None:
    host = window.situation().host
    if host is not None:
        window.open_doctor(host)


def refresh_host(window: "MainWindow") -> None:
    host = window.situation().host
    if host is not None:
        window.refresh_host(host.name, ())
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
    remove.clicked.connect(lambda: window.forget_host(host.name))
    box.open()
