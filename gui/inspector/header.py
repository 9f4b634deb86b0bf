"""The head of the inspector: which thing this is, its state, its score, and what stands out."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.incidents.model import Containment, Mode, Quarantine
from core.incidents.words import is_watched, say_reason
from core.posture.model import Score
from core.text import Catalogue
from gui.incidents.result import missing_line
from gui.inspector.score_ring import ScoreRing
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme, paint_watched_edge


class Band(QWidget):
    """The hatched line of a held machine: whole when contained, broken when a way is
    open; a machine that is only watched has none."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._whole, self._watched = True, False
        self._lock = ValueLabel(self, lines=3)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.addWidget(self._lock)
        self.hide()

    def show_hold(self, hold: Quarantine | None) -> None:
        self.setVisible(hold is not None)
        if hold is None:
            return
        self._whole = hold.state is Containment.CONTAINED
        self._watched = hold.mode is Mode.OBSERVE
        reason = say_reason(hold.reason, self._t)
        word = "observed" if is_watched(hold) else hold.state.value
        words = self._t(f"panels.hold.{word}", reason=reason, owner=hold.owner)
        missing = missing_line(hold.missing, self._t)
        self._lock.set_text(f"{words}\n{missing}" if hold.missing else words)
        self.update()

    def text(self) -> str:
        return self._lock.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        whole = QRectF(self.rect())
        if self._watched:
            paint_watched_edge(painter, whole, self._theme.colour("medium"))
        else:
            self._theme.paint_band(painter, whole, self._whole)
        painter.end()


class Header(QWidget):
    """Name large, state beneath, ring at the right; the band of a quarantine below."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.name = ValueLabel(self)
        self.name.setFont(theme.font(Face.TITLE))
        self.line = ValueLabel(self, lines=2)
        self.line.set_colour(theme.colour("secondary"))
        self.warning = ValueLabel(self, lines=3)
        self.warning.set_colour(theme.colour("high"))
        self.warning.hide()
        self.ring = ScoreRing(t, theme, self)
        self.band = Band(t, theme, self)
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self.name, self.line, self.warning):
            words.addWidget(label)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setContentsMargins(16, 12, 12, 8)
        top.setSpacing(12)
        top.addLayout(words, 1)
        top.addWidget(self.ring)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(top)
        outer.addWidget(self.band)

    def show_words(self, name: str, line: str, warning: str = "") -> None:
        self.name.set_text(name)
        self.line.set_text(line)
        self.warning.set_text(warning)
        self.warning.setVisible(bool(warning))

    def show_marks(self, score: Score | None, hold: Quarantine | None) -> None:
        self.ring.setVisible(score is not None)
        if score is not None:
            self.ring.show_score(score)
        self.band.show_hold(hold)
