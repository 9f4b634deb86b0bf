"""Keys for evidence, asked for beside the cut and never before it.

Shown once a cut that takes evidence was confirmed and a key is not there or not open. Who passes
over it loses nothing but a signature, or, without a case key, the evidence of just now.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.incidents.evidence.room import CaseFiles
from core.keys.purposes import Purpose
from core.keys.ring import KeyRing
from core.keys.wrapping import ByToken, Wrapping, wrap_by_passphrase
from core.text import Catalogue, RingfenceError
from gui.changes.work import Work
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.theme import Theme

MOST_CHARACTERS = 1024
WrapBy = Callable[[bytes, str, str], Wrapping]  # key, name, passphrase


class KeyWant(StrEnum):
    """What stands between evidence and its signature."""

    NOTHING = "nothing"
    MAKE = "make"
    OPEN = "open"
    PIN = "pin"  # of the token that keeps it


class KeyDoor(Protocol):
    """All raise RingfenceError with the reason."""

    async def wanted(self) -> KeyWant: ...

    async def give(self, want: KeyWant, secret: str) -> None:
        """Make what is missing, or open the key that signs."""
        ...

    async def sign(self, case: str) -> int:
        """Sign what was closed without a signature; how many collections that were."""
        ...


class StationKeys:
    """Implements KeyDoor over a station's ring. Deriving a key takes a second: off the loop."""

    def __init__(
        self,
        ring: Callable[[], KeyRing],
        cases: Callable[[], CaseFiles],
        wrap: WrapBy = wrap_by_passphrase,
    ) -> None:
        self._ring, self._cases, self._wrap = ring, cases, wrap

    async def wanted(self) -> KeyWant:
        return await asyncio.to_thread(self._wanted)

    async def give(self, want: KeyWant, secret: str) -> None:
        await asyncio.to_thread(self._give, want, secret)

    async def sign(self, case: str) -> int:
        return await asyncio.to_thread(lambda: self._cases().sign_case(case))

    def _wanted(self) -> KeyWant:
        ring = self._ring()
        signs = ring.find(Purpose.EVIDENCE)
        if signs is None or ring.find(Purpose.CASE) is None:
            return KeyWant.MAKE
        if ring.is_open(Purpose.EVIDENCE):
            return KeyWant.NOTHING
        return KeyWant.PIN if isinstance(signs.wrapping, ByToken) else KeyWant.OPEN

    def _give(self, want: KeyWant, secret: str) -> None:
        ring = self._ring()
        if want is KeyWant.MAKE:
            for purpose in ring.missing():
                ring.make(purpose, lambda key, name: self._wrap(key, name, secret))
        if not ring.is_open(Purpose.EVIDENCE):
            ring.unlock(ring.need(Purpose.EVIDENCE), secret)


class SecretEdit(QLineEdit):
    """Enter is for the secret alone: it never reaches the panel, where it is a yes."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setMaxLength(MOST_CHARACTERS)
        self.setEchoMode(QLineEdit.EchoMode.Password)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.text() in {"\r", "\n"}:
            event.accept()


class UnlockField(QWidget):
    """Hidden while no key is wanted. `opened` when the key that signs is open."""

    opened = Signal()

    def __init__(self, door: KeyDoor | None, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._door, self._t = door, t
        self._work = Work()
        self._want = KeyWant.NOTHING
        self.words = ValueLabel(self, lines=6)
        self.problem = ValueLabel(self, lines=4)
        self.problem.set_colour(theme.colour("critical"))
        self.secret = SecretEdit("secret", self)
        self.again = SecretEdit("secret-again", self)
        self.go = QPushButton(self)
        self.go.setObjectName("unlock")
        self.secret.returnPressed.connect(self._entered)
        self.again.returnPressed.connect(self.give)
        self.go.clicked.connect(self.give)
        self._lay_out()
        self._say(KeyWant.MAKE)  # hidden parts have names too
        self.forget()

    def ask(self) -> None:
        """See what is wanted, and show it; nothing waits for that."""
        if self._door is not None and not self._work.busy:
            self._work.start(self._look(self._door), "look for keys")

    def forget(self) -> None:
        """Nothing is asked for, and nothing typed stays."""
        self._work.cancel()
        self._want = KeyWant.NOTHING
        self._empty()
        self.hide()

    def give(self) -> None:
        """Take what was typed to the ring."""
        secret = self.secret.text()
        if self._door is None or self._work.busy or not secret:
            return
        if self._want is KeyWant.MAKE and secret != self.again.text():
            self._complain(self._t("panels.keys.differ"))
            return
        self._enable(False)
        self.problem.hide()
        self.go.setText(self._t("panels.keys.working"))
        self._work.start(self._give(self._door, secret), "open keys")

    def sign(self, cases: tuple[str, ...]) -> None:
        """Sign what these cases have that was closed before the key was open."""
        if self._door is not None and cases:
            self._work.start(self._sign(self._door, cases), "sign evidence")

    async def _look(self, door: KeyDoor) -> None:
        try:
            self._show(await door.wanted())
        except RingfenceError as error:
            self._complain(said(error, self._t))
            self.show()

    async def _give(self, door: KeyDoor, secret: str) -> None:
        made = self._want is KeyWant.MAKE
        try:
            await door.give(self._want, secret)
            want = await door.wanted()
        except RingfenceError as error:
            await self._look(door)
            self._complain(said(error, self._t))
            return
        self._show(want)
        self.words.set_text(self._t("panels.keys.made" if made else "panels.keys.opened"))
        self.show()
        self.opened.emit()

    async def _sign(self, door: KeyDoor, cases: tuple[str, ...]) -> None:
        try:
            count = sum([await door.sign(case) for case in cases])
        except RingfenceError as error:
            self._complain(said(error, self._t))
            return
        if count:
            self.words.set_text(self._t("panels.keys.signed", count=count))

    # --- looks --------------------------------------------------------------------------------

    def _show(self, want: KeyWant) -> None:
        self._want = want
        self._empty()
        asked = want is not KeyWant.NOTHING
        for part in (self.secret, self.go):
            part.setVisible(asked)
        self.again.setVisible(want is KeyWant.MAKE)
        self._enable(True)
        self.setVisible(asked)
        if asked:
            self._say(want)

    def _say(self, want: KeyWant) -> None:
        t = self._t
        self.words.set_text(t(f"panels.keys.{want.value}"))
        name = t("panels.keys.pin.name" if want is KeyWant.PIN else "panels.keys.passphrase")
        for edit, words in ((self.secret, name), (self.again, t("panels.keys.again"))):
            edit.setPlaceholderText(words)
            edit.setAccessibleName(words)
        self.go.setText(t(f"panels.keys.{want.value}.button"))

    def _entered(self) -> None:
        if self._want is KeyWant.MAKE and not self.again.text():
            self.again.setFocus()
        else:
            self.give()

    def _enable(self, able: bool) -> None:
        for part in (self.secret, self.again, self.go):
            part.setEnabled(able)

    def _empty(self) -> None:
        self.secret.clear()
        self.again.clear()
        self.problem.hide()

    def _complain(self, words: str) -> None:
        self.problem.set_text(words)
        self.problem.show()

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.go)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        for part in (self.words, self.secret, self.again, self.problem):
            column.addWidget(part)
        column.addLayout(foot)
