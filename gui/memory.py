"""How the window looked when it was left, and how it looks again at the next start."""

import base64
import binascii
from typing import TYPE_CHECKING

from msgspec import structs
from PySide6.QtCore import QByteArray

from core.settings.preferences import Preferences
from gui.fleet.arrange import GROUPS
from gui.fleet.header import USUAL

if TYPE_CHECKING:
    from gui.window import MainWindow

USUAL_SIZE = (1280, 800)


def restore(window: "MainWindow", liked: Preferences) -> None:
    """Take over what is remembered; what no longer makes sense gives the usual."""
    window.resize(*USUAL_SIZE)
    window.restoreGeometry(_geometry(liked.geometry))
    window.parts.restore(liked.splitters)
    wanted = window.model.arrangement
    wanted.sort, wanted.descending = liked.sort, liked.descending
    wanted.group = liked.group if liked.group in GROUPS else ""
    window.table_header.choose(liked.columns or USUAL, liked.column_widths)
    window.table_header.show_sort()
    window.filter_bar.set_text(liked.filter)
    language = "zh-cn" if window.t.language == "zh_CN" else "en"
    for choice in (
        f"group-{wanted.group or 'none'}",
        f"density-{liked.density}",
        f"theme-{liked.theme}",
        f"language-{language}",
    ):
        window.board.tick(choice)
    window.board.tick("notify", liked.notify)
    window.board.tick("close-to-tray", liked.close_to_tray)
    if liked.inspector_tab:
        window.panels.inspector.choose_tab(liked.inspector_tab)


def remembered(window: "MainWindow") -> Preferences:
    """Return the preferences as the window stands now."""
    wanted = window.model.arrangement
    return structs.replace(
        window.preferences,
        columns=window.table_header.chosen(),
        column_widths=window.table_header.widths(),
        sort=wanted.sort,
        descending=wanted.descending,
        group=wanted.group,
        filter=window.filter_bar.query.text,
        geometry=base64.b64encode(window.saveGeometry().data()).decode(),
        splitters=window.parts.sizes(),
        inspector_tab=window.panels.inspector.current_tab(),
    )


def _geometry(text: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except binascii.Error:
        return QByteArray()
