"""A held machine's image that is deleted where no host tells of it is told when first seen gone."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.hands import Result
from core.fleet.model import Key
from core.hosts.helper.orders import BarrierSeen
from core.hosts.protocol import Order
from core.incidents.hold import Hold
from core.incidents.holds import HoldBook
from core.incidents.keeping import Keeping
from core.incidents.model import Happening
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID
from tests.unit.changes.station import HOST, Station, new_machine, now, view

IMAGE = "/var/lib/libvirt/images/web.img"
STANDS = BarrierSeen(True, True, True, (), (), 0, 0, False)
LONG_AGO = now() - timedelta(days=1)


class Deleting:
    """A host on which somebody deleted the image."""

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        return structs.replace(STANDS, deleted=(IMAGE,))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path, NearHands(new_machine(tmp_path)))
    asyncio.run(quarantined(made))
    yield made
    made.close()


async def quarantined(station: Station) -> None:
    await station.runner.run(await station.quarantine())


def test_a_deletion_is_told_with_the_time_it_was_first_seen(station: Station) -> None:
    times = iter(now() + timedelta(seconds=each) for each in range(100))
    keeping = Keeping(station.journal, Deleting(), {}, lambda: next(times))
    asyncio.run(keeping.barriers.look())
    [first], [again] = (deleted(keeping) for _ in range(2))
    assert (first.what, first.detail) == ("disk-gone", IMAGE) and first == again


def test_it_is_told_once_whoever_saw_it_first(station: Station) -> None:
    hold = held(station)

    def recorded(case: str, target: str) -> datetime | None:
        return LONG_AGO if target == f"{HOST}/{hold.name} {IMAGE}" else None

    keeping = Keeping(station.journal, Deleting(), {}, now, recorded)
    asyncio.run(keeping.barriers.look())
    assert [each.at for each in deleted(keeping)] == [LONG_AGO]


def deleted(keeping: Keeping) -> tuple[Happening, ...]:
    found = keeping.quarantine_of(Key(HOST, UUID), view().machine, stale=False)
    assert found is not None
    return found.happened


def held(station: Station) -> Hold:
    book = HoldBook(station.journal)
    book.refresh()
    found = book.find(HOST, UUID)
    assert found is not None
    return found
