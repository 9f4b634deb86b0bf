"""The main window: it holds the parts, wires them, and knows no rule of its own.

What an action does stands in `gui.operations`; what is possible in `gui.situation`; how things
look in the theme. The window keeps the selection, the filter and the panels in step with the
fleet.
"""

import asyncio
import base64
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from msgspec import structs
from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QWidget

from core.fleet.columns import Column
from core.fleet.model import FleetChanges, FleetView, HostView, Key, MachineView
from core.fleet.query import Query
from core.settings.model import FleetFile, SavedView
from core.settings.places import Places
from core.settings.preferences import Preferences, save_preferences
from core.text import Catalogue
from gui.actions import BY_ID, CONTEXT_HOST, CONTEXT_MACHINE
from gui.banners import Banners
from gui.command_palette import CommandPalette
from gui.empty import EmptyState
from gui.fleet.arrange import BY_ID as BY_COLUMN
from gui.fleet.filter_bar import FilterBar
from gui.fleet.header import USUAL, FleetHeader
from gui.fleet.model import FleetModel
from gui.fleet.sidebar import Sidebar
from gui.fleet.table import FleetTable
from gui.keys_overlay import KeysOverlay
from gui.layout import Layout
from gui.menus import ActionBoard
from gui.notices import notices
from gui.operations.finding import term
from gui.panels import Panels
from gui.plain import tooltip
from gui.situation import Situation
from gui.status import StatusLine
from gui.theme import Theme
from gui.things import gather
from gui.tray import Tray

SUMS_EVERY_MS = 250
USUAL_SIZE = (1280, 800)


class Likes(TypedDict, total=False):
    """The preferences that an action changes."""

    theme: str
    density: str
    language: str
    group: str


