"""Menu bar, context menus and keys, all made from the action table.

A key of an action that is not possible now is not swallowed: it says why. So keys are shortcuts
of the window and not of menu entries, which would go deaf when they are disabled.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar, QWidget

from core.text import Catalogue
from gui.actions import ACTIONS, BY_ID, Action, Menu
from gui.keys_overlay import key_words
from gui.plain import menu_text, tooltip
from gui.situation import Situation
from gui.theme import Theme


class ActionBoard(QObject):
    """Holds one QAction an entry of the table; `wanted` says which was chosen."""

    wanted = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        table: QWidget,
        catalogue: Catalogue,
        theme: Theme,
        situation: Callable[[], Situation],
    ) -> None:
        super().__init__(window)
        self._t = catalogue
        self._theme = theme
        self._situation = situation
        self.entries = {action.id: self._entry(action) for action in ACTIONS}
        self._choices()
        for action in ACTIONS:
            if action.key:
                shortcut = self._shortcut(action, window, table)
                shortcut.activated.connect(lambda id_=action.id: self.wanted.emit(id_))

    def _shortcut(self, action: Action, window: QMainWindow, table: QWidget) -> QShortcut:
        """Ctrl+C belongs to whatever has the keys: ours is deaf outside the table."""
        keys = QKeySequence(action.key)
        if not action.in_table:
            return QShortcut(keys, window)
        return QShortcut(keys, table, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _entry(self, action: Action) -> QAction:
        keys = f"\t{key_words(action.key)}" if action.key else ""
        entry = QAction(menu_text(self._t(action.code)) + keys, self)
        entry.setObjectName(action.id)
        if action.icon:
            entry.setIcon(self._theme.icon(action.icon, action.role))
        entry.setCheckable(bool(action.choice) or action.ticks)
        entry.triggered.connect(lambda _checked=False, id_=action.id: self.wanted.emit(id_))
        return entry

    def _choices(self) -> None:
        groups: dict[str, QActionGroup] = {}
        for action in ACTIONS:
            if action.choice:
                group = groups.setdefault(action.choice, QActionGroup(self))
                group.addAction(self.entries[action.id])

    def tick(self, action_id: str, on: bool = True) -> None:
        if action_id in self.entries:
            self.entries[action_id].setChecked(on)

    def refresh(self) -> None:
        """Enable what is possible now; the rest says why not on hover."""
        now = self._situation()
        for action in ACTIONS:
            why = action.why_not(now)
            entry = self.entries[action.id]
            entry.setEnabled(why is None)
            words = self._t.say(why) if why else ""
            entry.setToolTip(tooltip(words or self._t(action.code)))
            entry.setStatusTip(words)

    def why_not(self, action_id: str) -> str:
        why = BY_ID[action_id].why_not(self._situation())
        return self._t.say(why) if why else ""

    def fill_bar(self, bar: QMenuBar) -> None:
        for name in Menu:
            menu = QMenu(menu_text(self._t(f"window.menu.{name}")), bar)
            menu.setObjectName(f"menu-{name}")
            listed = [action for action in ACTIONS if action.menu is name]
            groups = sorted({action.group for action in listed})
            self._fill(menu, [[a.id for a in listed if a.group == group] for group in groups])
            bar.addMenu(menu)

    def context(self, parent: QMainWindow, groups: Sequence[Sequence[str]]) -> QMenu:
        """Return a menu of the same entries; it ends itself when it closes."""
        menu = QMenu(parent)
        menu.setObjectName("context")
        menu.aboutToHide.connect(menu.deleteLater)
        self._fill(menu, groups)
        return menu

    def _fill(self, menu: QMenu, groups: Sequence[Sequence[str]]) -> None:
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.refresh)
        for number, group in enumerate(groups):
            if number:
                menu.addSeparator()
            for action_id in group:
                menu.addAction(self.entries[action_id])
