"""Go somewhere: a host, a zone, a saved view, one machine; always through the filter box."""

from typing import TYPE_CHECKING

from core.fleet.model import Key
from core.settings.model import SavedView
from gui.operations.finding import term

if TYPE_CHECKING:
    from gui.window import MainWindow


def go_to(window: "MainWindow", kind: str, name: str) -> None:
    """Follow the sidebar or the palette: kind is all, unzoned, host, zone or view."""
    if kind == "view":
        view = next((one for one in window.views() if one.name == name), None)
        if view is not None:
            open_view(window, view)
        return
    window.sidebar.select_entry(kind, name)
    window.table.select([])
    filters = {"all": "", "unzoned": term("zone", "none")}
    window.filter_bar.set_text(filters[kind] if kind in filters else term(kind, name))
    window.look_again()


def open_view(window: "MainWindow", view: SavedView) -> None:
    """Take over filter, columns, order and grouping of a saved view."""
    wanted = window.model.arrangement
    wanted.sort, wanted.descending = view.sort, view.descending
    if view.columns:
        window.table_header.choose(view.columns, window.table_header.widths())
    window.table_header.show_sort()
    window.filter_bar.set_text(view.filter)
    group_by(window, view.group)


def group_by(window: "MainWindow", kind: str) -> None:
    window.model.arrangement.group = kind
    window.model.arrangement.folded.clear()
    window.model.arrange()
    window.board.tick(f"group-{kind or 'none'}")


def show_machine(window: "MainWindow", key: Key) -> None:
    """Select one machine, widening the filter when it hides it."""
    if window.model.row_of(key) < 0:
        window.filter_bar.set_text("")
        window.model.arrangement.folded.clear()
        window.model.arrange()
    window.table.select([key])
    window.table.setFocus()
