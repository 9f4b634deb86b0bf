"""A host that is prepared for real on a tree of its own; only services and libvirt stand in.

It is the very code that runs on hosts. The network is a word in a file.
"""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from core.changes.hands import Result
from core.hosts.helper.on_host.prepare import restarted
from core.hosts.helper.on_host.prepare_items import Preparation, checked_preparation
from core.hosts.helper.on_host.prepare_remove import item_removed
from core.hosts.helper.on_host.prepare_sight import Ground, hold_names, preparation_seen
from core.hosts.helper.on_host.prepare_write import item_written
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.orders import HelperOrder
from core.hosts.helper.preparation import (
    PreparationSeen,
    ReadPreparation,
    RemoveItem,
    RestartDaemons,
    StartKeep,
    StopKeep,
    WantedPreparation,
    WriteItem,
)
from core.hosts.protocol import (
    Applied,
    DropQuarantineNetwork,
    Failure,
    KeepQuarantineNetwork,
    Order,
    ReadQuarantineNetwork,
)
from core.text import RingfenceError
from tests.unit.hosts.helper.prepare_ground import ground_of

NETWORK = "network"


class PreparedHost:
    """Carries out orders of preparation on `folder`; outlives whoever gives them."""

    def __init__(self, folder: Path) -> None:
        self.ground: Ground = ground_of(folder)
        self._network = folder / NETWORK
        self.effects = 0

    def obey(self, order: Order) -> PreparationSeen | Applied | Failure:
        reading = isinstance(order, ReadPreparation | ReadQuarantineNetwork)
        if not reading:
            self.effects += 1
        try:
            answer = self._answer(order)
        except Refused as refused:
            return Failure(refused.code, {"host": "hv1"}, refused.detail)
        return answer

    def network(self) -> str:
        return self._network.read_text() if self._network.exists() else "absent"

    def _answer(self, order: Order) -> PreparationSeen | Applied:
        match order:
            case KeepQuarantineNetwork():
                self._network.write_text("ours")
            case DropQuarantineNetwork():
                self._network.unlink(missing_ok=True)
            case ReadQuarantineNetwork():
                pass
            case HelperOrder():
                return self._helper(order)
            case _:
                raise Refused("helper-value", "order")
        return Applied(self.network())

    def _helper(self, order: HelperOrder) -> PreparationSeen:
        wanted: Preparation | None = None
        match order:
            case ReadPreparation(_, asked):
                wanted = taken(asked) if asked is not None else None
            case WriteItem(_, item, asked):
                wanted = taken(asked)
                item_written(self.ground, item, wanted)
            case RemoveItem(_, item):
                item_removed(self.ground, item)
            case RestartDaemons():
                restarted(self.ground)
            case StartKeep():
                self.ground.services.start_keep()
            case StopKeep() if not hold_names(self.ground):
                self.ground.services.stop_keep()
            case _:
                raise Refused("helper-value", "order")
        return msgspec.convert(preparation_seen(self.ground, wanted), PreparationSeen)


def taken(wanted: WantedPreparation) -> Preparation:
    """As it arrives there: plain data, checked."""
    values: Any = msgspec.to_builtins(wanted)
    return checked_preparation({**values, "operators": list(values["operators"])})


class NearPreparedHands:
    """Gives orders to a host in this process."""

    def __init__(self, host: PreparedHost) -> None:
        self.host = host
        self.orders: list[Order] = []

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        await asyncio.sleep(0)
        self.orders.append(order)
        answer = self.host.obey(order)
        if isinstance(answer, Failure):
            raise RingfenceError(answer.code, answer.detail, **answer.params)
        return answer
