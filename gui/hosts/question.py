"""What a host asks of the person: its first key, or a secret. A window of its own, never modal."""

from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from core.text import Catalogue
from gui.inspector.fact_list import FactList
from gui.inspector.facts import Fact, Section
from gui.inspector.value_label import ValueLabel
from gui.plain import one_line, tooltip
from gui.theme import Face, Theme

_WIDTH = 460


class Secret(NamedTuple):
    """What was typed, and whether the keyring may keep it."""

    value: str
    keep: bool


class Question(QDialog):
    """Answered exactly once: by a button, by Esc or by closing."""

    answered = Signal(object)

    def __init__(self, title: str, t: Catalogue, theme: Theme) -> None:
        super().__init__(None, Qt.WindowType.Dialog)
        self.setWindowTitle(one_line(title))
        self.setModal(False)
        self.setMinimumWidth(_WIDTH)
        self._t, self._theme = t, theme
        self._open = True
        self.title = ValueLabel(self, lines=3)
        self.title.setFont(theme.font(Face.TITLE))
        self.title.set_text(title)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(20, 16, 20, 16)
        self.box.setSpacing(10)
        self.box.addWidget(self.title)
        self.yes = QPushButton(self)
        self.yes.setObjectName("yes")
        self.no = QPushButton(self)
        self.no.setObjectName("no")
        self.no.clicked.connect(lambda: self.answer(None))
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.addWidget(self.yes)
        self.foot.addWidget(self.no)
        self.foot.addStretch(1)

    def answer(self, value: object) -> None:
        if self._open:
            self._open = False
            self.answered.emit(value)
            self.close()

    def withdraw(self) -> None:
        """The host does not wait any more."""
        self._open = False
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.answer(None)
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.answer(None)
        else:
            super().keyPressEvent(event)

    def add_words(self, words: str) -> None:
        label = ValueLabel(self, lines=8)
        label.set_colour(self._theme.colour("secondary"))
        label.set_text(words)
        self.box.addWidget(label)


class HostKeyQuestion(Question):
    """Shows a key nobody knows yet. Refusing is what Enter does; trusting must be meant."""

    def __init__(
        self, t: Catalogue, theme: Theme, *, host: str, address: str, kind: str, fingerprint: str
    ) -> None:
        super().__init__(t("panels.key.title", host=host), t, theme)
        self.add_words(t("panels.key.text", address=address))
        facts = FactList(t, theme, self)
        facts.show_sections(
            [
                Section(
                    t("panels.key.section"),
                    (
                        Fact(t("panels.key.address"), address, mono=True),
                        Fact(t("panels.key.kind"), kind, mono=True),
                        Fact(t("panels.key.fingerprint"), fingerprint, mono=True),
                    ),
                )
            ]
        )
        self.box.addWidget(facts)
        self.add_words(t("panels.key.compare"))
        self.yes.setText(t("panels.key.trust"))
        self.yes.clicked.connect(lambda: self.answer(True))
        self.yes.setAutoDefault(False)
        self.no.setText(t("panels.key.refuse"))
        self.no.setDefault(True)
        self.box.addLayout(self.foot)


class CredentialQuestion(Question):
    """Asks for one value. Without a keyring it says that the value lives until the end only."""

    def __init__(
        self, t: Catalogue, theme: Theme, *, host: str, what: str, secret: bool, kept: bool
    ) -> None:
        super().__init__(t("panels.secret.title", host=host), t, theme)
        label = ValueLabel(self, lines=2)
        label.set_text(what)
        self.edit = QLineEdit(self)
        self.edit.setObjectName("secret")
        self.edit.setAccessibleName(one_line(what))
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep = QCheckBox(t("panels.secret.keep"), self)
        self.keep.setVisible(secret and kept)
        self.keep.setToolTip(tooltip(t("secrets.kept")))
        self.box.addWidget(label)
        self.box.addWidget(self.edit)
        self.box.addWidget(self.keep)
        if secret and not kept:
            self.add_words(t("secrets.session"))
        self.yes.setText(t("panels.secret.send"))
        self.yes.setDefault(True)
        self.yes.clicked.connect(self._send)
        self.no.setText(t("panels.cancel"))
        self.no.setAutoDefault(False)
        self.box.addLayout(self.foot)

    def _send(self) -> None:
        if self.edit.text():
            self.answer(Secret(self.edit.text(), self.keep.isChecked()))
