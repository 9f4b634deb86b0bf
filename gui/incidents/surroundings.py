"""What the quarantine panel wants to know beside the plan, asked in the background.

Nothing here decides anything: a panel without it works, with empty fields and sizes unknown.
"""

from typing import Protocol

from core.fleet.model import MachineView
from core.incidents.evidence.estimates import Estimate, estimates
from core.incidents.evidence.kinds import ALL_KINDS
from core.incidents.evidence.measure import Measured, measured
from core.incidents.own_address import own_address
from core.incidents.reach import reach_of
from core.station import Station
from core.text import RingfenceError


class Surroundings(Protocol):
    async def own_address(self, host: str) -> str:
        """Our IPv4 address towards a host; "" when it cannot be told."""
        ...

    async def estimates(self, view: MachineView) -> tuple[Estimate, ...]:
        """What each kind of evidence of a machine will cost."""
        ...


class StationSurroundings:
    """Implements Surroundings over a running station."""

    def __init__(self, station: Station) -> None:
        self._station = station

    async def own_address(self, host: str) -> str:
        return await own_address(self._uri(host))

    async def estimates(self, view: MachineView) -> tuple[Estimate, ...]:
        """Disks are measured where their host can tell; where it cannot they stay unknown."""
        hands = self._station.hands
        reach = await reach_of(hands, view.host, view.key.uuid)
        try:
            found = await measured(hands, view, ALL_KINDS, reach.barrier)
        except RingfenceError:
            found = Measured(reach.barrier)
        return estimates(view, ALL_KINDS, found)

    def _uri(self, host: str) -> str:
        found = self._station.fleet.view.hosts.get(host)
        return "" if found is None else found.entry.uri
