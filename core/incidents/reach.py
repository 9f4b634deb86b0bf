"""Whether a barrier can be raised on a machine's host, asked before the plan is made."""

from msgspec import Struct

from core.changes.hands import Hands
from core.changes.steps.barrier import BarrierKind
from core.hosts.helper.orders import BarrierSeen, ReadBarrier
from core.text import RingfenceError, Text


class Reach(Struct, frozen=True):
    """`barrier`: ringfence-host can raise one; `before`: what stands already. Else `why` not."""

    barrier: bool = False
    before: BarrierKind | None = None
    why: Text | None = None


NO_BARRIER = Reach()


async def reach_of(hands: Hands, host: str, uuid: str) -> Reach:
    """Ask the host; it also warms the channel over which the barrier will be raised."""
    try:
        seen = await hands.order(host, ReadBarrier(0, uuid))
    except RingfenceError as error:
        return Reach(why=error.cause)
    if not isinstance(seen, BarrierSeen):
        raise RingfenceError("answer-of-another-kind", order="read-barrier")
    standing = seen.up or seen.observing
    return Reach(True, BarrierKind(seen.doors, seen.observing) if standing else None)
