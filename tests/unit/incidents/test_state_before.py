"""What a host knew before a cut is asked before it, and never after it under that name."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.changes.hands import Result
from core.changes.outcome import PlanState
from core.changes.plan import Plan
from core.changes.steps import KeepBefore
from core.hosts.helper.observing import ReadVolatile, VolatileSection, VolatileSeen
from core.hosts.protocol import Order
from core.incidents.desk import IncidentDesk
from core.incidents.model import EvidenceKind, Wish
from core.keys.purposes import Purpose
from core.keys.ring import open_ring
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import SimulatedHost
from tests.unit.changes.station import Station, new_machine, view
from tests.unit.incidents.evidence_station import make_keys

KINDS = (EvidenceKind.NETWORK, EvidenceKind.RULES)


class Fleeting(NearHands):
    """A host that says of its network and rules how often it was asked."""

    def __init__(self, host: SimulatedHost) -> None:
        super().__init__(host)
        self.asked = 0
        self.may = asyncio.Event()
        self.may.set()

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if not isinstance(order, ReadVolatile):
            return await super().order(host, order, deadline_s)
        self.asked += 1
        await self.may.wait()
        names = ("neighbours", "rules")
        told = (VolatileSection(name, f"{name} {self.asked}", "", False) for name in names)
        return VolatileSeen(f"at {self.asked}", 0.1, tuple(told))


class Bench:
    def __init__(self, folder: Path) -> None:
        self.hands = Fleeting(new_machine(folder))
        self.station = Station(folder, self.hands)
        self.ring = open_ring(folder / "config")
        self.desk = IncidentDesk(
            hands=self.hands,
            journal=self.station.journal,
            runner=self.station.runner,
            sealer=self.station.sealer,
            operator="ann@desk",
            ring=lambda: self.ring,
        )

    async def kept(self, case: str) -> list[tuple[str, str]]:
        plan: Plan = await self.desk.plan_evidence(view(), case, KINDS)
        return [(step.kind, step.text) for step in plan.steps if isinstance(step, KeepBefore)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.station.close()


BEFORE = [("network", "== neighbours ==\nneighbours 1"), ("rules", "== rules ==\nrules 1")]


def test_rules_and_network_are_those_of_before_the_cut(bench: Bench, tmp_path: Path) -> None:
    make_keys(tmp_path)

    async def work() -> None:
        cut = await bench.station.quarantine()
        assert await bench.kept(cut.case) == BEFORE
        assert (await bench.station.runner.run(cut)).state is PlanState.DONE
        assert await bench.kept(cut.case) == BEFORE and bench.hands.asked == 1
        assert await bench.kept(str(uuid4())) == []  # what is asked now was not before

    asyncio.run(work())


def test_they_are_kept_even_while_there_is_no_key_yet(bench: Bench, tmp_path: Path) -> None:
    async def work() -> None:
        cut = await bench.station.quarantine()
        with pytest.raises(RingfenceError) as refused:
            await bench.kept(cut.case)
        assert refused.value.code == "key-none"
        assert (await bench.station.runner.run(cut)).state is PlanState.DONE
        make_keys(tmp_path)
        assert bench.ring.need(Purpose.CASE)
        assert await bench.kept(cut.case) == BEFORE

    asyncio.run(work())


def test_it_is_asked_with_the_plan_and_kept_in_the_case_of_the_cut(
    bench: Bench, tmp_path: Path
) -> None:
    make_keys(tmp_path)

    async def work() -> None:
        cut = await bench.desk.plan_quarantine(view(), "test", Wish(evidence=KINDS))
        await asyncio.sleep(0)
        assert bench.hands.asked == 1
        assert (await bench.desk.run(cut)).state is PlanState.DONE
        assert await bench.kept(cut.case) == BEFORE and bench.hands.asked == 1

    asyncio.run(work())


def test_what_was_not_told_before_the_cut_is_not_kept(bench: Bench, tmp_path: Path) -> None:
    make_keys(tmp_path)

    async def work() -> None:
        bench.hands.may.clear()
        cut = await bench.desk.plan_quarantine(view(), "test", Wish(evidence=KINDS))
        assert (await bench.desk.run(cut)).state is PlanState.DONE
        bench.hands.may.set()
        assert await bench.kept(cut.case) == []

    asyncio.run(work())
