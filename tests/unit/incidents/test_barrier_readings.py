"""What an order made of a barrier is known at once, and no older reading takes its place."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from core.changes.hands import Result
from core.changes.journal import Journal
from core.fleet.model import Key
from core.hosts.helper.orders import BarrierSeen, Door, RaiseBarrier, ReadBarrier
from core.hosts.protocol import Order
from core.incidents.keeping import Keeping
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID
from tests.unit.changes.station import HOST, Station, new_machine, now

KEY = Key(HOST, UUID)
DOORED = BarrierSeen(True, True, True, (), (), 0, 0, False, (Door("192.0.2.9", 22),))
CLOSED = BarrierSeen(True, True, True, (), (), 0, 0, False)


class SlowReading:
    """A host that is asked, and tells what stood there before something else was ordered."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = lambda: None

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        assert isinstance(order, ReadBarrier)
        self.meanwhile()
        return DOORED


def keeping_of(journal: Journal, hands: SlowReading) -> Keeping:
    return Keeping(journal, hands, {}, now)


def test_a_reading_that_began_before_an_order_does_not_undo_what_it_told(tmp_path: Path) -> None:
    station = Station(tmp_path, NearHands(new_machine(tmp_path)))

    async def story() -> None:
        await station.runner.run(await station.quarantine())
        hands = SlowReading()
        keeping = keeping_of(station.journal, hands)
        await keeping.barriers.look()
        assert keeping.barriers.find(*KEY) == DOORED
        hands.meanwhile = lambda: keeping.answered(HOST, RaiseBarrier(0, UUID), CLOSED)
        await keeping.barriers.look()
        assert keeping.barriers.find(*KEY) == CLOSED
        hands.meanwhile = lambda: None
        await keeping.barriers.look()
        assert keeping.barriers.find(*KEY) == DOORED, "the next look is newer again"

    asyncio.run(story())
    station.close()
