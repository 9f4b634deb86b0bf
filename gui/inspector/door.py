"""What the inspector may ask of the station; nothing of it can alter a host."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from core.audit.record import Record
from core.changes.hands import Hands
from core.changes.history import PlanRecord
from core.fleet.model import FleetView, Key
from core.hosts.helper.orders import BarrierSeen
from core.incidents.holds import Hold


class Records(Protocol):
    """The journal as far as the inspector reads it."""

    def last_seq(self) -> int: ...

    def records(self, kinds: Sequence[str] = ()) -> tuple[PlanRecord, ...]: ...


class Fleet(Protocol):
    @property
    def view(self) -> FleetView: ...


class Scores(Protocol):
    """Scores of past days."""

    def line(self, key: Key, days: int = 30) -> tuple[tuple[date, int], ...]: ...


class Audit(Protocol):
    """The audit record as far as the inspector reads it."""

    def records(self, after: int = 0) -> tuple[Record, ...]: ...


class Holds(Protocol):
    """What is known of held machines."""

    def find(self, host: str, uuid: str) -> Hold | None: ...


class Barriers(Protocol):
    """What was read last of the barriers on the hosts."""

    def find(self, host: str, uuid: str) -> BarrierSeen | None: ...


class StationDoor(Protocol):
    """The part of a station that the inspector uses."""

    @property
    def hands(self) -> Hands: ...

    @property
    def journal(self) -> Records: ...

    @property
    def history(self) -> Scores: ...

    @property
    def audit(self) -> Audit:
        """Opened when first asked for: the keyring may ask for a password."""
        ...

    @property
    def fleet(self) -> Fleet: ...

    @property
    def holds(self) -> Holds: ...

    @property
    def barriers(self) -> Barriers: ...
