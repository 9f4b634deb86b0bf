"""One line to add to a case: a note, a person, whom one told, a lesson, a grade, a link."""

from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.model import Grade, Role
from core.text import Catalogue
from gui.cases.door import Write


class Kind(StrEnum):
    NOTE = "note"
    COMMUNICATION = "communication"
    PERSON = "person"
    LESSON = "lesson"
    GRADE = "grade"
    LINK = "link"


_ABOUT = {Kind.COMMUNICATION, Kind.PERSON, Kind.LINK}


class WritingLine(QWidget):
    """Enter adds; the line is emptied when it was written. `wanted` carries what to write."""

    wanted = Signal(object)  # Callable[[str], Write]: from a case's id to what is written

    def __init__(self, t: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = t
        self.kind = QComboBox(self)
        self.kind.setAccessibleName(t("cases.panel.kind"))
        for kind in Kind:
            self.kind.addItem(t(f"cases.panel.kind-{kind}"), kind.value)
        self.kind.currentIndexChanged.connect(self._fit)
        self.word = QComboBox(self)
        self.about = QLineEdit(self)
        self.text = QLineEdit(self)
        self.text.setObjectName("case-text")
        for edit in (self.about, self.text):
            edit.returnPressed.connect(self._add)
        self.add = QPushButton(t("cases.panel.add"), self)
        self.add.clicked.connect(self._add)
        above = QHBoxLayout()
        above.addWidget(self.kind)
        above.addWidget(self.word)
        above.addWidget(self.about, 1)
        below = QHBoxLayout()
        below.addWidget(self.text, 1)
        below.addWidget(self.add)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(above)
        outer.addLayout(below)
        self._fit()

    def chosen(self) -> Kind:
        return Kind(self.kind.currentData())

    def draft(self) -> tuple[str, str]:
        """What was typed and not added."""
        return self.about.text(), self.text.text()

    def put(self, draft: tuple[str, str]) -> None:
        self.about.setText(draft[0])
        self.text.setText(draft[1])

    def written(self) -> None:
        """It stands in the record: the line is free again."""
        self.about.clear()
        self.text.clear()

    def _fit(self) -> None:
        """Only what this kind needs is there."""
        kind, t = self.chosen(), self._t
        self.about.setVisible(kind in _ABOUT)
        self.about.setPlaceholderText(t(f"cases.panel.about-{kind}") if kind in _ABOUT else "")
        self.about.setAccessibleName(self.about.placeholderText())
        self.text.setPlaceholderText(t(f"cases.panel.text-{kind}"))
        self.text.setAccessibleName(self.text.placeholderText())
        self.word.clear()
        for word, words in self._words(kind):
            self.word.addItem(words, word)
        self.word.setVisible(self.word.count() > 0)
        self.word.setAccessibleName(t(f"cases.panel.kind-{kind}"))

    def _words(self, kind: Kind) -> list[tuple[str, str]]:
        if kind is Kind.GRADE:
            return [(grade.value, self._t(f"cases.grade.{grade}")) for grade in Grade]
        if kind is Kind.PERSON:
            return [(role.value, self._t(f"cases.role.{role}")) for role in Role]
        return []

    def _add(self) -> None:
        kind, about, text = self.chosen(), self.about.text(), self.text.text()
        word = str(self.word.currentData() or "")

        def ready(case: str) -> Write:
            return lambda desk: _write(desk, case, kind, about, text, word)

        self.wanted.emit(ready)


def _write(desk: CaseDesk, case: str, kind: Kind, about: str, text: str, word: str) -> None:
    if kind is Kind.NOTE:
        desk.note(case, text)
    elif kind is Kind.COMMUNICATION:
        desk.communicate(case, about, text)
    elif kind is Kind.PERSON:
        desk.person(case, about, Role(word), text)
    elif kind is Kind.LESSON:
        desk.lesson(case, text)
    elif kind is Kind.GRADE:
        desk.grade(case, Grade(word), text)
    else:
        desk.link(case, about, text)
