"""A release by a key that this station does not know ends nothing here until a person says so."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.changes.outcome import PlanState
from core.changes.steps import BelieveRelease
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.incidents.believed import STRANGER, keys_in
from core.incidents.desk import IncidentDesk
from core.incidents.hold import Hold
from core.incidents.holds import HoldBook
from core.incidents.model import Mode, Wish
from core.incidents.words import missing_text
from tests.unit.changes.host_memory import host_places, prepare
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID, SimulatedHost
from tests.unit.changes.station import HOST, Station, new_machine

STRICT = Wish(mode=Mode.STRICT)


class Two:
    """Ann's and Bob's stations and the host that knows both; theirs do not know each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host: SimulatedHost = new_machine(folder)
        (folder / "ann").mkdir()
        (folder / "bob").mkdir()
        self.ann, self.bob = (
            Station(folder / name, NearHands(self.host)) for name in ("ann", "bob")
        )
        prepare(folder, *(each.operator.public_hex for each in (self.ann, self.bob)))
        self.desk = IncidentDesk(
            hands=self.ann.hands,
            journal=self.ann.journal,
            runner=self.ann.runner,
            sealer=self.ann.sealer,
            operator="ann@desk",
        )
        self.book = HoldBook(self.ann.journal)

    async def cut(self) -> None:
        plan = await self.ann.quarantine(wish=STRICT)
        assert (await self.ann.runner.run(plan)).state is PlanState.DONE

    async def released_by_bob(self) -> None:
        outcome = await self.bob.runner.run(await self.bob.release())
        assert outcome.state is PlanState.DONE

    async def held(self) -> Hold | None:
        """As Ann's station sees it."""
        seen = await self.ann.hands.order(HOST, ReadHolds(0))
        assert isinstance(seen, HoldsSeen)
        self.book.refresh()
        self.book.take(HOST, seen)
        return self.book.find(HOST, UUID)

    async def doubted(self) -> Hold:
        await self.cut()
        await self.released_by_bob()
        found = await self.held()
        assert found is not None and found.trouble == STRANGER
        return found

    def close(self) -> None:
        self.ann.close()
        self.bob.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def test_it_stays_until_a_person_believes_it_and_the_key_is_known_then(two: Two) -> None:
    async def work() -> None:
        case = (await two.doubted()).case
        before = two.host.state()
        plan = await two.desk.plan_release(await two.ann.view(), "bob told me on the telephone")
        [step] = plan.steps
        assert isinstance(step, BelieveRelease) and plan.case == case
        [warning] = plan.warnings
        assert two.bob.operator.public_hex[:16] in str(warning.params["keys"])
        assert (await two.desk.run(plan)).state is PlanState.DONE
        assert two.host.state() == before
        assert await two.held() is None
        await two.cut()
        await two.released_by_bob()
        assert await two.held() is None, "his key is known now"

    asyncio.run(work())


def test_who_does_not_believe_it_cuts_again_in_the_same_case(two: Two) -> None:
    async def work() -> None:
        case = (await two.doubted()).case
        plan = await two.desk.plan_quarantine(await two.ann.view(), "not by bob", STRICT)
        assert plan.case == case
        assert (await two.desk.run(plan)).state is PlanState.DONE
        again = await two.held()
        assert again is not None and not again.trouble

    asyncio.run(work())


def test_what_the_host_tells_otherwise_meanwhile_is_not_believed(two: Two) -> None:
    async def work() -> None:
        await two.doubted()
        plan = await two.desk.plan_release(await two.ann.view(), "told")
        (host_places(two.folder).holds / f"{UUID}.released").unlink()
        outcome = await two.desk.run(plan)
        assert outcome.problem is not None and outcome.problem.code == "error.hold-gone.cause"
        assert await two.held() is not None
        two.book.refresh()
        assert keys_in(two.ann.journal.records_after(0, ("release",))) == {}

    asyncio.run(work())


def test_it_is_said_with_what_to_do() -> None:
    assert missing_text(STRANGER).code == "incidents.missing.host-released-by-stranger"
