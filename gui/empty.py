"""What stands where rows would be when there are none: why, and what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.fleet.model import FleetView
from core.text import Catalogue
from gui.plain import PlainLabel, one_line
from gui.theme import Face, Theme

TEXT_WIDTH = 440
_BUSY = frozenset({"connecting", "reading"})


class EmptyState(QWidget):
    """An icon, a sentence, an explanation, and buttons for the actions that help."""

    wanted = Signal(str)  # an action's id

    def __init__(self, catalogue: Catalogue, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("empty")
        self.setProperty("role", "paper")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._t = catalogue
        self._theme = theme
        self._offered: tuple[str, ...] | None = None
        self._mark = PlainLabel()
        self.title = PlainLabel()
        self.title.setFont(theme.font(Face.TITLE))
        self.words = PlainLabel()
        self.words.setProperty("role", "secondary")
        self.words.setWordWrap(True)
        self.words.setFixedWidth(TEXT_WIDTH)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(2))
        column = QVBoxLayout(self)
        column.setSpacing(theme.space(3))
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(2)
        column.addWidget(self._mark, 0, middle)
        column.addWidget(self.title, 0, middle)
        column.addWidget(self.words, 0, middle)
        column.addLayout(self._buttons)
        column.addStretch(3)

    def explain(self, fleet: FleetView, query: str) -> None:
        """Say why no row is shown and offer what helps."""
        if fleet.machines:
            words = self._t("window.empty.no-match.text", filter=one_line(query))
            self.show_reason("no-match", "funnel", ("clear-filter",), words)
        elif all(host.health.state in _BUSY for host in fleet.hosts.values()):
            self.show_reason("connecting", "loader", ())
        else:
            self.show_reason("no-machines", "monitor", ("refresh",))

    def show_reason(
        self, reason: str, icon: str, actions: tuple[str, ...], words: str = ""
    ) -> None:
        """Show `window.empty.<reason>.title` and `.text`; the first action is the usual one."""
        self._mark.setPixmap(self._theme.pixmap(icon, "secondary", 40))
        self.title.setText(self._t(f"window.empty.{reason}.title"))
        self.words.setText(words or self._t(f"window.empty.{reason}.text"))
        if actions == self._offered:
            return
        self._offered = actions
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._buttons.addStretch(1)
        for number, action in enumerate(actions):
            self._buttons.addWidget(self._button(action, number == 0))
        self._buttons.addStretch(1)

    def _button(self, action: str, usual: bool) -> QPushButton:
        button = QPushButton(self._t(f"window.action.{action}"))
        button.setObjectName(f"empty-{action}")
        if usual:
            button.setProperty("role", "primary")
        button.clicked.connect(lambda: self.wanted.emit(action))
        return button
