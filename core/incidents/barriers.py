"""What stands on the hosts around held machines, read again and again while they are held."""

import asyncio
import time
from collections.abc import Callable

from core.changes.hands import Hands
from core.fleet.live import LiveFleet
from core.fleet.model import FleetView, Key
from core.hosts.helper.orders import BarrierSeen, ReadBarrier
from core.incidents.holds import Hold, HoldBook
from core.text import RingfenceError

LOOK_EVERY_S = 2.0
SETTLE_S = 3.0
SHOW_S = 1.0


class BarrierWatch:
    """Reads the barriers of all holds. `changed` hears of which the answer is another now.

    A host that cannot be asked has no reading: what is not known is not contained.
    """

    def __init__(
        self, hands: Hands, holds: HoldBook, changed: Callable[[frozenset[Key]], None]
    ) -> None:
        self._hands = hands
        self._holds = holds
        self._changed = changed
        self._seen: dict[Key, BarrierSeen] = {}
        self._taken: dict[Key, float] = {}  # when an order told it, since the last look

    def find(self, host: str, uuid: str) -> BarrierSeen | None:
        return self._seen.get(Key(host, uuid))

    async def settle(self, fleet: LiveFleet, names: frozenset[str]) -> None:
        """Wait a few seconds until every barrier on these hosts, as far as they are connected, was
        read and is on the view: a login may come after libvirt."""
        until = time.monotonic() + SETTLE_S
        hosts = fleet.view.hosts
        up = {name for name in names & hosts.keys() if hosts[name].health.state == "connected"}
        wanted = {Key(each.host, each.uuid) for each in self._holds.all() if each.barrier}
        wanted = {key for key in wanted if key.host in up}
        while not wanted <= self._seen.keys() and time.monotonic() < until:
            await self.look()
            await asyncio.sleep(0.05)
        read = wanted & self._seen.keys()

        def shown(view: FleetView) -> bool:
            rows = [row for key, row in view.machines.items() if key in read]
            return all(row.quarantine and row.quarantine.state != "unknown" for row in rows)

        if read:
            await fleet.wait_until(shown, SHOW_S)

    def take(self, key: Key, seen: BarrierSeen) -> None:
        """What an order of ours made of it: newer than a reading that is under way."""
        before, self._seen[key] = self._seen.get(key), seen
        self._taken[key] = time.monotonic()
        if _told(before) != _told(seen):
            self._changed(frozenset((key,)))

    async def look(self) -> None:
        """Read every barrier once; hosts are asked side by side."""
        began = time.monotonic()
        holds = [hold for hold in self._holds.all() if hold.barrier]
        found = await asyncio.gather(*(self._read(hold) for hold in holds))
        after = {
            Key(hold.host, hold.uuid): seen
            for hold, seen in zip(holds, found, strict=True)
            if seen is not None
        }
        self._taken = {key: at for key, at in self._taken.items() if at >= began}
        after |= {key: self._seen[key] for key in self._taken}
        before, self._seen = self._seen, after
        keys = before.keys() | after.keys()
        changed = {key for key in keys if _told(before.get(key)) != _told(after.get(key))}
        if changed:
            self._changed(frozenset(changed))

    async def _read(self, hold: Hold) -> BarrierSeen | None:
        try:
            seen = await self._hands.order(hold.host, ReadBarrier(0, hold.uuid))
        except RingfenceError:
            return None
        return seen if isinstance(seen, BarrierSeen) else None


def _told(seen: BarrierSeen | None) -> object:
    """What the state of a quarantine depends on: not the counters."""
    if seen is None:
        return None
    cards = [(card.name, card.held) for card in seen.cards]
    kind = seen.doors, seen.observing
    return seen.running, seen.bridge, seen.macs, cards, kind, seen.deleted
