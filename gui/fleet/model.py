"""The fleet as a table model that sorts and filters itself.

No proxy and no signal a row: one `dataChanged` over the touched range a batch, `layoutChanged`
when rows only move, a reset when rows come or go. Whoever keeps a selection keeps it by Key.
While `hold` is set, values change in place and rows that would move, come or go wait.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.fleet.columns import COLUMNS, Column
from core.fleet.model import FleetChanges, FleetView, HostView, Key, MachineView
from core.text import Catalogue
from gui.fleet.arrange import Arrangement, Arranger, GroupRow, Row
from gui.fleet.wording import cell_hover, group_title, plain_cell
from gui.plain import tooltip

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable  # asked for very often
ICON_ONLY = frozenset({"state"})  # too narrow for a word; the tooltip has it


class FleetModel(QAbstractTableModel):
    """One row a machine over all hosts, with headings between when grouped."""

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue = catalogue
        self.columns: tuple[Column, ...] = COLUMNS
        self.arrangement = Arrangement()
        self.hold = False
        self.hosts: Mapping[str, HostView] = {}
        self._arranger = Arranger()
        self._rows: list[Row] = []
        self._row_of: dict[Row, int] = {}
        self._waiting = False
        self._gone: set[Key] = set()

    # --- what is asked of it ---------------------------------------------------------------

    def show(self, fleet: FleetView) -> None:
        """Start over with a whole fleet."""
        self.hosts = fleet.hosts
        self._arranger.replace_all(fleet.machines)
        self._gone.clear()
        self.beginResetModel()
        self._take(self._arranger.rows(self.arrangement))
        self.endResetModel()

    def merge(self, fleet: FleetView, changes: FleetChanges) -> None:
        """Take over a batch of changes."""
        self.hosts = fleet.hosts
        touched = changes.changed | changes.added
        self._arranger.merge(fleet.machines, touched)
        self._gone |= changes.removed
        self._gone -= touched
        if self.hold:
            self._waiting = True
        else:
            self.settle(force=True)
        self._announce(touched)

    def settle(self, *, force: bool = False) -> None:
        """Let rows move that had to wait."""
        if not (self._waiting or force):
            return
        self._waiting = False
        self._arranger.drop(self._gone)
        self._gone.clear()
        self.arrange()

    def arrange(self) -> None:
        """Filter, sort and group again, as the arrangement now says."""
        rows = self._arranger.rows(self.arrangement)
        if rows == self._rows:
            return
        if len(rows) == len(self._rows) and self._row_of.keys() == set(rows):
            self._move(rows)
            return
        self.beginResetModel()
        self._take(rows)
        self.endResetModel()

    @property
    def waiting(self) -> bool:
        return self._waiting

    @property
    def machines_shown(self) -> int:
        """How many machines pass the filter, folded groups included."""
        if not self.arrangement.group:
            return len(self._rows)
        return sum(row.count for row in self._rows if isinstance(row, GroupRow))

    @property
    def total(self) -> int:
        return len(self._arranger.views)

    def row_at(self, row: int) -> Row | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def view_at(self, row: int) -> MachineView | None:
        found = self.row_at(row)
        return self._arranger.views.get(found) if isinstance(found, Key) else None

    def view(self, key: Key) -> MachineView | None:
        return self._arranger.views.get(key)

    def row_of(self, key: Key) -> int:
        """Return where a machine stands, -1 when it is not shown."""
        return self._row_of.get(key, -1)

    def place_of(self, row: Row) -> int:
        """Return where a machine or a heading stands; a heading is known by what it groups."""
        if isinstance(row, Key):
            return self.row_of(row)
        same = (row.kind, row.id)
        places = (
            number
            for found, number in self._row_of.items()
            if isinstance(found, GroupRow) and (found.kind, found.id) == same
        )
        return next(places, -1)

    def shown(self) -> list[MachineView]:
        views = self._arranger.views
        return [views[row] for row in self._rows if isinstance(row, Key) and row in views]

    def column_of(self, column_id: str) -> int:
        return next((n for n, column in enumerate(self.columns) if column.id == column_id), -1)

    # --- what Qt asks ----------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index.row())
        if row is None:
            return None
        column = self.columns[index.column()]
        if isinstance(row, GroupRow):
            title = role == Qt.ItemDataRole.DisplayRole and index.column() == 0
            return group_title(row, self.catalogue, self.hosts) if title else None
        view = self._arranger.views.get(row)
        return None if view is None else self._cell(view, column, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if column.id in ICON_ONLY else self.catalogue(column.code)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self.catalogue(column.code))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric and column.id != "score" else _LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def _cell(self, view: MachineView, column: Column, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            return plain_cell(view, column, self.catalogue)
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell_hover(view, column, self.catalogue)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric and column.id != "score" else _LEFT
        return None

    # --- inside ----------------------------------------------------------------------------

    def _take(self, rows: list[Row]) -> None:
        self._rows = rows
        self._row_of = {row: number for number, row in enumerate(rows)}

    def _move(self, rows: list[Row]) -> None:
        """Same rows in another order: whatever points at one follows it."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        before = [(self._rows[index.row()], index.column()) for index in old]
        self._take(rows)
        new = [self.index(self._row_of[row], column) for row, column in before]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _announce(self, keys: Iterable[Key]) -> None:
        """Say once which range of rows shows new values."""
        places = [self._row_of[key] for key in keys if key in self._row_of]
        if places:
            self.dataChanged.emit(
                self.index(min(places), 0), self.index(max(places), len(self.columns) - 1)
            )
