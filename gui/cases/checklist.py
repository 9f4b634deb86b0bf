"""A playbook as a list to tick: what to do, whose it is, what to type, whom to call."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.incidents.cases.model import Case, Mark
from core.incidents.cases.playbooks import PLAYBOOKS, Line, command_of
from core.incidents.cases.story import Story
from core.text import Catalogue
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme


class ChecklistLine(QWidget):
    """One step. Ticking asks for it to be written; the tick stands when it was."""

    def __init__(self, line: Line, case: Case, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.line = line
        words = t.say(line.words)
        role = t(f"cases.role.{line.step.role}")
        self.box = QCheckBox(self)
        self.box.setAccessibleName(f"{words} ({role})")
        self.box.setChecked(line.mark is not Mark.OPEN)
        text = ValueLabel(self, lines=5)
        text.set_text(words)
        self.more = ValueLabel(self, lines=4)
        self.more.setFont(theme.font(Face.SECONDARY))
        self.more.set_colour(theme.colour("secondary"))
        self.more.set_text("\n".join(_more(line, case, role, t)))
        if line.mark is not Mark.OPEN:
            text.set_colour(theme.colour("secondary"))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(text)
        column.addWidget(self.more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)


def _more(line: Line, case: Case, role: str, t: Catalogue) -> list[str]:
    lines = [role]
    if line.progress is not None and line.mark is not Mark.OPEN:
        done = f"{t(f'cases.mark.{line.mark}')}: {line.progress.by}, {line.progress.at:%H:%M:%S}"
        return [f"{role}; {done} {line.progress.text}".rstrip()]
    for contact in line.contacts:
        lines.append(t("cli.case.contact", who=f"{contact.name} {contact.how}".strip()))
    command = command_of(line.step, case)
    return [*lines, command] if command else lines


class Checklist(QWidget):
    """The playbook of one case, or the choice of one. `begun` and `marked` ask for a record."""

    begun = Signal(str)
    marked = Signal(str, str)  # step, mark

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._lines: list[ChecklistLine] = []
        self.title = ValueLabel(self)
        self.title.setFont(theme.font(Face.STRONG))
        self.title.set_text(t("cases.report.playbook"))
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(t("cases.field.playbook"))
        self.choice.addItem(t("cases.panel.choose-playbook"), "")
        for name in PLAYBOOKS:
            self.choice.addItem(t(f"playbook.{name}.title"), name)
        self.choice.activated.connect(self._chosen)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.choice)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(head)
        outer.addLayout(self._rows)

    def show_story(self, story: Story) -> None:
        for old in self._lines:
            old.hide()
            old.deleteLater()
        self._lines = []
        self.choice.setCurrentIndex(max(0, self.choice.findData(story.case.playbook)))
        for line in story.checklist:
            row = ChecklistLine(line, story.case, self._t, self._theme, self)
            row.box.clicked.connect(partial(self._ticked, row))
            self._rows.addWidget(row)
            self._lines.append(row)

    def lines(self) -> tuple[ChecklistLine, ...]:
        return tuple(self._lines)

    def _chosen(self, index: int) -> None:
        name = str(self.choice.itemData(index))
        if name:
            self.begun.emit(name)

    def _ticked(self, row: ChecklistLine) -> None:
        mark = Mark.DONE if row.box.isChecked() else Mark.OPEN
        row.box.setChecked(row.line.mark is not Mark.OPEN)
        self.marked.emit(row.line.step.id, mark.value)
