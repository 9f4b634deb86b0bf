"""With whom and how a host is prepared: operators, two people for a release, a sudo group.

What is typed is judged where the terminal's is; a field that is left alone asks for nothing.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.hosts.helper.preparation import Operator, WantedPreparation
from core.hosts.preparation.model import Wishes, parse_operator
from core.text import Catalogue, RingfenceError
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.theme import Theme

_LONGEST_NAME, _LONGEST_KEY, _LONGEST_GROUP = 64, 66, 32


class WishesField(QWidget):
    """`changed` when something else is asked for; an operator counts once it was added."""

    changed = Signal()

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t = t
        self._added: dict[str, Operator] = {}
        self._two_people: bool | None = None
        self.name = _edit(self, "operator-name", t("panels.prepare.operator"), _LONGEST_NAME)
        self.key = _edit(self, "operator-key", t("panels.prepare.key"), _LONGEST_KEY)
        self.add = QPushButton(t("panels.prepare.add"), self)
        self.add.setObjectName("operator-add")
        self.add.setAutoDefault(False)
        self.people = ValueLabel(self, lines=8)
        self.two_people = QCheckBox(t("panels.prepare.two-people"), self)
        self.two_people.setObjectName("two-people")
        self.group = _edit(self, "sudo-group", t("panels.prepare.group"), _LONGEST_GROUP)
        self.problem = ValueLabel(self, lines=4)
        self.problem.set_colour(theme.colour("critical"))
        self.add.clicked.connect(self._add)
        self.two_people.clicked.connect(self._ticked)
        self.group.editingFinished.connect(self._grouped)
        self._group = ""
        self._lay_out()
        self.reset()

    def reset(self) -> None:
        """Nothing is asked for."""
        self._added, self._two_people, self._group = {}, None, ""
        for edit in (self.name, self.key, self.group):
            edit.clear()
        self.two_people.setChecked(False)
        self.problem.hide()
        self._tell()

    def show_wanted(self, wanted: WantedPreparation) -> None:
        """How it would be prepared as things are asked for now."""
        if self._two_people is None:
            self.two_people.setChecked(wanted.two_people)
        if not self.group.text():
            self.group.setPlaceholderText(
                wanted.sudo.lstrip("%") or self._t("panels.prepare.group")
            )

    def wishes(self) -> Wishes:
        return Wishes(tuple(self._added.values()), self._two_people, self._group)

    def half_typed(self) -> bool:
        """Whether an operator stands there who was not added: never left out silently."""
        return bool(self.name.text().strip() or self.key.text().strip())

    def take(self) -> bool:
        """Add the operator that was typed; False, and said at the field, when it is none."""
        try:
            one = parse_operator(f"{self.name.text().strip()}={self.key.text().strip()}")
        except RingfenceError as error:
            self.problem.set_text(said(error, self._t))
            self.problem.show()
            return False
        self._added[one.name] = one
        self.name.clear()
        self.key.clear()
        self.problem.hide()
        self._tell()
        return True

    def _add(self) -> None:
        if self.take():
            self.changed.emit()

    def _ticked(self, on: bool) -> None:
        self._two_people = on
        self.changed.emit()

    def _grouped(self) -> None:
        group = self.group.text().strip()
        if group != self._group:
            self._group = group
            self.changed.emit()

    def _tell(self) -> None:
        self.people.set_text("\n".join(f"+ {o.name}  {o.key}" for o in self._added.values()))
        self.people.setVisible(bool(self._added))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(self.key, 2)
        row.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(6)
        column.addLayout(row)
        for part in (self.problem, self.people, self.two_people, self.group):
            column.addWidget(part)


def _edit(field: QWidget, name: str, words: str, longest: int) -> QLineEdit:
    made = QLineEdit(field)
    made.setObjectName(name)
    made.setMaxLength(longest)
    made.setPlaceholderText(words)
    made.setAccessibleName(words)
    return made
