"""The main window: it holds the parts, wires them, and knows no rule of its own.

What an action does stands in `gui.operations`; what is possible in `gui.situation`; how things
look in the theme. The window keeps the selection, the filter and the panels in step with the
fleet.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack

from msgspec import structs
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QWidget

from core.fleet.columns import Column
from core.fleet.model import FleetChanges, FleetView, HostView, MachineView
from core.fleet.query import Query
from core.settings.model import FleetFile, SavedView
from core.settings.preferences import Preferences
from core.text import Catalogue
from gui.actions import BY_ID, CONTEXT_HOST, CONTEXT_MACHINE
from gui.banners import Banners
from gui.command_palette import CommandPalette
from gui.empty import EmptyState
from gui.fleet.arrange import BY_ID as BY_COLUMN
from gui.fleet.filter_bar import FilterBar
from gui.fleet.model import FleetModel
from gui.fleet.sidebar import Sidebar
from gui.fleet.table import FleetTable
from gui.fleet.wording import clock
from gui.focus import give_keys, has_keys
from gui.keys_overlay import KeysOverlay
from gui.layout import Layout
from gui.memory import remembered, restore
from gui.menus import ActionBoard
from gui.notices import complaints, finished, notices
from gui.operations import cases, going
from gui.panels import Panels
from gui.plain import tooltip
from gui.situation import Situation
from gui.status import StatusLine
from gui.theme import Theme
from gui.things import gather
from gui.tray import Tray

if TYPE_CHECKING:
    from gui.changes.plan_run import PlanRun

SUMS_EVERY_MS = 250
WARM_AFTER_MS = 3000  # the first view comes first


class Likes(TypedDict, total=False):
    """The preferences that an action changes."""

    theme: str
    density: str
    language: str
    notify: bool
    close_to_tray: bool


class MainWindow(QMainWindow):
    """One window over one station."""

    reopen_wanted = Signal()
    likes_changed = Signal(object)  # Preferences
    demo_wanted = Signal()
    left = Signal()

    def __init__(
        self, panels: Panels, catalogue: Catalogue, theme: Theme, preferences: Preferences
    ) -> None:
        super().__init__()
        self.setObjectName("main")
        self.t = catalogue
        self.theme = theme
        self.preferences = preferences
        self.panels = panels
        self.station = panels.station
        self.fleet_view: FleetView = panels.station.fleet.view
        self.model = FleetModel(catalogue, self)
        self.table = FleetTable(self.model, theme, lines=panels.station.history.line)
        self.table_header = self.table.head
        self.filter_bar = FilterBar(catalogue, theme, lambda: self.fleet_view)
        self.sidebar = Sidebar(catalogue, theme)
        self.banners = Banners(catalogue, theme)
        self.empty = EmptyState(catalogue, theme)
        self.status = StatusLine(catalogue, theme)
        self.tray = Tray(catalogue, theme, self)
        self.board = ActionBoard(self, self.table, catalogue, theme, self.situation)
        self._sums = QTimer(self, singleShot=True, interval=SUMS_EVERY_MS)
        self._warm = QTimer(self, singleShot=True, interval=WARM_AFTER_MS)
        self._lay_out()
        self.palette_panel = CommandPalette(catalogue, theme, self)
        self.keys = KeysOverlay(catalogue, theme, self)
        self._wire()
        self._start()
        self._unsubscribe = self.station.fleet.subscribe(self._fleet_changed)

    # --- building --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setWindowTitle(self.t("window.title"))
        self.setWindowIcon(self.theme.icon("ringfence", "accent", 64))
        self.parts = Layout()
        self.cut = QPushButton(self.theme.icon("lock", "quarantine"), "")
        self.cut.setText(self.t("window.action.quarantine.short"))
        self.cut.setObjectName("cut")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, self.theme.space(2), 0)
        head.setSpacing(0)
        head.addWidget(self.filter_bar, 1)
        head.addWidget(self.cut)
        head.setAlignment(self.cut, Qt.AlignmentFlag.AlignVCenter)
        self.parts.show_rows(self.table)
        self.parts.fill(self.banners, self.sidebar, head, self.panels.inspector)
        self.setCentralWidget(self.parts.root)
        self.board.fill_bar(self.menuBar())
        self.setStatusBar(self.status)

    def _wire(self) -> None:
        self.filter_bar.changed.connect(self._filter)
        self.filter_bar.left.connect(self.table.setFocus)
        self.filter_bar.save_wanted.connect(lambda: self.trigger("save-view"))
        self.table.selected.connect(self.look_again)
        self.table.opened.connect(lambda: self.trigger("inspect"))
        self.table.menu_wanted.connect(self._machine_menu)
        self.sidebar.chosen.connect(partial(going.go_to, self))
        self.sidebar.menu_wanted.connect(self._host_menu)
        self.empty.wanted.connect(self.trigger)
        self.board.wanted.connect(self.trigger)
        self.cut.clicked.connect(lambda: self.trigger("quarantine"))
        self.palette_panel.refused.connect(self.say)
        self.tray.wanted.connect(self._come_forward)
        self.tray.leave.connect(self.leave)
        self._sums.timeout.connect(self.refresh_now)
        self._warm.timeout.connect(self.warm_panels)
        self.panels.side_closed.connect(self.close_side)
        self.panels.run_started.connect(self._run_started)
        self.panels.run_finished.connect(self._run_finished)
        self.panels.case_report_wanted.connect(partial(cases.report, self))
        self.panels.counted.connect(self.status.show_tasks)
        self.panels.first_run.add_wanted.connect(lambda: self.trigger("add-host"))
        self.panels.first_run.demo_wanted.connect(self.demo_wanted)

    def _start(self) -> None:
        restore(self, self.preferences)
        self.model.show(self.fleet_view)
        self.refresh_now()
        self.look_again()
        if self.panels.unfinished:
            self.show_tasks(True)
        self._warm.start()

    # --- the fleet -------------------------------------------------------------------------

    def _fleet_changed(self, view: FleetView, changes: FleetChanges) -> None:
        before, self.fleet_view = self.fleet_view, view
        if self.preferences.notify:
            self.tray.tell(notices(before, view, changes))
        for name, complaint in complaints(before, view, changes):
            self.panels.complain(name, complaint)
        self.model.merge(view, changes)
        touched = changes.changed | changes.added
        if touched:
            self.panels.observe(lambda known: view.machines.get(known.key))
        if not touched.isdisjoint(self.table.selected_keys()) or changes.hosts:
            self._show_selection()
        if not self._sums.isActive():
            self._sums.start()

    def _run_started(self) -> None:
        """The panel that began it shows it; without one the tasks do."""
        if not self.parts.side.isVisible():
            self.show_tasks(True)

    def _run_finished(self, run: "PlanRun") -> None:
        """Speak once: here and, when nobody looks, from the tray."""
        notice = finished(run.plan, run.outcome)
        ended = clock(datetime.now(UTC))  # what is the case now may be another thing
        self.say(f"{ended} {notice.subject}: {self.t.say(notice.message)}")
        if self.preferences.notify and not self.isActiveWindow():
            self.tray.tell([notice])

    def refresh_now(self) -> None:
        """Counts and banners: a few times a second are enough."""
        view = self.fleet_view
        self.status.show_fleet(view)
        self.sidebar.show_fleet(view, self.views())
        self.banners.show_fleet(view)
        self.banners.show_suspects(self.station.cases.suspects())
        self.banners.show_problems(self.station.settings.problems)
        self._show_rows_or_reason()
        self.board.refresh()
        self._show_cut()

    def _show_rows_or_reason(self) -> None:
        rows = bool(self.model.rowCount())
        self.status.show_rows(self.model.machines_shown, self.model.total)
        first = not self.fleet_view.hosts
        self.parts.inspector_wanted(not first)
        if first:
            self.parts.show_rows(self.panels.first_run)
            return
        if not rows:
            self.empty.explain(self.fleet_view, self.filter_bar.query.text)
        self.parts.show_rows(self.table if rows else self.empty)

    def views(self) -> tuple[SavedView, ...]:
        return self.station.settings.views

    def take_settings(self, settings: FleetFile) -> None:
        """fleet.toml was written by us: the station and the sidebar follow it at once."""
        self.station.apply(settings)
        self.refresh_now()

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
            suspects=frozenset(self.station.cases.suspects()),
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

    def look_again(self) -> None:
        self._show_selection()
        self.board.refresh()
        self._show_cut()

    def _show_selection(self) -> None:
        machines = self.table.selected_views()
        self.panels.show(machines, self._host(machines))

    def _show_cut(self) -> None:
        why = self.board.why_not("quarantine")
        self.cut.setEnabled(not why)
        self.cut.setToolTip(tooltip(why or self.t("window.action.quarantine")))

    def _filter(self, query: Query) -> None:
        self.model.arrangement.matches = None if query.everything else query.matches
        self.model.arrange()
        self._show_rows_or_reason()

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
        return self.panels.inspector

    def show_inspector(self, shown: bool) -> None:
        self.panels.inspector.setVisible(shown)

    def tasks_shown(self) -> bool:
        return self.parts.tasks is not None and self.parts.tasks.isVisible()

    def show_tasks(self, shown: bool) -> None:
        """The task panel is built when it is first shown."""
        if shown or self.parts.tasks is not None:
            self.parts.put_tasks(self.panels.tasks)
            self.panels.tasks.setVisible(shown)

    def open_side(self, panel: QWidget) -> None:
        """Show a panel beside the table; it opens itself and takes the keys."""
        self.parts.put_side(panel)

    def close_side(self) -> None:
        self.parts.close_side()
        self.table.setFocus()
        if self.panels.running:
            self.show_tasks(True)

    def open_palette(self) -> None:
        self.palette_panel.open_on(lambda: gather(self))

    def show_keys(self) -> None:
        self.keys.open()

    def next_pane(self) -> None:
        """Carry the keys from part to part: filter, sidebar, table, inspector."""
        panes = [self.filter_bar.line, self.sidebar, self.table, self.panels.inspector]
        shown = [pane for pane in panes if pane.isVisible()]
        here = next((n for n, pane in enumerate(shown) if has_keys(pane)), -1)
        give_keys(shown[(here + 1) % len(shown)])

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
        """Hand on how the window looks, for the next start."""
        self.preferences = remembered(self)
        self.likes_changed.emit(self.preferences)

    def leave(self) -> None:
        """End the sitting, wherever the close button would only go to the tray."""
        self.remember()
        self.left.emit()

    def take_over(self, old: "MainWindow") -> None:
        """Continue where another window stood: selection and running tasks."""
        self.panels.take_over(old.panels.runs())
        self.table.select(old.table.selected_keys())

    def let_go(self) -> None:
        """Stop listening; the next window takes over."""
        self._unsubscribe()
        self.tray.hide()
        self._sums.stop()
        self._warm.stop()

    def warm_panels(self) -> None:
        self.panels.work.start(self.panels.warm(self.parts.keep_side), "warm the quarantine panel")

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
