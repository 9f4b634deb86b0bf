"""The connection doctor: each thing looked at, as it is found, with the next step in words."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.settings.model import HostEntry
from core.text import Catalogue, RingfenceError
from gui.changes.work import Work
from gui.hosts.door import CheckStep, HostsDoor
from gui.inspector.fact_list import in_scroll, put_on_clipboard
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.theme import Face, Theme


class DoctorLine(QWidget):
    """One thing: a mark, what it is, and below what to do about it."""

    def __init__(self, step: CheckStep, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.ok = step.ok
        mark = QLabel(self)
        mark.setPixmap(theme.pixmap(*(("check", "good") if step.ok else ("circle-x", "critical"))))
        self.cause = ValueLabel(self, lines=4)
        self.cause.set_text(t.say(step.cause), step.cause.detail)
        self.next = ValueLabel(self, lines=6)
        self.next.set_colour(theme.colour("secondary"))
        self.next.set_text(t.say(step.step) if step.step is not None else "")
        self.next.setVisible(step.step is not None)
        self.detail = step.cause.detail
        word = t("panels.doctor.good" if step.ok else "panels.doctor.bad")
        self.setAccessibleName(f"{word}: {self.cause.text()}")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.cause)
        words.addWidget(self.next)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def text(self) -> str:
        lines = (self.accessibleName(), self.next.text(), self.detail)
        return "\n  ".join(line for line in lines if line)


class DoctorPanel(QWidget):
    """Shows the steps of one examination; a second one takes its place."""

    ended = Signal(bool)

    def __init__(
        self, catalogue: Catalogue, theme: Theme, door: HostsDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._t, self._theme, self._door = catalogue, theme, door
        self._work = Work()
        self._entry: HostEntry | None = None
        self._lines: list[DoctorLine] = []
        self.line = ValueLabel(self, lines=3)
        self.line.setFont(theme.font(Face.SECONDARY))
        self.line.set_colour(theme.colour("secondary"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.line)
        outer.addLayout(self._rows)

    @property
    def busy(self) -> bool:
        return self._work.busy

    def lines(self) -> tuple[DoctorLine, ...]:
        return tuple(self._lines)

    def examine(self, entry: HostEntry) -> None:
        """Begin; the window stays free, and an examination under way is given up."""
        self.stop()
        self._clear()
        self._entry = entry
        self.line.set_text(self._t("panels.doctor.busy", host=entry.name or entry.uri))
        self._work.start(self._examine(entry), f"doctor {entry.name}")

    def forget(self, words: str) -> None:
        """Another host: nothing was examined yet."""
        self.stop()
        self._clear()
        self.line.set_text(words)

    def stop(self) -> None:
        self._entry = None
        self._work.cancel()

    def text(self) -> str:
        return "\n".join(line.text() for line in self._lines)

    async def _examine(self, entry: HostEntry) -> None:
        try:
            steps = await self._door.check(entry, self._tell)
        except RingfenceError as error:
            self.line.set_text(said(error, self._t))
            self.ended.emit(False)
            return
        if self._entry is entry:
            self._finish(entry, steps)

    def _tell(self, step: CheckStep) -> None:
        line = DoctorLine(step, self._t, self._theme, self)
        self._lines.append(line)
        self._rows.addWidget(line)

    def _finish(self, entry: HostEntry, steps: Sequence[CheckStep]) -> None:
        for step in steps[len(self._lines) :]:
            self._tell(step)
        good = all(step.ok for step in steps)
        code = "panels.doctor.all-good" if good else "panels.doctor.trouble"
        self.line.set_text(self._t(code, host=entry.name or entry.uri))
        self.ended.emit(good)

    def _clear(self) -> None:
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = []


class CheckHostPanel(QWidget):
    """Beside the table: the doctor for a host that is already declared."""

    closed = Signal()

    def __init__(
        self, catalogue: Catalogue, theme: Theme, door: HostsDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("check-host")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t = catalogue
        self._entry: HostEntry | None = None
        self.title = ValueLabel(self)
        self.title.setFont(theme.font(Face.TITLE))
        self.doctor = DoctorPanel(catalogue, theme, door)
        self.again = QPushButton(theme.icon("refresh-cw"), catalogue("panels.doctor.again"), self)
        self.again.clicked.connect(self._again)
        copy = QPushButton(theme.icon("copy"), catalogue("panels.task.copy"), self)
        copy.clicked.connect(lambda: put_on_clipboard(self.doctor.text()))
        close = QPushButton(catalogue("panels.close"), self)
        close.clicked.connect(self.shut)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(16, 12, 12, 8)
        inner.addWidget(self.title)
        inner.addWidget(self.doctor)
        inner.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 12, 12)
        foot.setSpacing(8)
        for button in (self.again, copy, close):
            foot.addWidget(button)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(in_scroll(page), 1)
        outer.addLayout(foot)

    def open(self, entry: HostEntry) -> None:
        """Examine a host now."""
        self._entry = entry
        self.title.set_text(self._t("panels.doctor.title", host=entry.name))
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._again()

    def shut(self) -> None:
        self.doctor.stop()
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        else:
            super().keyPressEvent(event)

    def _again(self) -> None:
        if self._entry is not None:
            self.doctor.examine(self._entry)
