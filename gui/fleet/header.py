"""The table's head: sort by a click, columns chosen, ordered and sized by hand, all remembered."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeView

from core.fleet.columns import default_columns
from gui.fleet.model import FleetModel
from gui.plain import menu_text
from gui.theme import Face, Theme

WIDTHS: Mapping[str, int] = {
    "state": 32,
    "name": 140,
    "host": 96,
    "zones": 92,
    "score": 108,
    "worst": 340,
    "label": 164,
    "consoles": 116,
    "encrypted": 104,
    "tenant": 92,
    "risk": 88,
    "quarantine": 168,
    "case": 260,
}
USUAL = tuple(column.id for column in default_columns() if column.id != "host")
USUAL_WIDTH = 110
NARROWEST = 32
ALWAYS = frozenset({"name"})


class FleetHeader(QHeaderView):
    """Emits `arranged` when the admin chose, moved, sized or sorted columns."""

    arranged = Signal()

    def __init__(self, model: FleetModel, table: QTreeView, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.setObjectName("columns")
        self._model = model
        self._quiet = True
        table.setHeader(self)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setFirstSectionMovable(True)
        self.setStretchLastSection(False)
        self.setMinimumSectionSize(NARROWEST)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(theme.font(Face.SECONDARY))
        self.setFixedHeight(theme.row_height)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.sectionClicked.connect(self._sort_by)
        self.sectionMoved.connect(self._announce)
        self.sectionResized.connect(self._announce)

    # --- what is chosen ------------------------------------------------------------------

    def chosen(self) -> tuple[str, ...]:
        """Return the shown columns' ids from left to right."""
        order = (self.logicalIndex(visual) for visual in range(self.count()))
        return tuple(
            self._model.columns[number].id for number in order if not self.isSectionHidden(number)
        )

    def widths(self) -> dict[str, int]:
        numbers = range(self.count())
        return {
            self._model.columns[number].id: self.sectionSize(number)
            for number in numbers
            if not self.isSectionHidden(number)
        }

    def choose(self, columns: Sequence[str], widths: Mapping[str, int]) -> None:
        """Show these columns in this order; unknown ids (of a newer version) are passed over."""
        self._quiet = True
        known = [self._model.column_of(name) for name in columns]
        wanted = [number for number in known if number >= 0]
        for number, column in enumerate(self._model.columns):
            self.setSectionHidden(number, number not in wanted)
            self.resizeSection(number, widths.get(column.id, WIDTHS.get(column.id, USUAL_WIDTH)))
        for visual, number in enumerate(wanted):
            self.moveSection(self.visualIndex(number), visual)
        self._quiet = False

    def show_sort(self) -> None:
        wanted = self._model.arrangement
        order = Qt.SortOrder.DescendingOrder if wanted.descending else Qt.SortOrder.AscendingOrder
        self.setSortIndicator(self._model.column_of(wanted.sort), order)

    # --- by hand -------------------------------------------------------------------------

    def open_chooser(self) -> None:
        self._menu().popup(self.mapToGlobal(QPoint(0, self.height())))

    def _open_menu(self, _at: QPoint) -> None:
        self._menu().popup(QCursor.pos())

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("column-chooser")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        t = self._model.catalogue
        for number, column in enumerate(self._model.columns):
            entry = menu.addAction(menu_text(t(column.code)))
            entry.setCheckable(True)
            entry.setChecked(not self.isSectionHidden(number))
            entry.setEnabled(column.id not in ALWAYS)
            entry.toggled.connect(partial(self._show_column, number))
        menu.addSeparator()
        menu.addAction(menu_text(t("window.columns.reset"))).triggered.connect(self._reset)
        return menu

    def _show_column(self, number: int, shown: bool) -> None:
        self.setSectionHidden(number, not shown)
        if shown and self.sectionSize(number) < NARROWEST:
            self.resizeSection(number, USUAL_WIDTH)
        self._announce()

    def _reset(self) -> None:
        self.choose(USUAL, {})
        self._announce()

    def _sort_by(self, number: int) -> None:
        """Sort; the same head again turns the order round."""
        wanted = self._model.arrangement
        column = self._model.columns[number].id
        wanted.descending = not wanted.descending if wanted.sort == column else False
        wanted.sort = column
        self._model.arrange()
        self.show_sort()
        self._announce()

    def _announce(self, *_: int) -> None:
        if not self._quiet:
            self.arranged.emit()
