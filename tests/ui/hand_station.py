"""A real station without hosts whose fleet is set by hand."""

from collections.abc import Callable, Iterable
from pathlib import Path

from core.fleet.judging import Judge
from core.fleet.live import LiveFleet, Subscriber
from core.fleet.model import FleetChanges, FleetView
from core.posture.engine import Judge as Engine
from core.settings.model import FleetFile
from core.settings.places import Places
from core.station import Station
from core.text import Catalogue
from tests.nobody import Nobody


class HandFleet(LiveFleet):
    """Shows what it is given and tells its subscribers what changed."""

    def __init__(self, station: Station, view: FleetView) -> None:
        super().__init__(station.settings, Engine())
        self._shown = view
        self._told: list[Subscriber] = []

    @property
    def view(self) -> FleetView:
        return self._shown

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        self._told.append(callback)

        def unsubscribe() -> None:
            if callback in self._told:
                self._told.remove(callback)

        return unsubscribe

    def apply(self, settings: FleetFile, judge: Judge) -> None:
        """Nothing is judged: what is shown was made by hand."""

    def put(self, view: FleetView) -> FleetChanges:
        """Take a whole new view and say how it differs from the one before."""
        old, self._shown = self._shown, view
        both = old.machines.keys() & view.machines.keys()
        changes = FleetChanges(
            hosts=frozenset(
                name for name, host in view.hosts.items() if old.hosts.get(name) is not host
            ),
            changed=frozenset(key for key in both if old.machines[key] is not view.machines[key]),
            added=frozenset(view.machines.keys() - both),
            removed=frozenset(old.machines.keys() - both),
            fleet=True,
        )
        for subscriber in tuple(self._told):
            subscriber(view, changes)
        return changes


class HandStation(Station):
    """Journal, audit and settings are real, under one directory; no host is ever asked."""

    def __init__(self, home: Path, words: Catalogue, view: FleetView) -> None:
        super().__init__(Places.under(home), words, Nobody(), operator="admin@desk")
        self.hand = HandFleet(self, view)
        self.fleet = self.hand
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def refresh(self, host: str, uuids: Iterable[str] = ()) -> None:
        """Remember who was asked again."""
        self.asked.append((host, tuple(uuids)))
