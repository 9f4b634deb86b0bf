"""Adding a host: a URI built from fields, checked where it is typed, tried before it is kept."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.settings.model import HostEntry
from core.text import Catalogue, RingfenceError
from gui.hosts.doctor import DoctorPanel
from gui.hosts.door import HostsDoor
from gui.hosts.form import FIELDS, Filled, HostKind, entry_of, field_of, uri_of
from gui.inspector.fact_list import in_scroll
from gui.inspector.value_label import ValueLabel
from gui.plain import menu_text, tooltip
from gui.theme import Face, Theme

_TEXTS = ("name", "address", "port", "user", "uri", "key_file", "pki_dir", "shell", "note")
_ALWAYS = frozenset({"name", "note"})


class Field(QWidget):
    """A name, an input and the sentence that says what is wrong with it."""

    def __init__(self, name: str, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        label = ValueLabel(self)
        label.setFont(theme.font(Face.SECONDARY))
        label.set_colour(theme.colour("secondary"))
        label.set_text(t(f"panels.host.field.{name}"))
        self.edit = QLineEdit(self)
        self.edit.setObjectName(f"host-{name}")
        self.edit.setAccessibleName(label.text())
        self.edit.setPlaceholderText(t(f"panels.host.hint.{name}"))
        self.problem = ValueLabel(self, lines=3)
        self.problem.set_colour(theme.colour("critical"))
        self.problem.hide()
        self.touched = False
        self.edit.textEdited.connect(self._touch)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        for part in (label, self.edit, self.problem):
            box.addWidget(part)

    def say(self, words: str) -> None:
        self.problem.set_text(words)
        self.problem.setVisible(bool(words))

    def _touch(self) -> None:
        self.touched = True


class AddHostPanel(QWidget):
    """Beside the table. `added` carries the entry after fleet.toml was written."""

    added = Signal(HostEntry)
    closed = Signal()

    def __init__(
        self, catalogue: Catalogue, theme: Theme, door: HostsDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("add-host")
        self._t, self._theme, self._door = catalogue, theme, door
        self.kind = QComboBox(self)
        self.kind.setAccessibleName(catalogue("panels.host.kind"))
        for kind in HostKind:
            self.kind.addItem(catalogue(f"panels.host.kind.{kind.value}"), kind)
        self.fields = {name: Field(name, catalogue, theme, self) for name in _TEXTS}
        self.read_only = QCheckBox(catalogue("panels.host.read-only"), self)
        self.uri = ValueLabel(self, lines=3)
        self.uri.setFont(theme.font(Face.MONO))
        self.problem = ValueLabel(self, lines=4)
        self.problem.set_colour(theme.colour("critical"))
        self.doctor = DoctorPanel(catalogue, theme, door)
        self.test = QPushButton(theme.icon("stethoscope"), catalogue("panels.host.test"), self)
        self.add = QPushButton(self)
        self.cancel = QPushButton(catalogue("panels.cancel"), self)
        self._lay_out()
        self._wire()
        self._changed()

    # --- what the window calls ----------------------------------------------------------------

    def open(self) -> None:
        """Begin with an empty form."""
        for field in self.fields.values():
            field.edit.clear()
            field.touched = False
        self.read_only.setChecked(False)
        self.doctor.stop()
        self._changed()
        self.show()
        self.fields["name"].edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def filled(self) -> Filled:
        """The form as it stands."""
        texts = {name: field.edit.text() for name, field in self.fields.items()}
        chosen = HostKind(self.kind.currentData())
        return Filled(kind=chosen, read_only=self.read_only.isChecked(), **texts)

    def shut(self) -> None:
        self.doctor.stop()
        self.hide()
        self.closed.emit()

    # --- acts ---------------------------------------------------------------------------------

    def _test(self) -> None:
        entry = self._entry(complete=False)
        if entry is not None:
            self.doctor.examine(entry)

    def _add(self) -> None:
        entry = self._entry(complete=True)
        if entry is None:
            return
        try:
            self._door.add(entry)
        except RingfenceError as error:
            self._show_problem(error)
            return
        self.added.emit(entry)
        self.shut()

    def _entry(self, *, complete: bool) -> HostEntry | None:
        """The checked entry, or None with what is wrong said at its field."""
        for field in self.fields.values():
            field.touched = True
        error = self._problem(complete)
        self._show_problem(error)
        return None if error is not None else entry_of(self.filled())

    def _problem(self, complete: bool) -> RingfenceError | None:
        try:
            entry = entry_of(self.filled())
            if complete:
                self._door.validate(entry)
        except RingfenceError as error:
            return error
        return None

    # --- looks --------------------------------------------------------------------------------

    def _changed(self) -> None:
        filled = self.filled()
        wanted = _ALWAYS | set(FIELDS[filled.kind])
        for name, field in self.fields.items():
            field.setVisible(name in wanted)
        self.uri.set_text(uri_of(filled))
        name = filled.name.strip()
        words = self._t("panels.host.add.named", name=name) if name else self._t("panels.host.add")
        self.add.setText(menu_text(words))
        error = self._problem(complete=True)
        self._show_problem(error)
        self.add.setEnabled(error is None)
        self.add.setToolTip(tooltip(self._t.say(error.cause)) if error else "")

    def _show_problem(self, error: RingfenceError | None) -> None:
        """At the field when it has one that was typed in; below the URI otherwise."""
        for field in self.fields.values():
            field.say("")
        self.problem.set_text("")
        self.problem.hide()
        if error is None:
            return
        words = self._t.say(error.cause)
        field = self.fields[field_of(error, self.filled().kind)]
        if field.touched and field.isVisibleTo(self):
            field.say(words)
        elif any(each.touched for each in self.fields.values()) and not field.isVisibleTo(self):
            self.problem.set_text(words)
            self.problem.show()

    def _lay_out(self) -> None:
        title = ValueLabel(self)
        title.setFont(self._theme.font(Face.TITLE))
        title.set_text(self._t("panels.host.title"))
        page = QWidget()
        form = QVBoxLayout(page)
        form.setContentsMargins(16, 12, 12, 8)
        form.setSpacing(8)
        for part in (title, self.fields["name"], self.kind):
            form.addWidget(part)
        for name in ("address", "port", "user", "uri", "key_file", "pki_dir", "shell", "note"):
            form.addWidget(self.fields[name])
        for below in (self.read_only, self.uri, self.problem, self.doctor):
            form.addWidget(below)
        form.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 12, 12)
        foot.setSpacing(8)
        self.add.setProperty("role", "primary")
        self.add.setObjectName("confirm")
        for button in (self.add, self.test, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(in_scroll(page), 1)
        outer.addLayout(foot)

    def _wire(self) -> None:
        self.kind.currentIndexChanged.connect(self._changed)
        for field in self.fields.values():
            field.edit.textChanged.connect(self._changed)
            field.edit.returnPressed.connect(self._add)
        self.test.clicked.connect(self._test)
        self.add.clicked.connect(self._add)
        self.cancel.clicked.connect(self.shut)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        else:
            super().keyPressEvent(event)
