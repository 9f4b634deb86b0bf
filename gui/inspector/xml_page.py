"""The XML page: what runs, what is stored, and the difference, asked of the host on demand."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.changes.difference import text_difference
from core.changes.redact import redact
from core.hosts.protocol import XmlTexts
from core.text import Catalogue
from gui.changes.diff_view import DiffView, TextView
from gui.inspector.fact_list import put_on_clipboard
from gui.inspector.value_label import ValueLabel
from gui.theme import Theme

_SIDES = ("live", "stored", "difference")


class XmlPage(QWidget):
    """Shows texts given to it; `wanted` asks for them. Passwords are hidden even here."""

    wanted = Signal()

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = t
        self.asked = False
        self._buttons = {name: self._side_button(name) for name in _SIDES}
        self._texts: dict[str, TextView] = {
            "live": TextView(t, theme, self),
            "stored": TextView(t, theme, self),
            "difference": DiffView(t, theme, self),
        }
        self._note = ValueLabel(self, lines=6)
        self._note.set_colour(theme.colour("secondary"))
        self._note.setContentsMargins(12, 12, 12, 12)
        self._stack = QStackedLayout()
        for name in _SIDES:
            self._texts[name].setAccessibleName(t(f"panels.xml.{name}"))
            self._stack.addWidget(self._texts[name])
        self._stack.addWidget(self._note)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._bar(theme))
        outer.addLayout(self._stack, 1)
        self.forget()

    def forget(self) -> None:
        """Another machine: nothing is known until it was asked for."""
        for text in self._texts.values():
            text.show_text("")
        self.show_note(self._t("panels.xml.not-read"))

    def show_note(self, words: str, *, asked: bool = False) -> None:
        self.asked = asked
        self._note.set_text(words)
        self._stack.setCurrentWidget(self._note)

    def note(self) -> str:
        """What stands there instead of XML."""
        return self._note.text()

    def show_texts(self, texts: XmlTexts) -> None:
        self._texts["live"].show_text(redact(texts.live) or self._t("panels.xml.no-live"))
        self._texts["stored"].show_text(redact(texts.stored) or self._t("panels.xml.no-stored"))
        self._texts["difference"].show_text("\n".join(self._difference(texts)))
        self._choose()

    def text(self, side: str) -> str:
        return self._texts[side].full

    def side_button(self, side: str) -> QToolButton:
        return self._buttons[side]

    def _difference(self, texts: XmlTexts) -> tuple[str, ...]:
        if not texts.live or not texts.stored:
            return (self._t("panels.xml.one-side"),)
        return text_difference(texts.stored, texts.live) or (self._t("panels.xml.same"),)

    def _side_button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(self._t(f"panels.xml.{name}"))
        button.setObjectName(f"xml-{name}")
        button.setCheckable(True)
        return button

    def _bar(self, theme: Theme) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(4)
        group = QButtonGroup(self)
        for button in self._buttons.values():
            group.addButton(button)
            bar.addWidget(button)
        self._buttons["live"].setChecked(True)
        group.buttonClicked.connect(self._choose)
        bar.addStretch(1)
        for name, icon, act in (("read", "refresh-cw", self.wanted.emit), ("copy", "copy", None)):
            button = QToolButton(self)
            button.setIcon(theme.icon(icon))
            button.setToolTip(self._t(f"panels.xml.{name}"))
            button.setAccessibleName(self._t(f"panels.xml.{name}"))
            button.setObjectName(f"xml-{name}")
            button.clicked.connect(act or self._copy)
            bar.addWidget(button)
        return bar

    def _chosen(self) -> str:
        return next(name for name in _SIDES if self._buttons[name].isChecked())

    def _choose(self) -> None:
        if any(text.full for text in self._texts.values()):
            self._stack.setCurrentWidget(self._texts[self._chosen()])

    def _copy(self) -> None:
        put_on_clipboard(self._texts[self._chosen()].full)
