"""Draws the cells and headings of the fleet table through the painters of `cells`."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.fleet.model import MachineView
from gui.fleet.arrange import GroupRow
from gui.fleet.brush import STALE_OPACITY, Brush
from gui.fleet.cells import PAINTERS, paint_words
from gui.fleet.model import FleetModel
from gui.fleet.sparks import Lines, Sparks
from gui.fleet.wording import group_name, group_note
from gui.option import rect_of
from gui.theme import Face, Theme

Index = QModelIndex | QPersistentModelIndex


class FleetDelegate(QStyledItemDelegate):
    """One delegate for all columns; the column's id chooses the painter."""

    def __init__(
        self, model: FleetModel, theme: Theme, parent: QWidget, lines: Lines | None = None
    ) -> None:
        super().__init__(parent)
        self._sparks = Sparks(lines)
        self.theme = theme
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.theme.space(10), self.theme.row_height)

    def paint_cell(
        self, painter: QPainter, rect: QRectF, view: MachineView, column_number: int
    ) -> None:
        column = self._model.columns[column_number]
        space = self.theme.space(2)
        brush = Brush(painter, self.theme, self._model.catalogue)
        brush.group = self._model.arrangement.group
        brush.days = self._sparks.days(view) if column.id == "score" else ()
        brush.start(rect.adjusted(space, 0, -space, 0))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        if view.stale:
            painter.setOpacity(STALE_OPACITY)
        PAINTERS.get(column.id, paint_words)(brush, view, column)
        painter.restore()

    def paint_heading(self, painter: QPainter, rect: QRectF, group: GroupRow) -> None:
        """A heading across the whole row: fold mark, name, number of machines."""
        brush = Brush(painter, self.theme, self._model.catalogue)
        space = self.theme.space(2)
        brush.start(rect.adjusted(space, 0, -space, 0))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        brush.icon("chevron-right" if group.folded else "chevron-down", "secondary")
        brush.gap(2)
        brush.text(group_name(group, self._model.catalogue), face=Face.STRONG)
        brush.gap(2)
        note = group_note(group, self._model.catalogue, self._model.hosts)
        brush.text(note, "secondary", Face.SECONDARY)
        painter.setPen(self.theme.colour("hairline"))
        painter.setOpacity(1.0)
        bottom = rect.bottom() - 0.5
        painter.drawLine(int(rect.left()), int(bottom), int(rect.right()), int(bottom))
        painter.restore()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Where Qt asks for a single cell (a drag picture, a test)."""
        view = self._model.view_at(index.row())
        if view is not None:
            self.paint_cell(painter, QRectF(rect_of(option)), view, index.column())
