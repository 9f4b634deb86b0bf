"""The only door from a plan to a host: typed orders to its worker or to ringfence-host."""

from typing import Protocol

from core.hosts.evidence import AnyEvidenceResult
from core.hosts.helper.closed_set import AnyHelperResult
from core.hosts.protocol import (
    Applied,
    LinkReadBack,
    Order,
    VolumeSeen,
    XmlTexts,
)

# By a worker.
Told = Applied | LinkReadBack | XmlTexts | VolumeSeen | AnyEvidenceResult
Result = Told | AnyHelperResult


class Hands(Protocol):
    """Gives one order to one host and waits for the read-back.

    `order.number` is filled in by the session. Raises RingfenceError: the host is not reached,
    is read-only, refused, or did not answer within `deadline_s`.
    """

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result: ...
