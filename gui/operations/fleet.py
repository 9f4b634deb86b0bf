"""Ask hosts again, and keep or drop a saved view."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog, QLineEdit

from core.settings.fleet_editor import FleetEditor
from core.settings.model import SavedView

if TYPE_CHECKING:
    from gui.window import MainWindow


def refresh(window: "MainWindow") -> None:
    """Ask the hosts of the selection again; without one, all of them."""
    now = window.situation()
    wanted: dict[str, tuple[str, ...]] = {}
    for view in now.machines:
        wanted[view.host] = (*wanted.get(view.host, ()), view.key.uuid)
    if not wanted:
        wanted = dict.fromkeys(window.fleet_view.hosts, ())
    for host, uuids in wanted.items():
        window.station.refresh(host, uuids)
    window.say(window.t("window.said.refreshing", count=len(wanted)))


def save_view(window: "MainWindow") -> None:
    """Ask for a name and keep filter, columns, sort and grouping under it."""
    dialog = QInputDialog(window)
    dialog.setObjectName("save-view")
    dialog.setWindowTitle(window.t("window.view.title"))
    dialog.setLabelText(window.t("window.view.name"))
    dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
    dialog.setOkButtonText(window.t("window.view.save"))
    dialog.setCancelButtonText(window.t("window.cancel"))
    dialog.textValueSelected.connect(partial(keep_view, window))
    dialog.open()


def keep_view(window: "MainWindow", name: str) -> None:
    """Write the present look of the table to fleet.toml.

    Raises:
        RingfenceError: fleet.toml cannot be written, or refuses the name.
    """
    name = name.strip()
    if not name:
        return
    wanted = window.model.arrangement
    view = SavedView(
        name,
        window.filter_bar.text(),
        window.table_header.chosen(),
        wanted.sort,
        wanted.descending,
        wanted.group,
    )
    editor = FleetEditor(window.station.places.fleet_file)
    editor.put(view)
    window.take_settings(editor.save())
    window.say(window.t("window.said.view-saved", name=name))


def delete_view(window: "MainWindow") -> None:
    """Forget the saved view the admin stands on in the sidebar.

    Raises:
        RingfenceError: fleet.toml cannot be written.
    """
    kind, name = window.sidebar.current()
    if kind != "view":
        window.say(window.t("window.why.no-view"))
        return
    editor = FleetEditor(window.station.places.fleet_file)
    editor.remove(SavedView, name)
    window.take_settings(editor.save())
    window.say(window.t("window.said.view-deleted", name=name))
