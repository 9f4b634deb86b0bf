"""What a station does for held machines besides its plans: it looks, hears the hosts, and tells.

Truth about a hold comes from three sides: our journal, what its host remembers, and what stands
in the host's kernel. Here they are brought together and handed to the fleet's view.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from msgspec import structs

from core.changes.hands import Hands, Result
from core.changes.journal import Journal
from core.facts import Machine
from core.fleet.live import LiveFleet
from core.fleet.model import FleetChanges, FleetView, Key
from core.hosts.helper.holds import HoldsSeen
from core.hosts.helper.orders import BarrierSeen, LowerBarrier, RaiseBarrier
from core.hosts.protocol import Health, Order
from core.incidents.barriers import LOOK_EVERY_S, SETTLE_S, BarrierWatch
from core.incidents.holds import Hold, HoldBook
from core.incidents.host_holds import HostHolds
from core.incidents.model import Happening, Quarantine
from core.incidents.moved_here import came_from, here_from, is_gone, is_said_to_be_moved
from core.incidents.news import DISK_GONE
from core.incidents.sights import old_sights
from core.incidents.state import observed
from core.text import RingfenceError

_LOG = logging.getLogger("ringfence.station")
Clock = Callable[[], datetime]
Holds = dict[Key, Hold]
Told = Callable[[Holds, Holds], None]
Recorded = Callable[[str, str], datetime | None]


def nothing_recorded(case: str, target: str) -> datetime | None:
    return None


class Session(Protocol):
    """What is asked of the sessions of the hosts."""

    @property
    def health(self) -> Health: ...

    def watch_held(self, uuids: Iterable[str]) -> None: ...

    def refresh(self, uuids: Iterable[str] = ()) -> None: ...


class Keeping:
    """The holds of a station, its looks at them, and who is told when they change."""

    def __init__(
        self,
        journal: Journal,
        hands: Hands,
        sessions: Mapping[str, Session],
        clock: Clock,
        recorded: Recorded = nothing_recorded,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._recorded = recorded  # when a case's machine was first seen to have lost its memory
        self._lost: dict[tuple[str, str], datetime] = {}
        self._fleet: LiveFleet | None = None
        self._told: list[Told] = []
        self._wake = asyncio.Event()
        self.holds = HoldBook(journal)
        self.holds.refresh()
        self.barriers = BarrierWatch(hands, self.holds, self._barriers_changed)
        self.hosts = HostHolds(hands, sessions, self.heard)

    def attach(self, fleet: LiveFleet) -> None:
        """From now on the fleet is told what changes."""
        self._fleet = fleet
        fleet.subscribe(self._see)

    def subscribe(self, told: Told) -> None:
        """Call with the holds before and after every change."""
        self._told.append(told)

    # --- looking ------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Look until cancelled."""
        while True:
            self._wake.clear()
            self._look_for_moved()
            await asyncio.gather(self.hosts.look(), self.barriers.look())
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):  # wait_for may swallow a cancel
                    await self._wake.wait()

    def _see(self, view: FleetView, changes: FleetChanges) -> None:
        """A held machine that is missed may have been moved."""
        if any(self.holds.find(key.host, key.uuid) is not None for key in changes.removed):
            self._wake.set()

    async def settle(self, fleet: LiveFleet, names: frozenset[str]) -> None:
        """Wait a few seconds until connected hosts said what they hold, and it is on the view."""
        until = time.monotonic() + SETTLE_S
        while not self.hosts.answered(names) and time.monotonic() < until:
            await self.hosts.look()
            await asyncio.sleep(0.05)
        await self.barriers.settle(fleet, names)

    def after_order(self) -> None:
        """Something was ordered that may have had an effect: look at once."""
        self.look_at_journal()
        self._wake.set()

    def prepared(self) -> tuple[str, ...]:
        """Hosts that remember, and are there to be told something."""
        known = ((name, self.holds.told(name)) for name in self.hosts.connected)
        return tuple(name for name, seen in known if seen is not None and seen.prepared)

    def answered(self, host: str, order: Order, result: Result) -> None:
        """What an order made of a barrier is known before the next look at it."""
        if isinstance(order, RaiseBarrier | LowerBarrier) and isinstance(result, BarrierSeen):
            self.barriers.take(Key(host, order.uuid), result)
        self.heard(host, result)

    def heard(self, host: str, result: Result) -> None:
        """Take what a host answered, to whichever order."""
        if isinstance(result, HoldsSeen):
            before = self._by_key()
            if self.holds.take(host, result):
                self._changed(before)

    def forget(self, host: str) -> None:
        before = self._by_key()
        self.holds.forget(host)
        self._changed(before)

    def look_at_journal(self) -> None:
        """Never raises: it follows orders that had their effect, and a clock."""
        before = self._by_key()
        try:
            if self.holds.refresh():
                self._changed(before)
        except RingfenceError as error:
            _LOG.warning("the journal could not be read again: %s", error)

    def doubt_old_sights(self) -> None:
        """A read that hangs reports nothing: its machine must stop looking contained by itself."""
        if self._fleet is not None:
            machines = self._fleet.view.machines
            self._fleet.look_again(old_sights(self.holds.all(), machines, self._clock()))

    # --- telling ------------------------------------------------------------------------------

    def quarantine_of(self, key: Key, machine: Machine | None, stale: bool) -> Quarantine | None:
        """What is observed of a machine's hold."""
        hold = self.holds.find(key.host, key.uuid)
        if hold is None and machine is not None and machine.claim.hold_case:
            # Another process may have cut it off a moment ago: the journal knows, the mark claims.
            self.look_at_journal()
            hold = self.holds.find(key.host, key.uuid)
        barrier = self.barriers.find(key.host, key.uuid)
        if hold is None and machine is not None and (left := self._moved_here(key)) is not None:
            hold, barrier = here_from(left, key.host), None
        found = observed(hold, machine, stale, self._clock(), barrier)
        if hold is None or found is None:
            return found
        gone = () if barrier is None or hold.kept else barrier.deleted
        return self._with_deleted(hold, self._at_first_sight(hold, found), gone)

    def _moved_here(self, key: Key) -> Hold | None:
        """The hold of a machine that is gone from where it was cut."""
        if self._fleet is None:
            return None
        view = self._fleet.view
        return next((hold for hold in self.holds.all() if came_from(hold, key, view)), None)

    def _look_for_moved(self) -> None:
        """A machine may be seen where it is now before it is missed where it was."""
        if self._fleet is None:
            return
        view = self._fleet.view
        gone = [hold for hold in self.holds.all() if is_gone(hold, view)]
        keys = (key for hold in gone for key in view.machines if came_from(hold, key, view))
        new = (key for key in keys if not is_said_to_be_moved(view.machines[key]))
        if fresh := frozenset(key for key in new if self.holds.find(key.host, key.uuid) is None):
            self._fleet.look_again(fresh)

    def _at_first_sight(self, hold: Hold, found: Quarantine) -> Quarantine:
        if found.memory_lost is None:
            return found
        lost = self._first_seen(hold, "", found.memory_lost)
        return structs.replace(found, memory_lost=lost)

    def _with_deleted(self, hold: Hold, found: Quarantine, gone: tuple[str, ...]) -> Quarantine:
        """Images that were deleted where no host tells of it by itself."""
        if not gone:
            return found
        more = tuple(
            Happening(self._first_seen(hold, f" {path}", self._clock()), DISK_GONE, path)
            for path in gone
        )
        return structs.replace(found, happened=(*found.happened, *more))

    def _first_seen(self, hold: Hold, what: str, now: datetime) -> datetime:
        """Of a loss: when it was first seen, here or by who wrote the audit log."""
        about = (hold.case, f"{hold.host}/{hold.name}{what}")
        known = (self._lost.get(about), self._recorded(*about), now)
        self._lost[about] = min(each for each in known if each is not None)
        return self._lost[about]

    def _by_key(self) -> Holds:
        return {Key(hold.host, hold.uuid): hold for hold in self.holds.all()}

    def _barriers_changed(self, keys: frozenset[Key]) -> None:
        if self._fleet is not None:
            self._fleet.look_again(keys)

    def _changed(self, before: Holds) -> None:
        after = self._by_key()
        keys = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
        if not keys:
            return
        for name, session in self._sessions.items():
            session.watch_held(self.holds.held(name))
            if uuids := tuple(key.uuid for key in keys if key.host == name):
                session.refresh(uuids)
        self._wake.set()
        if self._fleet is not None:
            self._fleet.look_again(frozenset(keys))
        for told in tuple(self._told):
            told(before, after)
