"""Hosts with their health, saved views and zones: where the admin is, and where to look.

Choosing a row narrows the table through the filter box, so that what is shown is always said
there and can be changed by typing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from core.fleet.model import FleetView, HostView
from core.posture.model import Severity
from core.settings.model import SavedView, ZoneEntry
from core.text import Catalogue, Text
from gui.fleet.brush import Brush
from gui.fleet.tallies import SHOWN, Tallies, Tally, tally
from gui.fleet.wording import clock
from gui.identity import access
from gui.option import rect_of, state_of
from gui.plain import one_line, tooltip
from gui.theme import Face, Theme

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
BAR_WIDTH = 44
HEALTH_ICONS = {
    "connecting": ("loader", "secondary"),
    "reading": ("loader", "secondary"),
    "connected": ("server", "good"),
    "stale": ("server-off", "unknown"),
    "refused": ("circle-x", "critical"),
    "closed": ("server-off", "unknown"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what it is (`kind` and `name`), and what is drawn."""

    kind: str  # heading, all, host, view, zone, unzoned
    name: str
    text: str
    icon: tuple[str, str] = ("", "")
    hue: ZoneEntry | None = None
    machines: int | None = None
    worst: tuple[tuple[int, int], ...] = ()
    hover: str = ""
    dim: bool = False


