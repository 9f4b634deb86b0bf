"""A machine switched off and started anew: its memory is given up, and the plan says so before."""

from typing import ClassVar

from core.changes.cards import run_of
from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.modes import GOING, state_of
from core.hosts.protocol import Destroy, ReadState, Start
from core.text import RingfenceError

POWER_DEADLINE_S = 45.0


async def switch_off(bench: Bench, uuid: str) -> Done:
    seen = await state_of(bench, Destroy(0, uuid), POWER_DEADLINE_S)
    if seen.live is not False:
        raise RingfenceError("off-read-back", state=seen.value)
    return Done((bench.proof("changes.proof.off"),))


class SwitchOff(Step, frozen=True, tag="switch-off"):
    """Cut the power. Nothing brings the memory back: undone, the machine is off."""

    required: ClassVar[bool] = True
    undo_orders: ClassVar[int] = 0

    run: int  # which run of it; a later one is not switched off again

    async def verify(self, bench: Bench) -> Done | None:
        live = (await bench.read_xml(self.uuid)).live
        if live and run_of(live) == self.run:
            return None
        return Done((bench.proof("changes.proof.off"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await switch_off(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done((bench.proof("changes.proof.stays-off"),))


class StartAgain(Step, frozen=True, tag="start-again"):
    """Start from the restored configuration; undone, it is off again."""

    async def verify(self, bench: Bench) -> Done | None:
        seen = await state_of(bench, ReadState(0, self.uuid))
        if seen.value not in GOING:
            return None
        return Done((bench.proof("changes.proof.goes-on"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        seen = await state_of(bench, Start(0, self.uuid), POWER_DEADLINE_S)
        if seen.value not in GOING:
            raise RingfenceError("start-read-back", state=seen.value)
        return Done((bench.proof("changes.proof.goes-on"),))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await switch_off(bench, self.uuid)
