"""`?`: the complete table of keys, made from the action table, so that it cannot lie."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.text import Catalogue
from gui.actions import ACTIONS, WIDGET_KEYS, Menu
from gui.floating import Floating
from gui.plain import PlainLabel
from gui.theme import Face, Theme

COLUMNS = 3


class KeysOverlay(Floating):
    """Floats over the window until Esc, `?` or a click."""

    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__("keys", theme, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t = catalogue
        self.setAccessibleName(catalogue("window.keys.title"))
        column = QVBoxLayout(self)
        edge = theme.space(5)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(theme.space(4))
        title = PlainLabel(catalogue("window.keys.title"))
        title.setFont(theme.font(Face.TITLE))
        column.addWidget(title)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        self._table = self._content()
        area.setWidget(self._table)
        column.addWidget(area, 1)

    def open(self) -> None:
        self.place()
        self.show()
        self.raise_()
        self.setFocus()

    def place(self) -> None:
        space = self.theme.space
        width = min(self.over.width() - space(8), space(260))
        needed = self._table.sizeHint().height() + space(26)
        self.resize(width, min(self.over.height() - space(8), needed))
        super().place()

    def rows(self) -> list[tuple[str, str, str]]:
        """Return section, keys and words of every line of the table."""
        found = [
            (f"window.menu.{menu}", key_words(action.key), self._t(action.code))
            for menu in Menu
            for action in ACTIONS
            if action.menu is menu and action.key
        ]
        found += [("window.keys.table", keys, self._t(code)) for keys, code in WIDGET_KEYS]
        return found

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Question):
            self.leave()
        else:
            super().keyPressEvent(event)

    def _content(self) -> QWidget:
        content = QWidget()
        line = QHBoxLayout(content)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(self.theme.space(8))
        sections: dict[str, list[tuple[str, str]]] = {}
        for section, keys, words in self.rows():
            sections.setdefault(section, []).append((keys, words))
        for names in _spread(sections, COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(self.theme.space(4))
            for name in names:
                column.addLayout(self._section(name, sections[name]))
            column.addStretch(1)
            line.addLayout(column, 1)
        return content

    def _section(self, name: str, rows: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.space(3))
        grid.setVerticalSpacing(self.theme.space(1))
        grid.setColumnStretch(1, 1)
        head = PlainLabel(self._t(name))
        head.setFont(self.theme.font(Face.STRONG))
        grid.addWidget(head, 0, 0, 1, 2)
        for number, (keys, words) in enumerate(rows, 1):
            key = PlainLabel(keys)
            key.setFont(self.theme.font(Face.MONO))
            key.setProperty("role", "secondary")
            what = PlainLabel(words)
            what.setWordWrap(True)
            grid.addWidget(key, number, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(what, number, 1, Qt.AlignmentFlag.AlignVCenter)
        return grid


def key_words(key: str) -> str:
    """Return the key as the desktop writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _spread(sections: dict[str, list[tuple[str, str]]], columns: int) -> list[list[str]]:
    """Deal sections to columns so that they become about equally long."""
    dealt: list[list[str]] = [[] for _ in range(columns)]
    lengths = [0] * columns
    for name, rows in sorted(sections.items(), key=lambda one: -len(one[1])):
        shortest = lengths.index(min(lengths))
        dealt[shortest].append(name)
        lengths[shortest] += len(rows) + 2
    return dealt
