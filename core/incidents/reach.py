"""Whether a barrier can be raised on a machine's host, asked before the plan is made."""

import asyncio

from msgspec import Struct

from core.changes.hands import Hands
from core.changes.steps.barrier import BarrierKind
from core.hosts.helper.orders import BarrierSeen, ReadBarrier
from core.hosts.protocol import Applied, ReadQuarantineNetwork
from core.text import RingfenceError, Text


class Reach(Struct, frozen=True):
    """`barrier`: ringfence-host can raise one; `before`: what stands already. Else `why` not."""

    barrier: bool = False
    before: BarrierKind | None = None
    why: Text | None = None
    isolated: bool = False  # the network for held cards is there, as we made it


NO_BARRIER = Reach()


async def reach_of(hands: Hands, host: str, uuid: str) -> Reach:
    """Ask the host; it also warms the channel over which the barrier will be raised."""
    asked = asyncio.gather(hands.order(host, ReadBarrier(0, uuid)), _isolated(hands, host))
    try:
        seen, isolated = await asked
    except RingfenceError as error:
        return Reach(why=error.cause)
    if not isinstance(seen, BarrierSeen):
        raise RingfenceError("answer-of-another-kind", order="read-barrier")
    standing = seen.up or seen.observing
    kind = BarrierKind(seen.doors, seen.observing) if standing else None
    return Reach(True, kind, isolated=isolated)


async def _isolated(hands: Hands, host: str) -> bool:
    try:
        seen = await hands.order(host, ReadQuarantineNetwork(0))
    except RingfenceError:
        return False
    return isinstance(seen, Applied) and seen.value == "ours"
