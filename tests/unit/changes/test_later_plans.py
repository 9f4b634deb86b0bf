"""An older state is never written over what a later plan has changed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.changes.outcome import PlanState
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.station import Station, new_machine


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path, NearHands(new_machine(tmp_path)))
    yield station
    station.close()


def test_a_quarantine_planned_before_another_one_ran_is_refused(station: Station) -> None:
    mine = asyncio.run(station.quarantine())
    theirs = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(theirs))
    with pytest.raises(RingfenceError, match="plan-outdated"):
        asyncio.run(station.runner.run(mine))
    hold = station.hold()
    assert hold is not None and hold.plans == (theirs.id,)


def test_a_released_quarantine_cannot_be_rolled_back(station: Station) -> None:
    quarantine = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(quarantine))
    asyncio.run(station.runner.run(asyncio.run(station.release())))
    with pytest.raises(RingfenceError, match="plan-outdated"):
        asyncio.run(station.runner.roll_back(quarantine.id))


def test_a_release_that_was_rolled_back_is_not_in_the_way(station: Station) -> None:
    quarantine = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(quarantine))
    release = asyncio.run(station.release())
    asyncio.run(station.runner.run(release))
    asyncio.run(station.runner.roll_back(release.id))
    outcome = asyncio.run(station.runner.roll_back(quarantine.id))
    assert outcome.state is PlanState.ROLLED_BACK


def test_rolling_back_a_second_cut_leaves_the_first(tmp_path: Path) -> None:
    host = new_machine(tmp_path)
    station = Station(tmp_path, NearHands(host))
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    held = host.state()
    second = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(second))
    asyncio.run(station.runner.roll_back(second.id))
    assert host.state() == held
    assert station.hold() is not None
    station.close()
