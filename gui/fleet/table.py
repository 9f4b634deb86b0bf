"""The fleet table: one row a machine, drawn row by row, with a selection kept by Key.

Selection, current row and scroll position survive refresh, sort, filter and reconnect. While the
pointer is moving over the table rows do not move under it.
"""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QTreeView, QWidget

from core.fleet.model import Key, MachineView
from core.incidents.model import Containment, Mode
from gui.fleet.arrange import GroupRow, Row
from gui.fleet.delegate import FleetDelegate
from gui.fleet.header import FleetHeader
from gui.fleet.model import FleetModel
from gui.fleet.sparks import Lines
from gui.option import rect_of
from gui.theme import Theme, paint_watched_edge

POINTER_RESTS_MS = 700
_BANDED = (Containment.CONTAINED, Containment.PARTIAL, Containment.UNKNOWN)
_READABLE = 120  # of a column at the edge: so much of it is a column of its own
_ROWS = QItemSelectionModel.SelectionFlag.Rows
_SELECT = QItemSelectionModel.SelectionFlag.Select | _ROWS
_REPLACE = QItemSelectionModel.SelectionFlag.ClearAndSelect | _ROWS


def _shown(row: int) -> bool:
    return row >= 0


class FleetTable(QTreeView):
    """Emits `selected` with the selection's keys whenever they differ from before."""

    selected = Signal()
    opened = Signal()  # Enter or double click on a machine
    menu_wanted = Signal(QPoint)

    def __init__(
        self,
        model: FleetModel,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        lines: Lines | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("fleet")
        self.setAccessibleName(model.catalogue("window.fleet.name"))
        self.fleet = model
        self.theme = theme
        self._keys: tuple[Key, ...] = ()
        self._current: Row | None = None
        self._group: GroupRow | None = None
        self._restoring = False
        self._hover = -1
        self._columns: list[tuple[int, int, int]] = []
        self._rest = QTimer(self, singleShot=True, interval=POINTER_RESTS_MS)
        self._rest.timeout.connect(self._let_rows_move)
        self._delegate = FleetDelegate(model, theme, self, lines)
        self._set_up()
        model.modelAboutToBeReset.connect(self._before_reset)
        self.setModel(model)
        self.head = FleetHeader(model, self, theme)
        # A header resets the shared selection too: ours must be the last to hear of it.
        model.modelReset.connect(self._after_reset)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.selectionModel().currentChanged.connect(self._current_changed)

    def _set_up(self) -> None:
        self.setItemDelegate(self._delegate)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_wanted)
        self.viewport().setMouseTracking(True)
        self.doubleClicked.connect(self._activate)
        self.clicked.connect(self._clicked)

    # --- selection by key ------------------------------------------------------------------

    def selected_keys(self) -> tuple[Key, ...]:
        return self._keys

    def selected_views(self) -> tuple[MachineView, ...]:
        """Return the selected machines as they are now, in the order of the table."""
        views = (self.fleet.view(key) for key in self._keys)
        return tuple(view for view in views if view is not None)

    def current_group(self) -> GroupRow | None:
        """Return the heading the admin stands on, if it is one."""
        return self._group

    def select(self, keys: Sequence[Key]) -> None:
        """Select machines by key; those that the filter hides stay unselected."""
        selection = QItemSelection()
        last = self.fleet.columnCount() - 1
        rows = [row for row in map(self.fleet.row_of, keys) if row >= 0]
        for row in rows:
            selection.select(self.fleet.index(row, 0), self.fleet.index(row, last))
        chosen = self.selectionModel()
        chosen.select(selection, _REPLACE)
        if rows:
            first = self.fleet.index(rows[0], max(0, self.currentIndex().column()))
            chosen.setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(first)

    def _selection_changed(self) -> None:
        if self._restoring:
            return
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        found = [self.fleet.row_at(row) for row in rows]
        keys = tuple(row for row in found if isinstance(row, Key))
        groups = [row for row in found if isinstance(row, GroupRow)]
        group = groups[0] if groups and not keys else None
        if keys != self._keys or group != self._group:
            self._keys, self._group = keys, group
            self.selected.emit()

    def _current_changed(self, current: QModelIndex) -> None:
        if not self._restoring:
            self._current = self.fleet.row_at(current.row())

    def _before_reset(self) -> None:
        self._restoring = True
        self._top = self.verticalScrollBar().value()
        self._column = max(0, self.currentIndex().column())

    def _after_reset(self) -> None:
        """Find the same machines again; a selected one that is hidden now is let go."""
        selection = QItemSelection()
        last = self.fleet.columnCount() - 1
        wanted = self._keys or ((self._group,) if self._group else ())
        for row in filter(_shown, map(self.fleet.place_of, wanted)):
            selection.select(self.fleet.index(row, 0), self.fleet.index(row, last))
        chosen = self.selectionModel()
        chosen.select(selection, _SELECT)
        row = self.fleet.place_of(self._current) if self._current else -1
        if row >= 0:
            place = self.fleet.index(row, self._column)
            chosen.setCurrentIndex(place, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.verticalScrollBar().setValue(self._top)
        self._restoring = False
        self._selection_changed()

    # --- the pointer ------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.fleet.hold = True
        self._rest.start()
        self._set_hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1)
        self._let_rows_move()
        super().leaveEvent(event)

    def _set_hover(self, row: int) -> None:
        if row != self._hover:
            self._hover = row
            self.viewport().update()

    def _let_rows_move(self) -> None:
        self._rest.stop()
        self.fleet.hold = False
        self.fleet.settle()

    # --- keys -------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._sideways(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _sideways(self, step: int) -> None:
        """Fold or unfold a heading; elsewhere go to the next column, for copying a cell."""
        current = self.currentIndex()
        row = self.fleet.row_at(current.row())
        if isinstance(row, GroupRow):
            if row.folded == (step > 0):
                self.fold(row)
            return
        header = self.header()
        visual = header.visualIndex(current.column()) + step
        while 0 <= visual < header.count() and header.isSectionHidden(header.logicalIndex(visual)):
            visual += step
        if 0 <= visual < header.count():
            place = current.siblingAtColumn(header.logicalIndex(visual))
            self.selectionModel().setCurrentIndex(place, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(place)

    def keyboardSearch(self, search: str) -> None:
        """Typing letters goes nowhere: single keys are actions, the filter box is for finding."""

    def fold(self, group: GroupRow) -> None:
        self.fleet.arrangement.folded ^= {group.id}
        self.fleet.arrange()

    def _clicked(self, index: QModelIndex) -> None:
        row = self.fleet.row_at(index.row())
        if isinstance(row, GroupRow) and self._on_mark():
            self.fold(row)

    def _on_mark(self) -> bool:
        """Whether the pointer is on the fold mark, or on nothing that selects."""
        at = self.viewport().mapFromGlobal(self.cursor().pos())
        return at.x() < self.theme.space(8)

    def _activate(self, index: QModelIndex) -> None:
        row = self.fleet.row_at(index.row())
        if isinstance(row, GroupRow):
            self.fold(row)
        elif row is not None:
            self.opened.emit()

    # --- drawing ----------------------------------------------------------------------------

    def drawRow(
        self,
        painter: QPainter,
        options: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Ground, quarantine band, cells, focus: in this order and nothing else."""
        rect = rect_of(options)
        number = index.row()
        whole = QRectF(rect)
        ground = self._ground(number)
        if ground is not None:
            painter.fillRect(whole, ground)
        view = self.fleet.view_at(number)
        if view is None:
            row = self.fleet.row_at(number)
            if isinstance(row, GroupRow):
                self._delegate.paint_heading(painter, whole, row)
            return
        self._draw_hold(painter, whole, view)
        self._draw_cells(painter, rect, view)
        self._draw_focus(painter, rect, number)

    def _draw_hold(self, painter: QPainter, whole: QRectF, view: MachineView) -> None:
        """The hatched band is for what is held; what is only watched has a dashed edge."""
        held = view.quarantine
        if held is None:
            return
        if held.mode is Mode.OBSERVE:
            paint_watched_edge(painter, whole, self.theme.colour("medium"))
        elif held.state in _BANDED:
            contained = held.state is Containment.CONTAINED
            self.theme.paint_band(painter, whole, contained)

    def _ground(self, row: int) -> QColor | None:
        if self.selectionModel().isSelected(self.fleet.index(row, 0)):
            return self.theme.colour("selection")
        return self.theme.colour("hover") if row == self._hover else None

    def paintEvent(self, event: QPaintEvent) -> None:
        self._columns = self._columns_in_sight()
        super().paintEvent(event)

    def _columns_in_sight(self) -> list[tuple[int, int, int]]:
        """Column, left edge and width of each, asked of the header once a paint."""
        header, width = self.header(), self.viewport().width()
        found: list[tuple[int, int, int]] = []
        for visual in range(header.count()):
            column = header.logicalIndex(visual)
            if header.isSectionHidden(column):
                continue
            left, size = header.sectionViewportPosition(column), header.sectionSize(column)
            if left + size > 0 and left < width:
                cut = width - left if width - left >= _READABLE else size
                found.append((column, left, min(size, cut)))
        return found

    def _draw_cells(self, painter: QPainter, rect: QRect, view: MachineView) -> None:
        for column, left, size in self._columns:
            cell = QRectF(left, rect.top(), size, rect.height())
            self._delegate.paint_cell(painter, cell, view, column)

    def _draw_focus(self, painter: QPainter, rect: QRect, row: int) -> None:
        current = self.currentIndex()
        if current.row() != row or not self.hasFocus():
            return
        header = self.header()
        left = header.sectionViewportPosition(current.column())
        size = header.sectionSize(current.column())
        painter.save()
        painter.setPen(QPen(self.theme.colour("accent"), 1))
        painter.drawRect(QRectF(left + 0.5, rect.top() + 0.5, size - 1.0, rect.height() - 1.0))
        painter.restore()
