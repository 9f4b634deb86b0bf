"""What the filter box offers while typing: a list below it that never takes the keys away."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.fleet.query import Completion
from core.text import Catalogue
from gui.fleet.brush import Brush
from gui.option import rect_of, selected
from gui.plain import one_line
from gui.theme import Face, Theme

Index = QModelIndex | QPersistentModelIndex
MOST = 10
WIDTH = 380
OFFER = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()


class _Offers(QAbstractListModel):
    def __init__(self, catalogue: Catalogue, parent: QObject) -> None:
        super().__init__(parent)
        self._t = catalogue
        self.offers: tuple[Completion, ...] = ()

    def show(self, offers: tuple[Completion, ...]) -> None:
        self.beginResetModel()
        self.offers = offers
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.offers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.offers):
            return None
        offer = self.offers[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return one_line(offer.text)
        return offer if role == OFFER else None


class _Delegate(QStyledItemDelegate):
    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t = catalogue
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._theme.space(40), self._theme.space(6.5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer: Completion = index.data(OFFER)
        rect = QRectF(rect_of(option))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected(option):
            painter.fillRect(rect, self._theme.colour("selection"))
        brush = Brush(painter, self._theme, self._t)
        brush.start(rect.adjusted(self._theme.space(2), 0, -self._theme.space(2), 0))
        brush.text(one_line(offer.text), face=Face.MONO)
        brush.gap(4)
        brush.text(self._t(offer.detail), "secondary", Face.SECONDARY)
        painter.restore()


class CompletionPopup(QListView):
    """Shown below the line; the line keeps the keys and steps through it."""

    taken = Signal()

    def __init__(self, catalogue: Catalogue, theme: Theme, line: QLineEdit) -> None:
        super().__init__(line)
        self.setObjectName("completions")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.hide()
        self.touched = False
        self._line = line
        self._theme = theme
        self._offers = _Offers(catalogue, self)
        self.setModel(self._offers)
        self.setItemDelegate(_Delegate(catalogue, theme, self))
        self.clicked.connect(self.taken)

    def offer(self, offers: Sequence[Completion]) -> None:
        """Show the offers, or nothing when there are none."""
        self._offers.show(tuple(offers[: MOST * 4]))
        self.touched = False
        if not offers:
            self.hide()
            return
        if self.parentWidget() is not self._line.window():
            self.setParent(self._line.window())
        rows = min(MOST, len(offers))
        self.resize(WIDTH, rows * self._theme.space(6.5) + 4)
        self.move(self._line.mapTo(self._line.window(), QPoint(0, self._line.height() + 2)))
        self.setCurrentIndex(self._offers.index(0))
        self.show()
        self.raise_()

    def current(self) -> Completion | None:
        row = self.currentIndex().row()
        return self._offers.offers[row] if 0 <= row < len(self._offers.offers) else None

    def step(self, by: int) -> None:
        self.touched = True
        last = len(self._offers.offers) - 1
        row = max(0, min(last, self.currentIndex().row() + by))
        self.setCurrentIndex(self._offers.index(row))
