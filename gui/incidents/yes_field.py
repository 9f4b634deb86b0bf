"""What must be agreed to before a cut: who depends on the machine, and one box that says so."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from core.changes.plan import Plan
from core.incidents.quarantine import CUT_ANYWAY
from core.text import Catalogue, Text
from gui.inspector.value_label import ValueLabel
from gui.theme import Theme

DEPENDENT = "incidents.dependent."  # the codes of what depends on a machine
_MOST_LINES = 10


def dependents_asked(plan: Plan | None) -> tuple[Text, ...]:
    """Who depends on what a plan cuts, when the plan asks for a yes to that."""
    if plan is None or CUT_ANYWAY not in plan.needs:
        return ()
    named = tuple(each for each in plan.warnings if each.code.startswith(DEPENDENT))
    return named or plan.warnings


class YesField(QWidget):
    """Hidden while nothing needs it. A box that was ticked is let go when the reasons change."""

    changed = Signal()

    def __init__(self, name: str, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._said: tuple[str, ...] = ()
        self.heading = ValueLabel(self, lines=2)
        self.heading.set_colour(theme.colour("high"))
        self.heading.set_text(t(f"panels.yes.{name}"))
        self.lines = ValueLabel(self, lines=_MOST_LINES)
        self.box = QCheckBox(t(f"panels.yes.{name}.box"), self)
        self.box.setObjectName(name)
        self.box.toggled.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 4, 4)
        column.setSpacing(3)
        for part in (self.heading, self.lines, self.box):
            column.addWidget(part)
        self.hide()

    @property
    def given(self) -> bool:
        return self.box.isChecked() and not self.isHidden()

    def ask(self, reasons: Sequence[Text]) -> None:
        """Show why; nothing hides it."""
        said = tuple(dict.fromkeys(f"▲ {self._t.say(reason)}" for reason in reasons))
        if said != self._said:
            self._said = said
            self.box.setChecked(False)
            self.lines.set_text("\n".join(said))
        self.setVisible(bool(said))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line at the left holds the question together."""
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 2, 2, self.height() - 4), self._theme.colour("high"))
        painter.end()
