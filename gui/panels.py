"""The panels of the other rooms, built when they are first wanted.

The window knows only that they are widgets; what they need of the station is handed on here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.fleet.model import HostView, MachineView
from core.text import Catalogue
from gui.station_door import StationDoor
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.inspector.panel import InspectorPanel


class Panels(QObject):
    """Emits `side_closed` when a panel beside the table has done its work."""

    side_closed = Signal()

    def __init__(self, station: StationDoor, catalogue: Catalogue, theme: Theme) -> None:
        super().__init__()
        self.station = station
        self._t = catalogue
        self._theme = theme
        self._inspector: InspectorPanel | None = None

    def inspector(self) -> "InspectorPanel":
        if self._inspector is None:
            from gui.inspector.panel import InspectorPanel

            self._inspector = InspectorPanel(self._t, self._theme, None, {})
        return self._inspector

    def show_machines(self, machines: Sequence[MachineView]) -> None:
        self.inspector().show_machines(machines)

    def show_host(self, host: HostView) -> None:
        self.inspector().show_host(host)

    def tasks(self) -> QWidget:
        raise NotImplementedError

    def open_quarantine(self, views: Sequence[MachineView]) -> QWidget:
        raise NotImplementedError

    def open_release(self, views: Sequence[MachineView]) -> QWidget:
        raise NotImplementedError

    def add_host(self) -> QWidget:
        raise NotImplementedError

    def doctor(self, host: HostView) -> QWidget:
        raise NotImplementedError

    async def open_demo(self) -> None:
        raise NotImplementedError
