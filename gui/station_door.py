"""What the window uses of a station; tests hand in one that is made by hand."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from core.fleet.model import FleetChanges, FleetView
from core.settings.model import FleetFile, HostEntry
from core.settings.places import Places

Subscriber = Callable[[FleetView, FleetChanges], None]


class Fleet(Protocol):
    @property
    def view(self) -> FleetView: ...

    def subscribe(self, callback: Subscriber) -> Callable[[], None]: ...


class Session(Protocol):
    def refresh(self, uuids: Iterable[str] = ()) -> None: ...


class StationDoor(Protocol):
    """The part of core.station.Station that the window itself needs."""

    @property
    def places(self) -> Places: ...

    @property
    def settings(self) -> FleetFile: ...

    @property
    def fleet(self) -> Fleet: ...

    @property
    def sessions(self) -> Mapping[str, Session]: ...

    async def add_host(self, entry: HostEntry) -> None: ...

    async def remove_host(self, name: str) -> None: ...
