"""A held machine that was opened is cut again by the station itself, and the gap is written down.

For as long as a station watches: a link raised, a barrier gone, a card more, a machine that was
started, reverted or defined anew. It is a plan like any other, in the same case; never more often
than every few seconds, ever later and at last no more when it does not help, and never
against a release.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from core.changes.plan import Plan
from core.changes.runner import Runner
from core.changes.steps import AnyStep, KeepHold
from core.changes.steps.barrier import BARRIER, DOOR, NOT_BLOCKING
from core.changes.steps.prove_cut import RUNNING
from core.fleet.live import LiveFleet
from core.fleet.model import FleetChanges, FleetView, Key, MachineView
from core.hosts.undisturbed import undisturbed
from core.incidents.desk import IncidentDesk
from core.incidents.hold import Hold
from core.incidents.holds import HOLD_AGAIN, HoldBook
from core.incidents.model import Containment, Mode, Quarantine, Wish
from core.incidents.moved import as_moved, gap_after, moved_to
from core.incidents.remembered import ALTERED
from core.text import RingfenceError

_LOG = logging.getLogger("ringfence.station")
PAUSE_S = 2.0  # doubled with each try that left the same open
MOST_TRIES = 4  # what cannot be closed is not tried for ever
LOOK_EVERY_S = 1.0
LAST_WAIT_S = 10.0
_CLOSABLE = frozenset({"live", "stored", BARRIER, DOOR, ALTERED.rpartition(": ")[2]})
OPEN = frozenset({Containment.PARTIAL, Containment.NOT_CONTAINED})
Clock = Callable[[], datetime]


class Watched(Struct):
    """What is known of one held machine between two looks."""

    contained_at: datetime | None = None
    missing: tuple[str, ...] = ()  # what was open when it was last tried
    not_before: datetime | None = None
    tries: int = 0
    trying: bool = False


class HoldAgain:
    """Follows the fleet's view; `say` makes the reason of a plan out of what was found open."""

    def __init__(
        self,
        desk: IncidentDesk,
        runner: Runner,
        holds: HoldBook,
        say: Callable[[tuple[str, ...]], str],
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._desk = desk
        self._runner = runner
        self._holds = holds
        self._say = say
        self._clock = clock
        self._known: dict[Key, Watched] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    async def keep(self, fleet: LiveFleet) -> None:
        """Hold until cancelled."""

        def look(view: FleetView, changes: FleetChanges) -> None:
            self._wake.set()

        cancel = fleet.subscribe(look)
        try:
            while True:
                self._wake.clear()
                self.look(fleet.view)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            cancel()
            await undisturbed(self._ended())

    async def _ended(self) -> None:
        """A cut that was begun is not left half done because the station ends."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WAIT_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until what was begun has ended."""
        await asyncio.gather(*self._tasks)

    def look(self, view: FleetView) -> None:
        """Begin what is due."""
        for hold in self._holds.all():
            self._follow(hold, view)
            machine = view.machines.get(Key(hold.host, hold.uuid))
            if machine is not None and machine.quarantine is not None:
                known = self._known.setdefault(machine.key, Watched())
                if self._is_due(hold, machine.quarantine, known):
                    self._begin(machine, hold, known)

    def _follow(self, hold: Hold, view: FleetView) -> None:
        """A machine that was moved is cut where it is now."""
        machine = moved_to(hold, view, self._holds)
        if machine is None or hold.release or hold.mode is Mode.OBSERVE:
            return
        known = self._known.setdefault(machine.key, Watched())
        late = known.not_before is None or self._clock() >= known.not_before
        if late and not known.trying and known.tries < MOST_TRIES:
            known.tries += 1
            known.trying = True
            self._spawn(self._again(machine, hold, known, moved=True))

    def _is_due(self, hold: Hold, seen: Quarantine, known: Watched) -> bool:
        if seen.state is Containment.CONTAINED:
            known.contained_at = seen.observed_at
        if seen.state not in OPEN or seen.missing != known.missing:
            known.missing, known.tries = (), 0
        if known.trying or seen.state not in OPEN or known.tries >= MOST_TRIES:
            return False
        too_soon = known.not_before is not None and self._clock() < known.not_before
        return not too_soon and may_act(hold, seen) and self._is_ours_to_do(hold)

    def _is_ours_to_do(self, hold: Hold) -> bool:
        """What a person began and did not finish is theirs to decide."""
        return hold.finished or self._holds.kind_of(hold.plans[-1]) == HOLD_AGAIN

    def _begin(self, machine: MachineView, hold: Hold, known: Watched) -> None:
        known.missing = machine.quarantine.missing if machine.quarantine else ()
        known.tries += 1
        known.trying = True
        self._spawn(self._again(machine, hold, known))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again(
        self, machine: MachineView, hold: Hold, known: Watched, moved: bool = False
    ) -> None:
        try:
            await (self._moved(machine, hold) if moved else self._tried(machine, hold, known))
        except RingfenceError as error:  # it is looked at again, ever later
            _LOG.warning("%s was not held again: %s", machine.target, error)
        finally:
            known.trying = False
            known.not_before = self._clock() + timedelta(seconds=PAUSE_S * 2**known.tries)

    async def _moved(self, machine: MachineView, hold: Hold) -> None:
        reason = self._say((f"host: moved-to-{machine.host}",))
        plan = await self._desk.plan_quarantine(machine, reason, _wish(hold), hold.case)
        there = self._known.get(Key(hold.host, hold.uuid), Watched())
        await self._desk.run(as_moved(plan, hold, there.contained_at or self._clock()))

    async def _tried(self, machine: MachineView, hold: Hold, known: Watched) -> None:
        if not hold.finished:
            await self._runner.resume(hold.plans[-1])
            return
        since = known.contained_at or self._holds.proved_at(hold) or self._clock()
        reason = self._say(known.missing)
        plan = await self._desk.plan_quarantine(machine, reason, _wish(hold))
        await self._desk.run(again(plan, hold, since, known.missing))


def _wish(hold: Hold) -> Wish:
    """As it is held."""
    doors = hold.doors if hold.mode is Mode.FORENSIC else ()
    return Wish(mode=hold.mode, doors=doors, cut_anyway=True, drill=hold.drill)


def may_act(hold: Hold, seen: Quarantine) -> bool:
    """Not against a person: a release that was begun or is waited for, a machine that is only
    watched, a hold whose host says that it ended, or a plan a person must decide on."""
    if hold.mode is Mode.OBSERVE or hold.release or hold.asked_by or not hold.case:
        return False
    if hold.trouble and (hold.trouble != ALTERED or hold.from_host):
        return False
    return any(map(_can_be_closed, seen.missing))


def _can_be_closed(item: str) -> bool:
    """Whether another cut may help: not against a passed-through card, or a saved image."""
    return item in {RUNNING, NOT_BLOCKING} or item.rpartition(": ")[2] in _CLOSABLE


def again(plan: Plan, hold: Hold, since: datetime, missing: tuple[str, ...]) -> Plan:
    """The same cut as the station's own act. The host is told only what it does not know."""
    gap = gap_after(plan, since, ", ".join(missing))
    return structs.replace(plan, kind=HOLD_AGAIN, steps=(*_needed(plan, hold), gap))


def _needed(plan: Plan, hold: Hold) -> Iterator[AnyStep]:
    for step in plan.steps:
        same = (
            isinstance(step, KeepHold)
            and step.expected == hold.generation > 0
            and step.mode is hold.mode
            and set(step.doors) == set(hold.doors)
            and set(step.macs) <= set(hold.barrier)
        )
        if not same:
            yield step
