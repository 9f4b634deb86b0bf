"""The doctor page of a host: examined on request, kept until another host is shown."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.settings.model import HostEntry
from core.text import Catalogue
from gui.hosts.doctor import DoctorPanel
from gui.hosts.door import HostsDoor
from gui.inspector.fact_list import in_scroll, put_on_clipboard
from gui.theme import Theme


class DoctorPage(QWidget):
    """Nothing is asked of a host until the button is pressed."""

    def __init__(
        self, t: Catalogue, theme: Theme, door: HostsDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._t = t
        self._entry: HostEntry | None = None
        self.doctor = DoctorPanel(t, theme, door)
        self.examine = QPushButton(theme.icon("stethoscope"), t("panels.doctor.examine"), self)
        self.examine.clicked.connect(self._examine)
        self.copy = QPushButton(theme.icon("copy"), t("panels.task.copy"), self)
        self.copy.clicked.connect(lambda: put_on_clipboard(self.doctor.text()))
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(8)
        bar.addWidget(self.examine)
        bar.addWidget(self.copy)
        bar.addStretch(1)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(16, 4, 12, 12)
        inner.addWidget(self.doctor)
        inner.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(bar)
        outer.addWidget(in_scroll(page), 1)

    def show_entry(self, entry: HostEntry) -> None:
        if self._entry != entry:
            self._entry = entry
            self.doctor.forget(self._t("panels.doctor.idle", host=entry.name))

    def _examine(self) -> None:
        if self._entry is not None:
            self.doctor.examine(self._entry)
