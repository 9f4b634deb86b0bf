"""One item of a prepared host: a mark, its name, where it is, and its state in words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.hosts.preparation.model import StatusItem
from core.text import Catalogue
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme

_ICONS = {
    "ours": ("check", "good"),
    "outdated": ("triangle-alert", "high"),
    "missing": ("circle-x", "critical"),
    "drifted": ("circle-x", "critical"),
    "foreign": ("ban", "critical"),
    "stopped": ("circle-x", "critical"),
    "absent": ("circle-dashed", "secondary"),
    "unknown": ("circle-help", "unknown"),
}


class PreparedLine(QWidget):
    def __init__(self, item: StatusItem, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.item, self.state = item.item, item.state
        mark = QLabel(self)
        mark.setPixmap(theme.pixmap(*_ICONS[item.state]))
        name = ValueLabel(self)
        name.set_text(t(f"hosts.preparation.item.{item.item}"))
        said = QLabel(t(f"hosts.preparation.state.{item.state}"), self)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setFont(theme.font(Face.SECONDARY))
        places = ValueLabel(self, lines=2)
        places.setFont(theme.font(Face.MONO))
        places.set_colour(theme.colour("secondary"))
        first = item.places[0].path if item.places else ""
        more = f"  +{len(item.places) - 1}" if len(item.places) > 1 else ""
        places.set_text(first + more, "\n".join(f"{p.path} {p.mode}" for p in item.places))
        places.setVisible(bool(first))
        self.setAccessibleName(f"{name.text()}: {said.text()}")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 3, 0, 3)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(name, 0, 1)
        grid.addWidget(said, 0, 2, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(places, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