class MainWindow(QMainWindow):
    """One window over one station."""

    reopen_wanted = Signal()
    left = Signal()

    def __init__(
        self, panels: Panels, catalogue: Catalogue, theme: Theme, preferences: Preferences
    ) -> None:
        super().__init__()
        self.setObjectName("main")
        self.t = catalogue
        self.theme = theme
        self.preferences = preferences
        self._panels = panels
        self._station = panels.station
        self._settings = panels.station.settings
        self.fleet_view: FleetView = panels.station.fleet.view
        self._judged_at: datetime | None = None
        self._tasks_running: set[asyncio.Task[None]] = set()
        self.model = FleetModel(catalogue, self)
        self.table = FleetTable(self.model, theme)
        self.table_header = FleetHeader(self.model, self.table, theme)
        self.filter_bar = FilterBar(catalogue, theme, lambda: self.fleet_view)
        self.sidebar = Sidebar(catalogue, theme)
        self.banners = Banners(catalogue, theme)
        self.empty = EmptyState(catalogue, theme)
        self.status = StatusLine(catalogue, theme)
        self.tray = Tray(catalogue, theme, self)
        self.board = ActionBoard(self, catalogue, theme, self.situation)
        self._sums = QTimer(self, singleShot=True, interval=SUMS_EVERY_MS)
        self._lay_out()
        self.palette_panel = CommandPalette(catalogue, theme, self)
        self.keys = KeysOverlay(catalogue, theme, self)
        self._wire()
        self._restore()
        self._unsubscribe = self._station.fleet.subscribe(self._fleet_changed)

    # --- building --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setWindowTitle(self.t("window.title"))
        self.setWindowIcon(self.theme.icon("ringfence", "accent", 64))
        self.layout_ = Layout(self.theme)
        self.cut = QPushButton(self.theme.icon("lock", "quarantine"), "")
        self.cut.setText(self.t("window.action.quarantine.short"))
        self.cut.setObjectName("cut")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, self.theme.space(2), 0)
        head.setSpacing(0)
        head.addWidget(self.filter_bar, 1)
        head.addWidget(self.cut, 0, Qt.AlignmentFlag.AlignTop)
        self.cut.setContentsMargins(0, 0, 0, 0)
        head.setAlignment(self.cut, Qt.AlignmentFlag.AlignVCenter)
        self.layout_.rows.addWidget(self.table)
        self.layout_.rows.addWidget(self.empty)
        self.layout_.fill(self.banners, self.sidebar, head, self._panels.inspector())
        self.setCentralWidget(self.layout_.root)
        self.board.fill_bar(self.menuBar())
        self.setStatusBar(self.status)

    def _wire(self) -> None:
        self.filter_bar.changed.connect(self._filter)
        self.filter_bar.left.connect(self.table.setFocus)
        self.filter_bar.save_wanted.connect(lambda: self.trigger("save-view"))
        self.table.selected.connect(self._selected)
        self.table.opened.connect(lambda: self.trigger("inspect"))
        self.table.menu_wanted.connect(self._machine_menu)
        self.sidebar.chosen.connect(self.go_to)
        self.sidebar.menu_wanted.connect(self._host_menu)
        self.empty.wanted.connect(self.trigger)
        self.board.wanted.connect(self.trigger)
        self.cut.clicked.connect(lambda: self.trigger("quarantine"))
        self.palette_panel.refused.connect(self.say)
        self.tray.wanted.connect(self._come_forward)
        self.tray.leave.connect(self.leave)
        self._sums.timeout.connect(self._show_sums)

    def _restore(self) -> None:
        liked = self.preferences
        self.resize(*USUAL_SIZE)
        if liked.geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(liked.geometry)))
        self.layout_.restore(liked.splitters)
        wanted = self.model.arrangement
        wanted.sort, wanted.descending, wanted.group = liked.sort, liked.descending, liked.group
        self.table_header.choose(liked.columns or USUAL, liked.column_widths)
        self.table_header.show_sort()
        self.filter_bar.set_text(liked.filter)
        self.model.show(self.fleet_view)
        for choice in (f"group-{liked.group or 'none'}", f"density-{liked.density}"):
            self.board.tick(choice)
        self.board.tick(f"theme-{liked.theme}")
        self.board.tick("language-zh-cn" if self.t.language == "zh_CN" else "language-en")
        self._show_sums()
        self._selected()

    # --- the fleet -------------------------------------------------------------------------

    def _fleet_changed(self, view: FleetView, changes: FleetChanges) -> None:
        before, self.fleet_view = self.fleet_view, view
        if self.preferences.notify:
            self.tray.tell(notices(before, view, changes))
        self.model.merge(view, changes)
        touched = changes.changed | changes.added
        if not touched.isdisjoint(self.table.selected_keys()) or changes.hosts:
            self._show_selection()
        if not self._sums.isActive():
            self._sums.start()

    def _show_sums(self) -> None:
        """Counts and banners: a few times a second are enough."""
        view = self.fleet_view
        self.sidebar.show_fleet(view, self.views())
        self.banners.show_fleet(view)
        self.banners.show_problems(self._settings.problems)
        self._show_rows_or_reason()
        self.board.refresh()
        self._show_cut()

    def _show_rows_or_reason(self) -> None:
        shown = len(self.model.shown())
        self.status.show_fleet(self.fleet_view, shown, self._last_judged())
        if shown or self.model.arrangement.folded:
            self.layout_.rows.setCurrentWidget(self.table)
            return
        if not self.fleet_view.hosts:
            self.empty.show_reason("no-hosts", "shield", ("open-demo", "add-host"))
        elif self.fleet_view.machines:
            words = self.t("window.empty.no-match.text", filter=self.filter_bar.query.text)
            self.empty.show_reason("no-match", "funnel", ("clear-filter",), words)
        elif all(host.health.state in _BUSY for host in self.fleet_view.hosts.values()):
            self.empty.show_reason("connecting", "loader", ())
        else:
            self.empty.show_reason("no-machines", "monitor", ("refresh",))
        self.layout_.rows.setCurrentWidget(self.empty)

    def _last_judged(self) -> datetime | None:
        times = [
            finding.judged_at
            for host in self.fleet_view.hosts.values()
            for finding in host.findings[:1]
        ]
        first = next(iter(self.fleet_view.machines.values()), None)
        if first is not None and first.findings:
            times.append(first.findings[0].judged_at)
        return max(times, default=None)

    def views(self) -> tuple[SavedView, ...]:
        return self._settings.views

    def take_settings(self, settings: FleetFile) -> None:
        """fleet.toml was written by us: show its views and problems."""
        self._settings = settings
        self._show_sums()

    @property
    def places(self) -> Places:
        return self._station.places

    def refresh_host(self, name: str, uuids: Sequence[str]) -> None:
        session = self._station.sessions.get(name)
        if session is not None:
            session.refresh(uuids)

    def forget_host(self, name: str) -> None:
        self.start(self._station.remove_host(name), f"remove {name}")

    def start(self, work: Coroutine[object, object, None], name: str) -> None:
        """Run something that waits; its failure reaches the one place for errors."""
        task = asyncio.ensure_future(work)
        task.set_name(name)
        self._tasks_running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks_running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            raise error

    # --- selection and filter --------------------------------------------------------------

    def situation(self) -> Situation:
        """Return what the admin stands on now."""
        machines = self.table.selected_views()
        return Situation(
            machines=machines,
            host=self._host(machines),
            shown=self.model.rowCount(),
            hosts=len(self.fleet_view.hosts),
            filtered=bool(self.filter_bar.text()),
            demo=self.fleet_view.demo,
        )

    def _host(self, machines: Sequence[MachineView]) -> HostView | None:
        names = {view.host for view in machines}
        kind, name = self.sidebar.current()
        if not names and kind == "host":
            names = {name}
        group = self.table.current_group()
        if not names and group is not None and group.kind == "host":
            names = {group.id}
        return self.fleet_view.hosts.get(names.pop()) if len(names) == 1 else None

    def _selected(self) -> None:
        self._show_selection()
        self.board.refresh()
        self._show_cut()

    def _show_selection(self) -> None:
        machines = self.table.selected_views()
        host = self._host(machines)
        if machines or host is None:
            self._panels.show_machines(machines)
        else:
            self._panels.show_host(host)

    def _show_cut(self) -> None:
        why = self.board.why_not("quarantine")
        self.cut.setEnabled(not why)
        self.cut.setToolTip(tooltip(why or self.t("window.action.quarantine")))

    def show_machine(self, key: Key) -> None:
        """Select one machine, widening the filter when it hides it."""
        if self.model.row_of(key) < 0:
            self.filter_bar.set_text("")
            self.model.arrangement.folded.clear()
            self.model.arrange()
        self.table.select([key])
        self.table.setFocus()

    def _filter(self, query: Query) -> None:
        self.model.arrangement.matches = None if query.everything else query.matches
        self.model.arrange()
        self._show_rows_or_reason()

    def go_to(self, kind: str, name: str) -> None:
        """Follow the sidebar or the palette to a host, a zone or a saved view."""
        if kind == "view":
            view = next((one for one in self.views() if one.name == name), None)
            if view is not None:
                self._open_view(view)
            return
        self.sidebar.select_entry(kind, name)
        filters = {"all": "", "unzoned": term("zone", "none")}
        self.table.select([])
        self.filter_bar.set_text(filters[kind] if kind in filters else term(kind, name))
        self._selected()

    def _open_view(self, view: SavedView) -> None:
        wanted = self.model.arrangement
        wanted.sort, wanted.descending = view.sort, view.descending
        if view.columns:
            self.table_header.choose(view.columns, self.table_header.widths())
        self.table_header.show_sort()
        self.filter_bar.set_text(view.filter)
        self.group_by(view.group)
        self.model.arrange()

    def group_by(self, kind: str) -> None:
        self.model.arrangement.group = kind
        self.model.arrangement.folded.clear()
        self.model.arrange()
        self.board.tick(f"group-{kind or 'none'}")

    # --- actions and panels ----------------------------------------------------------------

    def trigger(self, action_id: str) -> None:
        """Do an action, or say why it cannot be done here."""
        action = BY_ID[action_id]
        why = action.why_not(self.situation())
        if why is not None:
            self.say(self.t.say(why))
            return
        action.handler(self)

    def table_columns(self) -> list[Column]:
        """Return the shown columns from left to right."""
        return [BY_COLUMN[name] for name in self.table_header.chosen()]

    def say(self, text: str) -> None:
        self.status.say(text)

    def inspector(self) -> QWidget:
        return self._panels.inspector()

    def show_inspector(self, shown: bool) -> None:
        self._panels.inspector().setVisible(shown)

    def tasks(self) -> QWidget:
        """Return the task panel; it is built when it is first asked for."""
        tasks = self._panels.tasks()
        if self.layout_.down.indexOf(tasks) < 0:
            tasks.hide()
            self.layout_.down.addWidget(tasks)
            self.layout_.restore({"across": tuple(self.layout_.across.sizes())})
        return tasks

    def show_tasks(self, shown: bool) -> None:
        self.tasks().setVisible(shown)

    def open_quarantine(self, views: Sequence[MachineView]) -> None:
        self._open_side(self._panels.open_quarantine(views))

    def open_release(self, views: Sequence[MachineView]) -> None:
        self._open_side(self._panels.open_release(views))

    def _open_side(self, panel: QWidget) -> None:
        side = self.layout_.side
        if side.indexOf(panel) < 0:
            side.addWidget(panel)
        side.setCurrentWidget(panel)
        side.show()
        panel.setFocus()

    def close_side(self) -> None:
        self.layout_.side.hide()
        self.table.setFocus()

    def open_add_host(self) -> None:
        self._open_side(self._panels.add_host())

    def open_doctor(self, host: HostView) -> None:
        self._open_side(self._panels.doctor(host))

    def open_demo(self) -> None:
        self.start(self._panels.open_demo(), "open demo")

    def open_palette(self) -> None:
        self.palette_panel.open_on(lambda: gather(self))

    def show_keys(self) -> None:
        self.keys.open()

    def next_pane(self) -> None:
        """Carry the keys from part to part: filter, sidebar, table, inspector, tasks."""
        panes = [self.filter_bar.line, self.sidebar, self.table, self._panels.inspector()]
        shown = [pane for pane in panes if pane.isVisible()]
        here = next((n for n, pane in enumerate(shown) if _holds_focus(pane)), -1)
        shown[(here + 1) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def _machine_menu(self, at: QPoint) -> None:
        self.board.context(self, CONTEXT_MACHINE).popup(self.table.viewport().mapToGlobal(at))

    def _host_menu(self, _at: QPoint) -> None:
        self.board.context(self, CONTEXT_HOST).popup(QCursor.pos())

    # --- the window itself -----------------------------------------------------------------

    def prefer(self, **likes: Unpack[Likes]) -> None:
        self.preferences = structs.replace(self.preferences, **likes)

    def reopen(self) -> None:
        """Ask for a new window in the present preferences; nothing else changes."""
        self.remember()
        self.reopen_wanted.emit()

    def redress(self) -> None:
        self.reopen()

    def remember(self) -> None:
        """Write down how the window looks, for the next start."""
        wanted = self.model.arrangement
        self.preferences = structs.replace(
            self.preferences,
            columns=self.table_header.chosen(),
            column_widths=self.table_header.widths(),
            sort=wanted.sort,
            descending=wanted.descending,
            group=wanted.group,
            filter=self.filter_bar.query.text,
            geometry=base64.b64encode(self.saveGeometry().data()).decode(),
            splitters=self.layout_.sizes(),
        )
        save_preferences(self.places.prefs_file, self.preferences)

    def leave(self) -> None:
        self.left.emit()

    def let_go(self) -> None:
        """Stop listening; the next window takes over."""
        self._unsubscribe()
        self._sums.stop()

    def _come_forward(self) -> None:
        self.showNormal()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.preferences.close_to_tray and self.tray.shown:
            event.ignore()
            self.hide()
            return
        self.remember()
        self.let_go()
        self.left.emit()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for floating in (self.palette_panel, self.keys):
            if floating.isVisible():
                floating.place()


_BUSY = frozenset({"connecting", "reading"})


def _holds_focus(pane: QWidget) -> bool:
    focused = pane.window().focusWidget()
    return focused is not None and (focused is pane or pane.isAncestorOf(focused))
