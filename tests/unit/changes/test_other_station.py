"""What one station cut, another gives back: the first one's home is gone, its host remembers."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.changes.live_difference import live_differences
from core.changes.outcome import PlanState
from core.changes.steps import FetchBefore, ForgetHold, KeepHold, OrderRelease
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.incidents.believed import STRANGER
from core.incidents.holds import HoldBook
from core.incidents.host_memory import memory_of
from core.incidents.model import Mode, Wish
from core.incidents.remembered import MISSING, of_both
from core.text import RingfenceError
from tests.unit.changes.host_memory import host_places, prepare
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1, MAC_2, UUID, SimulatedHost, machine_xml
from tests.unit.changes.station import HOST, Station, new_machine

MODES = [Wish(mode=Mode.FREEZE), Wish(mode=Mode.STRICT)]


class Desk:
    """A host and the homes of two stations on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host: SimulatedHost = new_machine(folder)
        self.homes = {name: folder / name for name in ("ann", "bob")}
        self.open = {name: self.opened(name) for name in self.homes}

    def opened(self, name: str) -> Station:
        self.homes[name].mkdir(exist_ok=True)
        return Station(self.homes[name], NearHands(self.host))

    def prepare(self) -> None:
        prepare(self.folder, *(each.operator.public_hex for each in self.open.values()))

    def lose(self, name: str) -> None:
        self.open.pop(name).close()
        shutil.rmtree(self.homes[name])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.prepare()
    yield made
    for station in made.open.values():
        station.close()


def cut(station: Station, wish: Wish) -> None:
    async def work() -> None:
        plan = await station.quarantine(wish=wish)
        assert any(isinstance(step, KeepHold) for step in plan.steps)
        assert (await station.runner.run(plan)).state is PlanState.DONE

    asyncio.run(work())


@pytest.mark.parametrize("wish", MODES, ids=lambda wish: wish.mode.value)
def test_everything_comes_back_from_another_station(desk: Desk, wish: Wish) -> None:
    cut(desk.open["ann"], wish)
    desk.lose("ann")
    bob = desk.open["bob"]
    plan = asyncio.run(bob.release())
    kinds = [type(step) for step in plan.steps]
    assert kinds[:2] == [OrderRelease, FetchBefore]
    assert ForgetHold in kinds
    outcome = asyncio.run(bob.runner.run(plan))
    assert outcome.state is PlanState.DONE, outcome
    state = desk.host.state()
    assert state.stored == machine_xml(running=False)
    assert state.autostart
    assert state.behind == ()
    assert live_differences(machine_xml(running=True), state.live) == ()
    assert asyncio.run(memory_of(bob.hands, HOST, UUID)).document is None


def test_a_hold_of_another_is_held_here_too(desk: Desk) -> None:
    cut(desk.open["ann"], Wish(mode=Mode.STRICT))
    bob = desk.open["bob"]
    memory = asyncio.run(memory_of(bob.hands, HOST, UUID))
    hold = of_both(bob.hold(), HOST, memory)
    assert hold is not None
    assert (hold.foreign, hold.owner, hold.barrier) == (True, "alice", (MAC_1, MAC_2))
    cut(bob, Wish(mode=Mode.FREEZE))  # again, in the same case
    after = asyncio.run(memory_of(bob.hands, HOST, UUID))
    assert after.document is not None
    assert (after.document.case, after.document.mode) == (hold.case, Mode.FREEZE)
    assert after.document.before_stored == machine_xml(running=False)
    assert asyncio.run(bob.runner.run(asyncio.run(bob.release()))).state is PlanState.DONE
    assert desk.host.state().stored == machine_xml(running=False)
    assert live_differences(machine_xml(running=True), desk.host.state().live) == ()


def test_who_was_second_gives_back_what_the_first_had_found(desk: Desk) -> None:
    ann, bob = desk.open["ann"], desk.open["bob"]

    async def work() -> None:
        plans = [await each.quarantine(wish=MODES[1]) for each in (ann, bob)]
        for station, plan in zip((ann, bob), plans, strict=True):
            assert (await station.runner.run(plan)).state is PlanState.DONE
        assert (await bob.runner.run(await bob.release())).state is PlanState.DONE

    asyncio.run(work())
    assert desk.host.state().stored == machine_xml(running=False)
    assert desk.host.state().autostart


def test_the_first_station_hears_that_another_released(desk: Desk) -> None:
    ann, bob = desk.open["ann"], desk.open["bob"]
    cut(ann, Wish(mode=Mode.STRICT))
    plan = asyncio.run(bob.release())
    assert asyncio.run(bob.runner.run(plan)).state is PlanState.DONE
    memory = asyncio.run(memory_of(ann.hands, HOST, UUID))
    assert ann.hold() is not None
    assert of_both(ann.hold(), HOST, memory, {bob.operator.public_hex}) is None
    doubted = of_both(ann.hold(), HOST, memory, {ann.operator.public_hex})
    assert doubted is not None and doubted.trouble == STRANGER


def test_a_document_that_was_taken_away_is_said(desk: Desk) -> None:
    ann = desk.open["ann"]
    cut(ann, Wish(mode=Mode.STRICT))
    (host_places(desk.folder).holds / f"{UUID}.json").unlink()
    memory = asyncio.run(memory_of(ann.hands, HOST, UUID))
    hold = of_both(ann.hold(), HOST, memory)
    assert hold is not None
    assert hold.trouble == MISSING
    with pytest.raises(RingfenceError) as refused:
        asyncio.run(ann.release())
    assert refused.value.code == "hold-gone"
    cut(ann, Wish(mode=Mode.STRICT))
    assert asyncio.run(ann.runner.run(asyncio.run(ann.release()))).state is PlanState.DONE
    assert desk.host.state().stored == machine_xml(running=False)


def test_the_book_hears_both(desk: Desk) -> None:
    ann, bob = desk.open["ann"], desk.open["bob"]
    cut(ann, Wish(mode=Mode.STRICT))
    book = HoldBook(bob.journal)
    book.refresh()
    assert book.held(HOST) == ()
    memory = asyncio.run(bob.hands.order(HOST, ReadHolds(0)))
    assert isinstance(memory, HoldsSeen)
    assert book.take(HOST, memory)
    assert book.held(HOST) == (UUID,)
    assert not book.take(HOST, memory)
    book.forget(HOST)
    assert book.held(HOST) == ()
