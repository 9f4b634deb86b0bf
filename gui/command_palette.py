"""Ctrl+K: every action, machine, host, view, zone and finding, found by typing parts of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.text import Catalogue
from gui.fleet.brush import Brush
from gui.floating import Floating
from gui.option import rect_of, selected
from gui.theme import Face, Theme

Index = QModelIndex | QPersistentModelIndex
MOST = 60
SHOWN_ROWS = 12
WIDTH = 620
THING = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Thing:
    """Something the palette can go to or do; `words` are what it is found by."""

    title: str
    kind: str
    icon: str
    run: Callable[[], None]
    hint: str = ""
    why_not: str = ""
    weight: int = 0  # among equal matches the heavier comes first

    @property
    def words(self) -> str:
        return f"{self.title} {self.kind}".lower()


def best(things: Iterable[Thing], typed: str) -> list[Thing]:
    """Return what matches every typed word, the closest match first."""
    wanted = typed.lower().split()
    scored: list[tuple[int, str, Thing]] = []
    for thing in things:
        points = _points(thing, wanted)
        if points is not None:
            scored.append((-points - thing.weight, thing.title, thing))
    scored.sort(key=lambda one: one[:2])
    return [thing for _, _, thing in scored[:MOST]]


def _points(thing: Thing, wanted: Sequence[str]) -> int | None:
    """A word at the start counts most, at the start of a word next, inside a word least."""
    points, title = 0, thing.title.lower()
    for word in wanted:
        if word not in thing.words:
            return None
        points += 40 if title.startswith(word) else 20 if f" {word}" in title else 10
        points -= title.count(" ") // 2
    return points


class _Found(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.things: list[Thing] = []

    def show(self, things: list[Thing]) -> None:
        self.beginResetModel()
        self.things = things
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.things)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.things):
            return None
        thing = self.things[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return thing.title
        return thing if role == THING else None


class _Delegate(QStyledItemDelegate):
    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t = catalogue
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._theme.space(60), self._theme.space(8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        thing: Thing = index.data(THING)
        rect = QRectF(rect_of(option))
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected(option):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selection"))
            painter.drawRoundedRect(rect.adjusted(4, 1, -4, -1), 4, 4)
        brush = Brush(painter, theme, self._t)
        brush.start(rect.adjusted(theme.space(3), 0, -theme.space(3), 0))
        right = brush.rect.right()
        tail = thing.why_not or thing.hint or thing.kind
        width = min(brush.advance(tail, Face.SECONDARY), rect.width() * 0.5)
        brush.rect.setRight(right - width - theme.space(3))
        brush.icon(thing.icon, "secondary")
        brush.gap(3)
        brush.text(thing.title, "secondary" if thing.why_not else "text")
        brush.rect.setRight(right)
        brush.x = right - width
        brush.text(tail, "secondary", Face.SECONDARY)
        painter.restore()


class CommandPalette(Floating):
    """A floating panel over the window; Enter does, Esc leaves."""

    refused = Signal(str)

    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__("palette", theme, parent)
        self._all: list[Thing] = []
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(catalogue("window.palette.hint"))
        self.line.setAccessibleName(catalogue("window.action.palette"))
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)
        self._found = _Found(self)
        self.list = QListView(self)
        self.list.setModel(self._found)
        self.list.setItemDelegate(_Delegate(catalogue, theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(self._run)
        column = QVBoxLayout(self)
        space = theme.space(2)
        column.setContentsMargins(space, space, space, space)
        column.setSpacing(space)
        column.addWidget(self.line)
        column.addWidget(self.list)

    def open_on(self, things: Callable[[], Iterator[Thing]]) -> None:
        """Show the palette; the things are gathered now, so that they are of this moment."""
        self._all = list(things())
        self.line.clear()
        self._search("")
        self.show()
        self.raise_()
        self.line.setFocus()

    def place(self) -> None:
        space = self.theme.space
        rows = max(1, min(SHOWN_ROWS, len(self._found.things)))
        self.resize(min(WIDTH, self.over.width() - space(8)), space(8) * rows + space(15))
        super().place()
        self.move(self.x(), space(20))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._step(SHOWN_ROWS if key == Qt.Key.Key_PageDown else -SHOWN_ROWS)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        last = len(self._found.things) - 1
        row = max(0, min(last, self.list.currentIndex().row() + by))
        self.list.setCurrentIndex(self._found.index(row))

    def _search(self, typed: str) -> None:
        self._found.show(best(self._all, typed))
        if self._found.things:
            self.list.setCurrentIndex(self._found.index(0))
        self.place()

    def _run(self, index: QModelIndex) -> None:
        if not 0 <= index.row() < len(self._found.things):
            return
        thing = self._found.things[index.row()]
        if thing.why_not:
            self.refused.emit(thing.why_not)
            return
        self.leave()
        thing.run()
