"""Leaves the audit log's head on the hosts, beside everything else and never in its way."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from core.audit.anchors import HostAnchors, anchor_of
from core.audit.head import Head, read_head
from core.changes.hands import Hands
from core.hosts.helper.holds import AnchorsSeen, ReadAnchors, WriteAnchor
from core.keys.operator import OperatorOpened
from core.text import RingfenceError

LOOK_EVERY_S = 5.0
ANCHOR_EVERY_S = 60.0


class Anchoring:
    """Follows the head's file. `hosts` names those that are prepared and connected."""

    def __init__(
        self,
        hands: Hands,
        head_file: Path,
        operator: OperatorOpened,
        hosts: Callable[[], Iterable[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hands = hands
        self._file = head_file
        self._operator = operator
        self._hosts = hosts
        self._clock = clock
        self._left: dict[str, str] = {}  # the head that each host was given last
        self._began = read_head(head_file)
        self._not_before = 0.0

    async def keep(self) -> None:
        """Anchor until cancelled, at most every minute."""
        while True:
            if self._clock() >= self._not_before and await self.anchor():
                self._not_before = self._clock() + ANCHOR_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)

    async def last_word(self, limit_s: float) -> None:
        """Before the station ends: what was recorded in its time."""
        head = await asyncio.to_thread(read_head, self._file)
        if head is None or head == self._began:
            return
        try:
            async with asyncio.timeout(limit_s):
                await self.anchor()
        except TimeoutError:
            return

    async def anchor(self) -> bool:
        """Give every host the head that it does not have; True when one took it."""
        head = await asyncio.to_thread(read_head, self._file)
        if head is None or not head.count:
            return False
        wanting = [host for host in self._hosts() if self._left.get(host) != head.sha256]
        if not wanting:
            return False
        try:
            operator = await asyncio.to_thread(self._operator)
        except RingfenceError:
            return False
        order = anchor_of(head, operator)
        taken = await asyncio.gather(*(self._give(host, order, head) for host in wanting))
        return any(taken)

    async def _give(self, host: str, order: WriteAnchor, head: Head) -> bool:
        try:
            await self._hands.order(host, order)
        except RingfenceError:  # it does not know us, or is not reached: told by `audit verify`
            return False
        self._left[host] = head.sha256
        return True


async def ask_anchors(hands: Hands, host: str) -> HostAnchors:
    """What a host remembers of the logs of all stations."""
    try:
        seen = await hands.order(host, ReadAnchors(0))
    except RingfenceError as error:
        return HostAnchors(host, why=error.cause)
    if not isinstance(seen, AnchorsSeen):
        raise RingfenceError("answer-of-another-kind", order="read-anchors")
    return HostAnchors(host, seen.anchors)