class Sidebar(QTreeView):
    """Emits `chosen` with kind and name when the admin picks a row."""

    chosen = Signal(str, str)
    menu_wanted = Signal(QPoint)

    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName(catalogue("window.sidebar.name"))
        self._t = catalogue
        self._entries: list[Entry] = []
        self._items = QStandardItemModel(0, 1, self)
        self.setModel(self._items)
        self.setItemDelegate(SidebarDelegate(catalogue, theme, self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.setMinimumWidth(theme.space(40))
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def show_fleet(self, fleet: FleetView, views: Sequence[SavedView]) -> None:
        """Draw anew what differs; the current row stays the same thing."""
        entries = _entries(fleet, views, tally(fleet), self._t)
        same = [(one.kind, one.name) for one in entries] == [
            (one.kind, one.name) for one in self._entries
        ]
        if not same:
            self._rebuild(entries)
        else:
            for row, (old, new) in enumerate(zip(self._entries, entries, strict=True)):
                if old != new:
                    _fill(self._items.item(row), new)
        self._entries = entries

    def current(self) -> tuple[str, str]:
        """Return kind and name of the row the admin stands on."""
        row = self.currentIndex().row()
        if not 0 <= row < len(self._entries):
            return "", ""
        entry = self._entries[row]
        return entry.kind, entry.name

    def select_entry(self, kind: str, name: str) -> None:
        for row, entry in enumerate(self._entries):
            if (entry.kind, entry.name) == (kind, name):
                self.setCurrentIndex(self._items.index(row, 0))
                return
        self.setCurrentIndex(QModelIndex())

    def _rebuild(self, entries: list[Entry]) -> None:
        current = self.current()
        self._items.clear()
        for entry in entries:
            item = QStandardItem()
            item.setEditable(False)
            if entry.kind == "heading":
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            _fill(item, entry)
            self._items.appendRow(item)
        self._entries = entries
        self.select_entry(*current)

    def _choose(self, index: QModelIndex) -> None:
        kind, name = self.current()
        if kind not in ("", "heading") and index.isValid():
            self.chosen.emit(kind, name)

    def _open_menu(self, at: QPoint) -> None:
        if self.current()[0] == "host":
            self.menu_wanted.emit(self.viewport().mapToGlobal(at))


def _fill(item: QStandardItem, entry: Entry) -> None:
    item.setText(entry.text)
    item.setData(entry, ROW)
    item.setToolTip(tooltip(entry.hover))


def _entries(
    fleet: FleetView, views: Sequence[SavedView], counted: Tallies, t: Catalogue
) -> list[Entry]:
    rows = [
        Entry("all", "", t("window.sidebar.all"), ("list", "secondary"), None, counted.machines)
    ]
    if fleet.hosts:
        rows.append(_heading("hosts", t))
        rows += [
            _host(fleet.hosts[name], counted.hosts.get(name, Tally()), t)
            for name in sorted(fleet.hosts)
        ]
    if views:
        rows.append(_heading("views", t))
        rows += [_view(view) for view in views]
    if fleet.zones:
        rows.append(_heading("zones", t))
        rows += [_zone(zone, counted.zones.get(zone.name, Tally()), t) for zone in fleet.zones]
        if counted.unzoned.machines:
            word = t("window.sidebar.unzoned")
            rows.append(
                Entry(
                    "unzoned",
                    "",
                    word,
                    ("circle-dashed", "secondary"),
                    None,
                    counted.unzoned.machines,
                    _bar(counted.unzoned),
                )
            )
    return rows


def _heading(name: str, t: Catalogue) -> Entry:
    return Entry("heading", name, t(f"window.sidebar.{name}"))


def _host(host: HostView, counted: Tally, t: Catalogue) -> Entry:
    lines = [host.name, host.entry.uri, t(f"health.{host.health.state}"), access(host, t)]
    lines = [line for line in lines if line]
    if host.health.last_seen is not None and host.health.state == "stale":
        lines.append(t("window.row.stale", time=clock(host.health.last_seen)))
    if host.problem is not None:
        params = dict(host.problem.params)
        lines.append(t.say(Text(f"error.{host.problem.code}.cause", dict(params))))
    return Entry(
        "host",
        host.name,
        one_line(host.name),
        HEALTH_ICONS.get(host.health.state, HEALTH_ICONS["stale"]),
        None,
        counted.machines or host.machines,
        _bar(counted),
        "\n".join(lines),
        host.health.state in ("stale", "closed"),
    )


def _view(view: SavedView) -> Entry:
    return Entry(
        "view", view.name, one_line(view.name), ("bookmark", "secondary"), hover=view.filter
    )


def _zone(zone: ZoneEntry, counted: Tally, t: Catalogue) -> Entry:
    lines = [
        zone.name,
        t(f"protection.{zone.protection}"),
        t(f"data-class.{zone.data_class}"),
    ]
    if zone.proposed:
        lines.append(t("window.sidebar.proposed"))
    return Entry(
        "zone",
        zone.name,
        one_line(zone.name),
        ("", ""),
        zone,
        counted.machines,
        _bar(counted),
        "\n".join(lines),
        zone.proposed,
    )


def _bar(counted: Tally) -> tuple[tuple[int, int], ...]:
    return tuple((int(severity), counted.worst[severity]) for severity in SHOWN)


class SidebarDelegate(QStyledItemDelegate):
    """Mark, name, severity bar, number; headings in small secondary type."""

    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t = catalogue
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._theme.space(40), self._theme.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ROW)
        rect = QRectF(rect_of(option))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        brush = Brush(painter, self._theme, self._t)
        space = self._theme.space
        brush.start(rect.adjusted(space(3), 0, -space(3), 0))
        if entry.kind == "heading":
            brush.start(rect.adjusted(space(3), space(2), -space(3), 0))
            brush.text(entry.text, "secondary", Face.SECONDARY)
        else:
            self._ground(painter, rect, option)
            self._row(brush, entry)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem) -> None:
        state = state_of(option)
        if state & QStyle.StateFlag.State_Selected:
            role = "selection"
        elif state & QStyle.StateFlag.State_MouseOver:
            role = "hover"
        else:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(role))
        painter.drawRoundedRect(rect.adjusted(4, 1, -4, -1), 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _row(self, brush: Brush, entry: Entry) -> None:
        theme = self._theme
        right = brush.rect.right()
        number = "" if entry.machines is None else str(entry.machines)
        width = theme.space(6) if number else 0.0
        bar = BAR_WIDTH + theme.space(2) if any(count for _, count in entry.worst) else 0.0
        if entry.hue is not None:
            box = brush.box(14).adjusted(2, 2, -2, -2)
            brush.painter.setPen(QPen(theme.zone_colour(entry.hue), 1.5))
            brush.painter.setBrush(
                Qt.BrushStyle.NoBrush if entry.dim else theme.zone_colour(entry.hue)
            )
            brush.painter.drawRoundedRect(box, 3, 3)
            brush.painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            brush.icon(*entry.icon)
        brush.gap(2)
        brush.rect.setRight(right - width - bar - theme.space(1))
        brush.text(entry.text, "secondary" if entry.dim else "text")
        if bar:
            top = brush.rect.center().y() - 2.5
            self._bar(brush.painter, QRectF(right - width - bar, top, BAR_WIDTH, 5), entry)
        if number:
            brush.rect.setRight(right)
            brush.x = right - width
            brush.number(number, width, "secondary", Face.SECONDARY)

    def _bar(self, painter: QPainter, rect: QRectF, entry: Entry) -> None:
        """Worst findings as parts of all machines, the worst first."""
        total = max(entry.machines or 0, 1)
        painter.fillRect(rect, self._theme.colour("hairline"))
        left = rect.left()
        for severity, count in entry.worst:
            part = rect.width() * count / total
            colour = self._theme.severity_colour(Severity(severity))
            painter.fillRect(QRectF(left, rect.top(), part, rect.height()), colour)
            left += part
