"""The tray icon and its notifications; where the desktop has no tray there simply is none.

A notification server may read markup in a body but never in a title: what comes from a host goes
into the title, and the body is only our own sentence.
"""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from core.text import Catalogue, Text
from core.text.message import Parameter
from gui.notices import Notice
from gui.plain import menu_text, one_line
from gui.theme import Theme

SHOWN_MS = 10_000
MOST_AT_ONCE = 3
TITLE_LENGTH = 120


class Tray(QObject):
    """Emits `wanted` when the admin asks for the window, `leave` when for the end."""

    wanted = Signal()
    leave = Signal()

    def __init__(self, catalogue: Catalogue, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._t = catalogue
        self._icon = QSystemTrayIcon(theme.icon("ringfence", "accent", 32), self)
        self._icon.setToolTip(catalogue("window.title"))
        self._menu = QMenu()
        self._menu.addAction(menu_text(catalogue("window.tray.open"))).triggered.connect(
            self.wanted
        )
        self._menu.addAction(menu_text(catalogue("window.action.quit"))).triggered.connect(
            self.leave
        )
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.wanted)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon.show()

    @property
    def shown(self) -> bool:
        return self._icon.isVisible()

    def hide(self) -> None:
        self._icon.hide()

    def tell(self, notices: Iterable[Notice]) -> None:
        """Show a few notices; more than that become one that counts them."""
        listed = list(notices)
        if not self.shown or not listed:
            return
        if len(listed) > MOST_AT_ONCE:
            title, body = self._t("window.title"), self._t("window.notice.many", count=len(listed))
            self._icon.showMessage(title, body, self._icon.icon(), SHOWN_MS)
            return
        for notice in listed:
            title, body = worded(notice, self._t)
            self._icon.showMessage(title, body, self._icon.icon(), SHOWN_MS)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.wanted.emit()


def worded(notice: Notice, t: Catalogue) -> tuple[str, str]:
    """Return title and body; parameters of the sentence that look like markup are taken apart."""
    safe: dict[str, Parameter] = {
        name: value.translate(_NO_MARKUP) if isinstance(value, str) else value
        for name, value in notice.message.params.items()
    }
    return one_line(notice.subject)[:TITLE_LENGTH], t.say(Text(notice.message.code, safe))


_NO_MARKUP = str.maketrans({"<": "‹", ">": "›", "&": "＆"})
