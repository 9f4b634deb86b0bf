"""The doors of a forensic cut: who may connect to which port of the guest, checked as it is typed.

A row that is wrong says so beneath itself; nothing is planned until every row is right.
"""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from core.incidents.doors import MOST_DOORS, USUAL_PORT, checked_door, checked_doors
from core.incidents.model import Door
from core.text import Catalogue, RingfenceError
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.theme import Face, Theme

_PORT_WIDTH = 84
_LONGEST_ADDRESS = 64
_INDENT = 33
DOOR_ERRORS = frozenset(  # said beneath the row
    {"door-address", "door-empty", "door-ipv6", "door-station", "door-port"}
)


class DoorRow(QWidget):
    """One station and one port."""

    edited = Signal()
    entered = Signal()
    removed = Signal()

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t = t
        self.station = self._line("station", _LONGEST_ADDRESS)
        self.port = self._line("port", 8)
        self.port.setFixedWidth(_PORT_WIDTH)
        self.remove = QToolButton(self)
        self.remove.setIcon(theme.icon("x", "secondary"))
        self.remove.setAccessibleName(t("panels.door.remove"))
        self.remove.setToolTip(t("panels.door.remove"))
        self.remove.clicked.connect(self.removed)
        self.problem = ValueLabel(self, lines=2)
        self.problem.setFont(theme.font(Face.SECONDARY))
        self.problem.set_colour(theme.colour("critical"))
        self.problem.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.station, 0, 0)
        grid.addWidget(self.port, 0, 1)
        grid.addWidget(self.remove, 0, 2)
        grid.addWidget(self.problem, 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)

    def door(self, say: bool) -> Door:
        """Return the door.

        Raises:
            RingfenceError: it is not one; with `say` also said beneath the row.
        """
        try:
            found = checked_door(self.station.text(), self.port.text())
        except RingfenceError as error:
            self.problem.set_text(said(error, self._t))
            self.problem.setVisible(say)
            raise
        self.problem.hide()
        return found

    def wrong_field(self) -> QLineEdit:
        """Where the keys should go after a refusal."""
        try:
            checked_door(self.station.text(), str(USUAL_PORT))
        except RingfenceError:
            return self.station
        return self.port

    def _line(self, name: str, longest: int) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName(f"door-{name}")
        line.setMaxLength(longest)
        line.setAccessibleName(self._t(f"panels.door.{name}"))
        line.setPlaceholderText(self._t(f"panels.door.{name}"))
        line.textEdited.connect(self._edited)
        line.returnPressed.connect(self.entered)
        return line

    def _edited(self) -> None:
        self.problem.hide()
        self.edited.emit()


class DoorsField(QWidget):
    """`edited` at every key; `entered` when Enter is pressed in a row."""

    edited = Signal()
    entered = Signal()

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._own = ""
        self.rows: list[DoorRow] = []
        self.note = ValueLabel(self, lines=2)
        self.note.setFont(theme.font(Face.SECONDARY))
        self.note.set_colour(theme.colour("secondary"))
        self.note.set_text(t("panels.door.note"))
        self.add = QToolButton(self)
        self.add.setIcon(theme.icon("plus", "secondary"))
        self.add.setText(t("panels.door.add"))
        self.add.setToolButtonStyle(self.add.toolButtonStyle().ToolButtonTextBesideIcon)
        self.add.setIconSize(QSize(14, 14))
        self.add.clicked.connect(self._add_pressed)
        self._box = QVBoxLayout()
        self._box.setSpacing(4)
        foot = QHBoxLayout()
        foot.addWidget(self.add)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(_INDENT, 0, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(self.note)
        outer.addLayout(self._box)
        outer.addLayout(foot)
        self.reset()

    def reset(self) -> None:
        """One row with the usual port."""
        for row in tuple(self.rows):
            self._take(row)
        self._new_row()

    def suggest(self, address: str) -> None:
        """Our own address towards the host; what a person typed stays."""
        self._own = address
        for row in self.rows:
            if not row.station.text():
                row.station.setText(address)

    def doors(self, say: bool = True) -> tuple[Door, ...]:
        """Return the doors.

        Raises:
            RingfenceError: a row is wrong (with `say` said beneath it), or there is none.
        """
        found: list[Door] = []
        wrong: list[tuple[DoorRow, RingfenceError]] = []
        for row in self.rows:
            try:
                found.append(row.door(say))
            except RingfenceError as error:
                wrong.append((row, error))
        if wrong:
            raise wrong[0][1]
        return checked_doors(found)

    def go_to_problem(self) -> None:
        """Put the keys where the first wrong value stands."""
        row = next((row for row in self.rows if row.problem.isVisibleTo(self)), None)
        if row is not None:
            row.wrong_field().setFocus()

    def _new_row(self) -> DoorRow:
        row = DoorRow(self._t, self._theme, self)
        row.station.setText(self._own)
        row.port.setText(str(USUAL_PORT))
        row.edited.connect(self.edited)
        row.entered.connect(self.entered)
        row.removed.connect(lambda: self._removed(row))
        self.rows.append(row)
        self._box.addWidget(row)
        self._count()
        return row

    def _add_pressed(self) -> None:
        row = self._new_row()
        row.port.clear()
        row.port.setFocus()
        self.edited.emit()

    def _removed(self, row: DoorRow) -> None:
        self._take(row)
        self.add.setFocus()
        self.edited.emit()

    def _take(self, row: DoorRow) -> None:
        self.rows.remove(row)
        self._box.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._count()

    def _count(self) -> None:
        """The last door stays: without one the mode would be another."""
        for row in self.rows:
            row.remove.setEnabled(len(self.rows) > 1)
        self.add.setEnabled(len(self.rows) < MOST_DOORS)
