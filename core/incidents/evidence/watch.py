"""Has hosts keep the packets of a machine that may be cut off: beside everything, in nobody's way.

Its answer is not waited for, and its failure is no failure of a plan: then there are packets of
after the cut alone.
"""

import asyncio
from contextlib import suppress

from core.changes.hands import Hands
from core.fleet.model import MachineView
from core.hosts.helper.observing import StartWatch
from core.text import RingfenceError

START_S = 10.0


class Watches:
    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}

    def begin(self, view: MachineView) -> None:
        """Returns at once; one that is asked for already is not asked for twice."""
        key = (view.host, view.key.uuid)
        if key in self._asking:
            return
        task = asyncio.ensure_future(self._begin(*key))
        task.set_name(f"watch {view.target}")
        self._asking[key] = task
        task.add_done_callback(lambda _: self._asking.pop(key, None))

    async def _begin(self, host: str, uuid: str) -> None:
        with suppress(RingfenceError):
            await self._hands.order(host, StartWatch(0, uuid), START_S)
