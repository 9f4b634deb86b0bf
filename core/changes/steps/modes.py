"""The machine's processors: paused by a freeze, and set going again, never out into the open.

What is read back decides: a machine that still runs after the call was not paused.
"""

from enum import StrEnum
from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.barrier import read_back
from core.changes.steps.links import Side, raise_if_there, set_link
from core.changes.steps.prove_cut import open_cards
from core.facts import MachineState
from core.hosts.helper.orders import ReadBarrier
from core.hosts.protocol import Applied, Order, ReadState, Resume, Suspend
from core.text import RingfenceError

GOING = frozenset({MachineState.RUNNING.value, MachineState.BLOCKED.value})


class Guard(StrEnum):
    """What must be seen to stand before a machine may go on or a link may come up."""

    NONE = "none"  # a release: nothing holds it any more
    BARRIER = "barrier"
    LINKS = "links"  # no barrier can be had: every link is down


async def state_of(bench: Bench, order: Order, deadline_s: float = 10.0) -> Applied:
    """Give an order that answers with the machine's state; `live` is False when it is off."""
    result = await bench.order(order, deadline_s)
    if not isinstance(result, Applied):
        raise RingfenceError("answer-of-another-kind", order="state")
    return result


async def pause(bench: Bench, uuid: str) -> Done:
    return _paused(bench, await state_of(bench, Suspend(0, uuid)))


async def go_on(bench: Bench, uuid: str) -> Done:
    seen = await state_of(bench, Resume(0, uuid))
    if seen.live is False:
        return Done((bench.proof("changes.proof.no-process"),))
    if seen.value not in GOING:
        raise RingfenceError("resume-read-back", state=seen.value)
    return Done((bench.proof("changes.proof.goes-on"),))


def _paused(bench: Bench, seen: Applied) -> Done:
    if seen.live is False:
        return Done((bench.proof("changes.proof.no-process"),), already=True)
    if seen.value != MachineState.PAUSED:
        raise RingfenceError("pause-read-back", state=seen.value)
    return Done((bench.proof("changes.proof.paused"),))


class PauseMachine(Step, frozen=True, tag="pause-machine"):
    """Stop the virtual processors. `was_running`: undo sets them going again."""

    order_first: ClassVar[bool] = True

    was_running: bool

    @property
    def cuts(self) -> bool:
        return True

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and not self.was_running else 1

    async def verify(self, bench: Bench) -> Done | None:
        seen = await state_of(bench, ReadState(0, self.uuid))
        if seen.live is not False and seen.value != MachineState.PAUSED:
            return None
        return Done(_paused(bench, seen).proofs, already=True)

    async def apply(self, bench: Bench) -> Done:
        return await pause(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if not self.was_running:
            return Done((bench.proof("changes.proof.was-paused"),))
        return await go_on(bench, self.uuid)


class Guarded(Step, frozen=True, kw_only=True):
    """A step that must not open anything: it looks at what holds before it acts."""

    guard: Guard = Guard.NONE
    macs: tuple[str, ...] = ()  # what the barrier must hold

    def orders_in(self, phase: str) -> int:
        return 2 if phase == "apply" and self.guard is not Guard.NONE else 1

    async def look_first(self, bench: Bench) -> None:
        """Raise unless it is held."""
        if self.guard is Guard.BARRIER:
            if not (await read_back(bench, ReadBarrier(0, self.uuid))).holds(self.macs):
                raise RingfenceError("would-open")
        elif self.guard is Guard.LINKS and open_cards(await bench.read_xml(self.uuid)):
            raise RingfenceError("would-open")


class ResumeMachine(Guarded, frozen=True, tag="resume-machine"):
    """Let a machine that we paused go on."""

    async def verify(self, bench: Bench) -> Done | None:
        seen = await state_of(bench, ReadState(0, self.uuid))
        if seen.value not in GOING:
            return None
        return Done((bench.proof("changes.proof.goes-on"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        await self.look_first(bench)
        return await go_on(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await pause(bench, self.uuid)


class RaiseBehind(Guarded, frozen=True, tag="raise-behind"):
    """Raise a live link behind a barrier that was seen to stand, so that its doors work."""

    undo_orders: ClassVar[int] = 1

    mac: str

    def orders_in(self, phase: str) -> int:
        return 3 if phase == "apply" else 1

    async def apply(self, bench: Bench) -> Done:
        await self.look_first(bench)
        return await raise_if_there(bench, self.uuid, self.mac)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await set_link(bench, self.uuid, self.mac, Side.LIVE, up=False)
