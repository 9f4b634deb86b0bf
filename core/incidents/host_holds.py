"""Reads what the hosts remember of holds: when they are connected, while they hold, now and then.

A host that holds something is read in the same two seconds as its barriers, a large memory less
often; one that holds nothing every half minute, one that is not prepared every few minutes.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from core.changes.hands import Hands
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.hosts.protocol import Health
from core.text import RingfenceError

HOLDING_S = 2.0
EMPTY_S = 30.0
UNPREPARED_S = 300.0
BYTES_A_SECOND = 64 * 1024  # of documents, read again and again
LATER_S = 2.0
CONNECTED = frozenset({"connected", "reading"})
# This host will not answer however often it is asked, until somebody logs in otherwise.
DEAF = frozenset({"helper-no-ssh", "helper-no-python", "helper-not-root", "helper-no-nft"})


class Watched(Protocol):
    """What is asked of a session."""

    @property
    def health(self) -> Health: ...


class HostHolds:
    """Asks the hosts; `heard` is told what one said."""

    def __init__(
        self,
        hands: Hands,
        sessions: Mapping[str, Watched],
        heard: Callable[[str, HoldsSeen], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hands = hands
        self._sessions = sessions
        self._heard = heard
        self._clock = clock
        self._due: dict[str, float] = {}
        self._answered: set[str] = set()

    def answered(self, names: frozenset[str]) -> bool:
        """Whether every one of these hosts, as far as it is connected, said something, or that
        it has nothing to say."""
        return names & self.connected <= self._answered

    async def look(self) -> None:
        """Ask every host that is due; hosts are asked side by side."""
        connected, now = self.connected, self._clock()
        self._answered &= connected
        self._due = {name: due for name, due in self._due.items() if name in connected}
        due = [name for name in connected if self._due.get(name, 0.0) <= now]
        await asyncio.gather(*(self._ask(name) for name in due))

    @property
    def connected(self) -> frozenset[str]:
        sessions = self._sessions.items()
        return frozenset(name for name, each in sessions if each.health.state in CONNECTED)

    async def _ask(self, name: str) -> None:
        try:
            seen = await self._hands.order(name, ReadHolds(0))
        except RingfenceError as error:
            if error.code in DEAF:
                self._answered.add(name)
            self._due[name] = self._clock() + (UNPREPARED_S if error.code in DEAF else LATER_S)
            return
        if isinstance(seen, HoldsSeen):
            self._answered.add(name)
            self._due[name] = self._clock() + pause_after(seen)
            self._heard(name, seen)


def pause_after(seen: HoldsSeen) -> float:
    """Until the next look. A memory that is large costs the line and both ends."""
    if not seen.prepared and not seen.holds:
        return UNPREPARED_S
    if not seen.holds:
        return EMPTY_S
    size = sum(len(file.document) for file in seen.holds)
    return max(HOLDING_S, size / BYTES_A_SECOND) - 0.5  # in this look, not in the one after it
