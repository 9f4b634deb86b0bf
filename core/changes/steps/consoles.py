"""The ports a machine's consoles listen on: blocked on its host, and who is connected cut off.

A password does neither: it lets stay who is there, and a console without one takes none.
"""

from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.hosts.helper.observing import ConsolesSeen, KickConsoles, OpenConsoles, ReadConsoles
from core.hosts.helper.orders import MachineOrder
from core.text import RingfenceError


async def consoles(bench: Bench, order: MachineOrder) -> ConsolesSeen:
    result = await bench.order(order)
    if not isinstance(result, ConsolesSeen):
        raise RingfenceError("answer-of-another-kind", order="consoles")
    return result


async def shut(bench: Bench, uuid: str) -> Done:
    seen = await consoles(bench, KickConsoles(0, uuid))
    unblocked = (port for port in seen.ports if port not in seen.blocked)
    missing = (
        *(f"console port {port}" for port in unblocked),
        *(f"console client {client}" for client in seen.clients),
    )
    proof = bench.proof("changes.proof.consoles-shut", ports=len(seen.blocked), kicked=seen.kicked)
    return Done((proof,), missing)


async def let(bench: Bench, uuid: str) -> Done:
    if (await consoles(bench, OpenConsoles(0, uuid))).blocked:
        raise RingfenceError("barrier-read-back")
    return Done((bench.proof("changes.proof.consoles-let"),))


class ShutConsoles(Step, frozen=True, tag="shut-consoles"):
    """Let nobody reach them. `reopen`: no earlier cut shut them."""

    order_first: ClassVar[bool] = True

    reopen: bool = True

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and not self.reopen else 1

    async def verify(self, bench: Bench) -> Done | None:
        seen = await consoles(bench, ReadConsoles(0, self.uuid))
        if not seen.closed:
            return None
        proof = bench.proof("changes.proof.consoles-shut", ports=len(seen.blocked), kicked=0)
        return Done((proof,), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await shut(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if not self.reopen:
            return Done((bench.proof("changes.proof.console-was-closed"),))
        return await let(bench, self.uuid)


class LetConsoles(Step, frozen=True, tag="let-consoles"):
    """Let them be reached again."""

    order_first: ClassVar[bool] = True

    async def apply(self, bench: Bench) -> Done:
        return await let(bench, self.uuid)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await shut(bench, self.uuid)
