"""What the inspector may ask of the station; nothing of it can alter a host."""

from collections.abc import Sequence
from typing import Protocol

from core.changes.hands import Hands
from core.changes.history import PlanRecord
from core.fleet.model import FleetView


class Records(Protocol):
    """The journal as far as the inspector reads it."""

    def last_seq(self) -> int: ...

    def records(self, kinds: Sequence[str] = ()) -> tuple[PlanRecord, ...]: ...


class Fleet(Protocol):
    @property
    def view(self) -> FleetView: ...


class StationDoor(Protocol):
    """The part of a station that the inspector uses."""

    @property
    def hands(self) -> Hands: ...

    @property
    def journal(self) -> Records: ...

    @property
    def fleet(self) -> Fleet: ...
