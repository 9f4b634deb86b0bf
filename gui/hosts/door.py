"""What the host panels ask of the station."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from core.hosts.doctor import diagnose
from core.hosts.prompts import Prompts
from core.settings.fleet_editor import FleetEditor
from core.settings.model import FleetFile, HostEntry
from core.settings.places import Places
from core.station import Station
from core.text import Text


class CheckStep(Protocol):
    """One thing the connection doctor looked at: good or not, why, and what to do next."""

    @property
    def ok(self) -> bool: ...

    @property
    def cause(self) -> Text: ...

    @property
    def step(self) -> Text | None: ...


Tell = Callable[[CheckStep], None]
Diagnose = Callable[[HostEntry, Tell], Awaitable[Sequence[CheckStep]]]


def doctor_of(station: Station, prompts: Prompts) -> Diagnose:
    """The connection doctor of core.hosts, asking through `prompts`."""

    async def examine(entry: HostEntry, tell: Tell) -> Sequence[CheckStep]:
        return await diagnose(
            entry,
            places=station.places,
            prompts=prompts,
            tell=tell,
            on_unverified=station.record_unverified,
            secrets=station.secrets,
        )

    return examine


class HostsDoor(Protocol):
    """Checks an entry against fleet.toml, asks a host how it is, and keeps a new host."""

    def validate(self, entry: HostEntry) -> None: ...

    async def check(self, entry: HostEntry, tell: Tell) -> Sequence[CheckStep]: ...

    def add(self, entry: HostEntry) -> None: ...


class StationHosts:
    """The door of a real station; `take` makes it follow a saved fleet.toml."""

    def __init__(
        self, places: Places, diagnose: Diagnose, take: Callable[[FleetFile], None]
    ) -> None:
        self._places = places
        self._diagnose = diagnose
        self._take = take

    def validate(self, entry: HostEntry) -> None:
        """Raise RingfenceError when fleet.toml would not take the entry; writes nothing."""
        FleetEditor(self._places.fleet_file).add(entry)

    async def check(self, entry: HostEntry, tell: Tell) -> Sequence[CheckStep]:
        return await self._diagnose(entry, tell)

    def add(self, entry: HostEntry) -> None:
        editor = FleetEditor(self._places.fleet_file)
        editor.add(entry)
        self._take(editor.save())
