"""Says which job of a machine an order waits behind: somebody's dump, copy, save or migration."""

from core.changes.hands import Hands
from core.hosts.evidence import EvidenceOrder, JobSeen, ReadJob
from core.hosts.helper.orders import HelperOrder
from core.hosts.protocol import Order
from core.text import RingfenceError

LOOK_S = 3.0
SLOW = "order-timeout"


async def explained(hands: Hands, host: str, order: Order, error: RingfenceError) -> RingfenceError:
    """The same error, or one that names the job; the order may still be carried out after it."""
    uuid = getattr(order, "uuid", "")
    ours = isinstance(order, HelperOrder | EvidenceOrder | ReadJob)
    if error.code != SLOW or ours or not uuid:
        return error
    try:
        seen = await hands.order(host, ReadJob(0, uuid), LOOK_S)
    except RingfenceError:
        return error
    if isinstance(seen, JobSeen) and seen.running:
        return RingfenceError("busy-with-job", host=host, job=seen.operation)
    return error
