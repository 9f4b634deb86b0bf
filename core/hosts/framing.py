"""Read length-prefixed messages from a child that is not trusted.

A length is looked at before a byte of the body is read, and the flow is metered: a child that
floods is told apart from one that has much to say by a bucket of messages and one of bytes.
"""

import asyncio
import time

from core.hosts.protocol import FRAME_HEAD_BYTES, MAX_REPORT_BYTES


class ProtocolBreach(Exception):
    """The child said something no honest child says; `code` names it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Meter:
    """Two leaking buckets: generous to a first full read, fatal to an endless stream."""

    def __init__(
        self,
        *,
        messages: float = 8000,
        messages_per_s: float = 800,
        megabytes: float = 256,
        megabytes_per_s: float = 16,
    ) -> None:
        self._limits = (messages, megabytes * 1e6)
        self._rates = (messages_per_s, megabytes_per_s * 1e6)
        self._levels = [0.0, 0.0]
        self._granted = 0
        self._at = time.monotonic()

    def grant(self, size: int) -> None:
        """What was asked for is no flood: that many bytes are not counted."""
        self._granted += size

    def count(self, size: int) -> None:
        """Note one message.

        Raises:
            ProtocolBreach: a bucket ran over.
        """
        now = time.monotonic()
        granted = min(size, self._granted)
        self._granted -= granted
        size -= granted
        for index, amount in enumerate((1, size)):
            leaked = self._rates[index] * (now - self._at)
            self._levels[index] = max(0.0, self._levels[index] - leaked) + amount
            if self._levels[index] > self._limits[index]:
                raise ProtocolBreach("worker-flooded")
        self._at = now


async def read_frame(
    reader: asyncio.StreamReader, meter: Meter, limit: int = MAX_REPORT_BYTES
) -> bytes | None:
    """Return one message's body, or None when the child closed its end.

    Raises:
        ProtocolBreach: too long, or too much.
    """
    try:
        head = await reader.readexactly(FRAME_HEAD_BYTES)
        size = int.from_bytes(head, "big")
        if size > limit:
            raise ProtocolBreach("worker-oversize", f"{size} > {limit}")
        meter.count(size)
        return await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
