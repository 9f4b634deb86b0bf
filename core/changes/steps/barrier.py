"""The barrier on the host: raised beside the cut of the links, taken away last at a release.

Each order reads back from the host's kernel; a barrier that does not stand is a failure, whatever
its call returned.
"""

from typing import ClassVar

from core.changes.outcome import Done, Proof
from core.changes.step import Bench, Step
from core.hosts.helper.orders import (
    BarrierSeen,
    EndDrain,
    LowerBarrier,
    MachineOrder,
    RaiseBarrier,
    ReadBarrier,
    StartDrain,
)
from core.text import RingfenceError

BARRIER = "barrier"  # the side in "MAC: barrier" of what is missing


async def read_back(bench: Bench, order: MachineOrder) -> BarrierSeen:
    """Give ringfence-host an order and take what stands afterwards."""
    result = await bench.order(order)
    if not isinstance(result, BarrierSeen):
        raise RingfenceError("answer-of-another-kind", order="barrier")
    return result


def proofs_of(bench: Bench, seen: BarrierSeen, macs: tuple[str, ...]) -> tuple[Proof, ...]:
    """What was read of a barrier: each card by its tap, and the addresses that stay blocked."""
    cards = tuple(
        bench.proof("changes.proof.barrier-card", mac=card.name, device=card.device)
        for card in seen.cards
        if card.held
    )
    kept = bench.proof("changes.proof.barrier-macs", count=len(seen.macs)) if seen.bridge else None
    return cards if kept is None or not macs else (*cards, kept)


def done_of(bench: Bench, seen: BarrierSeen, macs: tuple[str, ...]) -> Done:
    missing = tuple(f"{name}: {BARRIER}" for name in seen.open_of(macs))
    return Done(proofs_of(bench, seen, macs), missing)


class BarrierUp(Step, frozen=True, tag="barrier-up"):
    """Drop every frame of the machine on its host. `was_up`: an earlier cut raised it."""

    order_first: ClassVar[bool] = True

    macs: tuple[str, ...]
    was_up: bool = False
    cuts_live: bool = True

    @property
    def cuts(self) -> bool:
        return self.cuts_live

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and self.was_up else 1

    async def verify(self, bench: Bench) -> Done | None:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        if not seen.holds(self.macs):
            return None
        return Done(proofs_of(bench, seen, self.macs), already=True)

    async def apply(self, bench: Bench) -> Done:
        """What it does not hold is named by the proof after all cuts."""
        seen = await read_back(bench, RaiseBarrier(0, self.uuid, self.macs))
        if not seen.up:
            raise RingfenceError("barrier-read-back")
        return Done(proofs_of(bench, seen, self.macs), already=self.was_up)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.was_up:
            return Done((bench.proof("changes.proof.barrier-was-up"),))
        return await lowered(bench, self.uuid)


class ProveBarrier(Step, frozen=True, tag="prove-barrier"):
    """Read the barrier again; a card that came meanwhile is put behind it."""

    undo_orders: ClassVar[int] = 0

    macs: tuple[str, ...]

    async def apply(self, bench: Bench) -> Done:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        if not seen.holds(self.macs):
            seen = await read_back(bench, RaiseBarrier(0, self.uuid, self.macs))
        return done_of(bench, seen, self.macs)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()


class DrainFlows(Step, frozen=True, tag="drain-flows"):
    """Before the barrier goes: only TCP flows that are opened afterwards will pass."""

    order_first: ClassVar[bool] = True

    async def verify(self, bench: Bench) -> Done | None:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        return Done((self._proof(bench, seen),), already=True) if seen.draining else None

    async def apply(self, bench: Bench) -> Done:
        seen = await read_back(bench, StartDrain(0, self.uuid))
        if not seen.draining and any(card.kind == "tap" for card in seen.cards):
            raise RingfenceError("barrier-read-back")
        return Done((self._proof(bench, seen),))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        seen = await read_back(bench, EndDrain(0, self.uuid))
        if seen.draining:
            raise RingfenceError("barrier-read-back")
        return Done((bench.proof("changes.proof.drain-off"),))

    def _proof(self, bench: Bench, seen: BarrierSeen) -> Proof:
        return bench.proof(f"changes.proof.drain-{'on' if seen.draining else 'none'}")


class BarrierDown(Step, frozen=True, tag="barrier-down"):
    """Take the barrier away: the last thing a release does before its proof."""

    order_first: ClassVar[bool] = True
    required: ClassVar[bool] = True

    macs: tuple[str, ...]

    async def verify(self, bench: Bench) -> Done | None:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        return None if seen.up else Done((bench.proof("changes.proof.barrier-down"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await lowered(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        seen = await read_back(bench, RaiseBarrier(0, self.uuid, self.macs))
        if not seen.holds(self.macs):
            raise RingfenceError("barrier-read-back")
        return done_of(bench, seen, self.macs)


async def lowered(bench: Bench, uuid: str) -> Done:
    """Lower it and prove that nothing of it is left."""
    if (await read_back(bench, LowerBarrier(0, uuid))).up:
        raise RingfenceError("barrier-read-back")
    return Done((bench.proof("changes.proof.barrier-down"),))
