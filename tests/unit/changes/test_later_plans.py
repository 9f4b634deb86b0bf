"""An older state is never written over what a later plan has changed."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.outcome import PlanState
from core.changes.plan import new_id
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


def test_a_clock_that_was_set_back_loses_no_hold(station: Station) -> None:
    """Ids sort by time; what happened first is told by the journal's rows."""
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    asyncio.run(station.runner.run(asyncio.run(station.release())))
    today = asyncio.run(station.quarantine())
    earlier = today.created_at - timedelta(days=1)
    plan = structs.replace(
        today,
        id=new_id(earlier),
        case="second",
        created_at=earlier,
        planned_after=station.journal.last_seq(),
    )
    asyncio.run(station.runner.run(plan))
    hold = station.hold()
    assert hold is not None and hold.case == "second"


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
