"""The station holds again what was opened: soon, in the same case, never against a person."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.outcome import PlanState
from core.fleet.model import FleetView, Key
from core.incidents.desk import IncidentDesk
from core.incidents.hold import Hold
from core.incidents.hold_again import MOST_TRIES, HoldAgain, may_act
from core.incidents.holds import HOLD_AGAIN, HoldBook
from core.incidents.model import Containment, Mode, Quarantine, Wish
from core.incidents.remembered import ALTERED, MISSING
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1, UUID, SimulatedHost
from tests.unit.changes.station import HOST, Station, new_machine, now, view
from tests.unit.incidents.test_state import HOLD

OPEN = (f"{MAC_1}: live",)


class Guarded:
    """A station that holds one machine, and the view that it looks at."""

    def __init__(self, folder: Path) -> None:
        self.host: SimulatedHost = new_machine(folder)
        self.station = Station(folder, NearHands(self.host))
        self.book = HoldBook(self.station.journal)
        self.time = now()
        desk = IncidentDesk(
            hands=self.station.hands,
            journal=self.station.journal,
            runner=self.station.runner,
            sealer=self.station.sealer,
            operator="ann@desk",
        )
        self.again = HoldAgain(
            desk, self.station.runner, self.book, lambda missing: "opened", lambda: self.time
        )

    async def cut(self, mode: Mode = Mode.STRICT) -> None:
        plan = await self.station.quarantine(wish=Wish(mode=mode))
        assert (await self.station.runner.run(plan)).state is PlanState.DONE
        self.book.refresh()

    async def see(self, state: Containment, missing: tuple[str, ...] = ()) -> list[str]:
        """Look once, wait until what was begun is done; the kinds of all plans afterwards."""
        hold = self.book.find(HOST, UUID)
        assert hold is not None
        seen = Quarantine(state, hold.mode, hold.case, "ann", self.time, "t", missing, self.time)
        machine = structs.replace(view(), quarantine=seen)
        self.again.look(
            FleetView({}, {Key(HOST, UUID): machine}, (), machine.score, (), demo=False)
        )
        await self.again.idle()
        self.book.refresh()
        return [record.plan.kind for record in self.station.journal.records()]

    def raise_links(self) -> None:
        machine = self.host.state()
        machine.live = machine.live.replace('state="down"', 'state="up"')
        self.host.put(machine)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(tmp_path)
    yield made
    made.station.close()


def test_a_raised_link_is_cut_again_and_the_gap_has_its_length(guarded: Guarded) -> None:
    async def work() -> None:
        await guarded.cut()
        await guarded.see(Containment.CONTAINED)
        seen_last = guarded.time
        guarded.raise_links()
        guarded.time = now() + timedelta(seconds=1)
        kinds = await guarded.see(Containment.PARTIAL, OPEN)
        assert kinds == [HOLD_AGAIN, "quarantine"]
        assert 'state="up"' not in guarded.host.state().live
        hold = guarded.book.find(HOST, UUID)
        assert hold is not None
        [gap] = hold.gaps
        assert (gap.at, gap.what) == (seen_last, OPEN[0])
        assert 0 < gap.seconds < 60
        assert len(hold.plans) == 2

    asyncio.run(work())


def test_what_a_station_finds_open_when_it_comes_was_open_since_it_was_last_proved(
    guarded: Guarded,
) -> None:
    """Nobody watched in between: the gap is not as short as its end."""

    async def work() -> None:
        await guarded.cut()
        hold = guarded.book.find(HOST, UUID)
        assert hold is not None
        proved_at = guarded.book.proved_at(hold)
        guarded.raise_links()
        guarded.time = now() + timedelta(seconds=1)
        await guarded.see(Containment.PARTIAL, OPEN)
        hold = guarded.book.find(HOST, UUID)
        assert hold is not None and proved_at is not None
        assert [gap.at for gap in hold.gaps] == [proved_at]

    asyncio.run(work())


def test_what_is_given_back_is_what_was_before_the_first_cut(guarded: Guarded) -> None:
    async def work() -> None:
        before = guarded.host.state().stored
        await guarded.cut()
        guarded.raise_links()
        await guarded.see(Containment.PARTIAL, OPEN)
        plan = await guarded.station.release()
        assert (await guarded.station.runner.run(plan)).state is PlanState.DONE
        assert guarded.host.state().stored == before

    asyncio.run(work())


def test_what_cannot_be_closed_is_not_tried_for_ever(guarded: Guarded) -> None:
    async def work() -> None:
        await guarded.cut()
        kinds: list[str] = []
        for _ in range(3 * MOST_TRIES):
            kinds = await guarded.see(Containment.PARTIAL, ("x: live",))
            guarded.time += timedelta(hours=1)
        assert kinds.count(HOLD_AGAIN) == MOST_TRIES
        kinds = await guarded.see(Containment.PARTIAL, OPEN)
        assert kinds.count(HOLD_AGAIN) == MOST_TRIES + 1, "another thing that is open is new"

    asyncio.run(work())


def test_a_passed_through_card_is_not_cut_again_and_again(guarded: Guarded) -> None:
    async def work() -> None:
        await guarded.cut()
        kinds = await guarded.see(Containment.PARTIAL, ("x: hostdev", "hostdev pci 0000"))
        assert HOLD_AGAIN not in kinds

    asyncio.run(work())


def test_it_is_not_tried_twice_in_an_instant(guarded: Guarded) -> None:
    async def work() -> None:
        await guarded.cut()
        await guarded.see(Containment.PARTIAL, OPEN)
        kinds = await guarded.see(Containment.PARTIAL, OPEN)
        assert kinds.count(HOLD_AGAIN) == 1

    asyncio.run(work())


SEEN = Quarantine(
    Containment.PARTIAL,
    Mode.STRICT,
    "c1",
    "ann",
    datetime(2026, 11, 22, tzinfo=UTC),
    "t",
    OPEN,
    datetime(2026, 11, 22, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "hold",
    [
        structs.replace(HOLD, release="plan"),
        structs.replace(HOLD, asked_by="bob"),
        structs.replace(HOLD, mode=Mode.OBSERVE),
        structs.replace(HOLD, trouble=MISSING),
        structs.replace(HOLD, trouble=ALTERED, foreign=True),
        structs.replace(HOLD, case=""),
    ],
)
def test_never_against_a_person(hold: Hold) -> None:
    assert may_act(HOLD, SEEN)
    assert not may_act(hold, SEEN)
