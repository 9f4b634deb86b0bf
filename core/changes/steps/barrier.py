"""The barrier on the host: raised beside the cut of the links, taken away last at a release.

Each order reads back from the host's kernel; a barrier that does not stand is a failure, whatever
its call returned.
"""

from typing import ClassVar

from msgspec import Struct

from core.changes.outcome import Done, Proof
from core.changes.step import Bench, Step
from core.hosts.helper.orders import (
    BarrierSeen,
    Door,
    EndDrain,
    LowerBarrier,
    MachineOrder,
    RaiseBarrier,
    ReadBarrier,
    StartDrain,
)
from core.text import RingfenceError, Text

BARRIER = "barrier"  # the side in "MAC: barrier" of what is missing
DOOR = "door"  # "STATION:PORT: door": not as asked
NOT_OBSERVING = "frames: not counted"
NOT_BLOCKING = "frames: only counted"


class BarrierKind(Struct, frozen=True):
    """What a barrier does: block all, block all but the doors, or block nothing and count."""

    doors: tuple[Door, ...] = ()
    observe: bool = False

    def stands(self, seen: BarrierSeen, macs: tuple[str, ...]) -> bool:
        """Whether what was read is this barrier, around these addresses."""
        if self.observe:
            return seen.observing
        same = set(seen.doors) == set(self.doors)
        return not seen.observing and same and seen.holds(macs)

    def order(self, uuid: str, macs: tuple[str, ...]) -> RaiseBarrier:
        return RaiseBarrier(0, uuid, macs, self.doors, self.observe)


BLOCKING = BarrierKind()


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


def done_of(bench: Bench, seen: BarrierSeen, kind: BarrierKind, macs: tuple[str, ...]) -> Done:
    """What stands of a barrier of this kind, and each card it does not hold."""
    if kind.observe:
        proof = bench.proof("changes.proof.observing", count=seen.passed)
        return Done((proof,)) if seen.observing else Done((), (NOT_OBSERVING,))
    names = sorted(_names(kind.doors) & _names(seen.doors))
    doors = tuple(bench.proof("changes.proof.door", door=name) for name in names)
    return Done((*proofs_of(bench, seen, macs), *doors), barrier_missing(seen, kind, macs))


def barrier_missing(seen: BarrierSeen, kind: BarrierKind, macs: tuple[str, ...]) -> tuple[str, ...]:
    """Name what of a blocking barrier is not as ordered: cards, doors, or that it blocks."""
    cards = tuple(f"{name}: {BARRIER}" for name in seen.open_of(macs))
    other = tuple(f"{door}: {DOOR}" for door in sorted(_names(kind.doors) ^ _names(seen.doors)))
    return (*cards, *other, *((NOT_BLOCKING,) if seen.observing else ()))


def _names(doors: tuple[Door, ...]) -> set[str]:
    return {f"{door.station}:{door.port}" for door in doors}


class BarrierUp(Step, frozen=True, tag="barrier-up"):
    """Drop every frame of the machine on its host, but for doors; or only count them.

    `before`: an earlier cut raised a barrier, of that kind.
    """

    order_first: ClassVar[bool] = True

    macs: tuple[str, ...]
    before: BarrierKind | None = None
    cuts_live: bool = True
    kind: BarrierKind = BLOCKING

    @property
    def cuts(self) -> bool:
        return self.cuts_live

    def describe(self) -> Text:
        doors = ", ".join(f"{door.station}:{door.port}" for door in self.kind.doors)
        params = {**super().describe().params, "doors": doors}
        if self.kind.observe:
            return Text("changes.step.barrier-up-observe", params)
        return Text(f"changes.step.barrier-up{'-doors' if doors else ''}", params)

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and self.before == self.kind else 1

    async def verify(self, bench: Bench) -> Done | None:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        if not self.kind.stands(seen, self.macs):
            return None
        return Done(proofs_of(bench, seen, self.macs), already=True)

    async def apply(self, bench: Bench) -> Done:
        """What it does not hold is named by the proof after all cuts."""
        seen = await read_back(bench, self.kind.order(self.uuid, self.macs))
        if not (seen.observing if self.kind.observe else seen.up):
            raise RingfenceError("barrier-read-back")
        return Done(proofs_of(bench, seen, self.macs), already=self.before == self.kind)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.before is None:
            return await lowered(bench, self.uuid)
        if self.before != self.kind:
            seen = await read_back(bench, self.before.order(self.uuid, self.macs))
            if not self.before.stands(seen, self.macs):
                raise RingfenceError("barrier-read-back")
        return Done((bench.proof("changes.proof.barrier-was-up"),))


class ProveBarrier(Step, frozen=True, tag="prove-barrier"):
    """Read the barrier again; a card that came meanwhile is put behind it."""

    undo_orders: ClassVar[int] = 0

    macs: tuple[str, ...]
    kind: BarrierKind = BLOCKING

    async def apply(self, bench: Bench) -> Done:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        if not self.kind.stands(seen, self.macs):
            seen = await read_back(bench, self.kind.order(self.uuid, self.macs))
        return done_of(bench, seen, self.kind, self.macs)

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
    kind: BarrierKind = BLOCKING

    async def verify(self, bench: Bench) -> Done | None:
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        return (
            None
            if seen.up or seen.observing
            else Done((bench.proof("changes.proof.barrier-down"),), already=True)
        )

    async def apply(self, bench: Bench) -> Done:
        return await lowered(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        seen = await read_back(bench, self.kind.order(self.uuid, self.macs))
        if not self.kind.stands(seen, self.macs):
            raise RingfenceError("barrier-read-back")
        return done_of(bench, seen, self.kind, self.macs)


async def lowered(bench: Bench, uuid: str) -> Done:
    """Lower it and prove that nothing of it is left."""
    seen = await read_back(bench, LowerBarrier(0, uuid))
    if seen.up or seen.observing:
        raise RingfenceError("barrier-read-back")
    return Done((bench.proof("changes.proof.barrier-down"),))
