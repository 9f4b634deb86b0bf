"""Where things stand in the window: sidebar, table, side panel, inspector, tasks below."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

SIDEBAR, CENTRE, SIDE, INSPECTOR = range(4)
USUAL_ACROSS = (200, 720, 400, 348)
USUAL_DOWN = (600, 180)
LEAST_CENTRE = 320
ROOMY = 1600  # from here on table, side panel and inspector stand side by side


class Layout:
    """Holds the two splitters and the places into which parts are put."""

    def __init__(self) -> None:
        self.root = QWidget()
        self.across = _splitter(Qt.Orientation.Horizontal, "across")
        self.down = _splitter(Qt.Orientation.Vertical, "down")
        self.side = QStackedWidget()
        self.side.setObjectName("side")
        self.side.hide()
        self.centre = QWidget()
        self.centre.setProperty("role", "paper")
        self.centre.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.centre.setMinimumWidth(LEAST_CENTRE)
        self._above = QVBoxLayout(self.centre)
        self._above.setContentsMargins(0, 0, 0, 0)
        self._above.setSpacing(0)
        self.rows = QStackedWidget()
        self.rows.setObjectName("rows")
        self.column = QVBoxLayout(self.root)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.tasks: QWidget | None = None
        self._stepped_aside: QWidget | None = None
        self._inspecting = True
        self._inspector = QWidget()

    def fill(
        self, banners: QWidget, sidebar: QWidget, head: QHBoxLayout, inspector: QWidget
    ) -> None:
        self._above.addLayout(head)
        self._above.addWidget(self.rows, 1)
        for part in (sidebar, self.centre, self.side, inspector):
            self.across.addWidget(part)
        self._inspector = inspector
        self.across.setStretchFactor(CENTRE, 1)
        self.down.addWidget(self.across)
        self.down.setStretchFactor(0, 1)
        self.column.addWidget(banners)
        self.column.addWidget(self.down, 1)

    def show_rows(self, part: QWidget) -> None:
        """Show the table, or what stands in its place."""
        if self.rows.indexOf(part) < 0:
            self.rows.addWidget(part)
        self.rows.setCurrentWidget(part)

    def inspector_wanted(self, wanted: bool) -> None:
        """Without any host there is nothing to inspect; with the first it comes back."""
        if wanted != self._inspecting:
            self._inspecting = wanted
            self._inspector.setVisible(wanted)

    def keep_side(self, panel: QWidget) -> None:
        """Give a panel its place, style and fonts before it is wanted there."""
        if self.side.indexOf(panel) < 0:
            self.side.addWidget(panel)
            for part in (panel, *panel.findChildren(QWidget)):
                part.ensurePolished()

    def put_side(self, panel: QWidget) -> None:
        """Show a panel beside the table."""
        self.keep_side(panel)
        self.side.setCurrentWidget(panel)
        self.side.show()
        self._make_room()

    def close_side(self) -> None:
        """Hide the side panel and bring back what had to make room for it."""
        self.side.hide()
        if self._stepped_aside is not None:
            self._stepped_aside.show()
            self._stepped_aside = None

    def _make_room(self) -> None:
        """On a narrow window the inspector steps aside for the panel that acts."""
        if self.root.width() < ROOMY and self._inspector.isVisible():
            self._stepped_aside = self._inspector
            self._inspector.hide()

    def put_tasks(self, panel: QWidget) -> None:
        if self.tasks is None:
            self.tasks = panel
            self.down.addWidget(panel)
            self.down.setSizes(list(USUAL_DOWN))

    def restore(self, sizes: Mapping[str, tuple[int, ...]]) -> None:
        """Take the remembered sizes; a hidden side panel keeps the usual one."""
        across = list(sizes.get("across", USUAL_ACROSS))
        if len(across) == len(USUAL_ACROSS):
            across[SIDE] = across[SIDE] or USUAL_ACROSS[SIDE]
            across[SIDEBAR] = across[SIDEBAR] or USUAL_ACROSS[SIDEBAR]
            across[INSPECTOR] = across[INSPECTOR] or USUAL_ACROSS[INSPECTOR]
            self.across.setSizes(across)
        down = sizes.get("down", USUAL_DOWN)
        self.down.setSizes(list(down))

    def sizes(self) -> dict[str, tuple[int, ...]]:
        return {"across": tuple(self.across.sizes()), "down": tuple(self.down.sizes())}


def _splitter(orientation: Qt.Orientation, name: str) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    return splitter
