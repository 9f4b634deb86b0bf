"""Which held machines were last seen so long ago that nothing may be said of them any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from core.fleet.model import Key, MachineView
from core.incidents.holds import Hold
from core.incidents.model import Containment
from core.incidents.state import is_fresh


def old_sights(
    holds: Iterable[Hold], machines: Mapping[Key, MachineView], now: datetime
) -> frozenset[Key]:
    keys = (Key(hold.host, hold.uuid) for hold in holds)
    seen = ((key, machines[key].quarantine) for key in keys if key in machines)
    return frozenset(
        key
        for key, held in seen
        if held is not None
        and held.state is not Containment.UNKNOWN
        and not is_fresh(held.observed_at, now)
    )
