"""The times of a drill beside their goals: reached, late, not exercised, each said in words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.incidents.drill import DrillReport, Line
from core.text import Catalogue
from gui.inspector.quantities import milliseconds
from gui.inspector.value_label import ValueLabel
from gui.plain import PlainLabel
from gui.theme import Face, Theme

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ICONS = {
    "good": ("circle-check", "good"),
    "late": ("clock", "high"),
    "not": ("circle-x", "critical"),
    "left-out": ("minus", "secondary"),
}


def verdict(line: Line) -> str:
    """One of good, late, not, left-out."""
    if not line.asked:
        return "left-out"
    if line.reached_s is None:
        return "not"
    return "good" if line.good else "late"


class DrillTimes(QWidget):
    """A line for each part of a drill."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.rows: list[str] = []
        self.hide()

    def show_report(self, report: DrillReport | None) -> None:
        """None: there is nothing to show yet."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = []
        for line in report.lines if report is not None else ():
            self._add(line)
        self.setVisible(report is not None)
        self.setAccessibleName("\n".join(self.rows))

    def _add(self, line: Line) -> None:
        t, said = self._t, verdict(line)
        reached = t("drill.not-reached")
        if line.reached_s is not None:
            reached = milliseconds(line.reached_s)
        name, judged = t(f"drill.part.{line.part}"), t(f"panels.drill.verdict.{said}")
        goal = t("panels.drill.goal", time=_goal(line.goal_s))
        why = "" if line.why is None else t.say(line.why)
        row = self._grid.rowCount()
        icon = QLabel(self)
        icon.setPixmap(self._theme.pixmap(*_ICONS[said]))
        icon.setToolTip(judged)
        self._grid.addWidget(icon, row, 0)
        self._grid.addWidget(PlainLabel(name, self), row, 1)
        self._grid.addWidget(self._right(reached, Face.STRONG, "text"), row, 2)
        self._grid.addWidget(self._right(goal, Face.SECONDARY, "secondary"), row, 3)
        words = judged if not why else f"{judged}: {why}"
        if said != "good" or why:
            note = ValueLabel(self, lines=4)
            note.setFont(self._theme.font(Face.SECONDARY))
            note.set_colour(self._theme.colour("secondary"))
            note.set_text(words)
            self._grid.addWidget(note, row + 1, 1, 1, 3)
        self.rows.append(f"{name}: {reached} ({goal}), {words}")

    def _right(self, words: str, face: Face, role: str) -> QLabel:
        made = PlainLabel(words, self)
        made.setFont(self._theme.font(face))
        made.setAlignment(_RIGHT)
        if role != "text":
            made.setStyleSheet(f"color: {self._theme.colour(role).name()}")
        return made


def _goal(seconds: float) -> str:
    return f"{seconds:g} s"
