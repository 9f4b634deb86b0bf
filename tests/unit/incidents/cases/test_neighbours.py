"""A neighbour proves the silence only of what it heard before."""

import asyncio
from pathlib import Path

from msgspec import structs

from core.changes.hands import Result
from core.changes.outcome import PlanState
from core.changes.plan import Plan
from core.changes.steps.neighbour import ProveFromNeighbour
from core.hosts.helper.observing import FramesHeard, HeardFrames, ListenFor
from core.hosts.protocol import Order
from core.incidents.cases.neighbours import watched, witnesses
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1
from tests.unit.changes.station import Station, new_machine


class Neighbourhood(NearHands):
    """The simulated host, and others that hear so many frames of its first card."""

    def __init__(self, folder: Path) -> None:
        super().__init__(new_machine(folder))
        self.heard: dict[str, int] = {}
        self.lost = 0

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if not isinstance(order, ListenFor):
            return await super().order(host, order, deadline_s)
        if host not in self.heard:
            raise RingfenceError("host-not-reached", host=host)
        count = self.heard[host]
        frames = (HeardFrames("eth0", MAC_1, count),) if count else ()
        return FramesHeard(order.seconds, ("eth0",), frames, self.lost)


def cut_seen(folder: Path, after: int, lost: int = 0) -> tuple[Plan, str, tuple[str, ...]]:
    """Cut a machine that hv2 hears; returns the plan, its state and what is missing."""

    async def work() -> tuple[Plan, str, tuple[str, ...]]:
        hands = Neighbourhood(folder)
        station = Station(folder, hands)
        hands.heard = {"hv2": 7, "hv3": 0}
        plan = await station.quarantine()
        plan = watched(plan, await witnesses(hands, ("hv2", "hv3", "hv4"), plan))
        hands.heard, hands.lost = {"hv2": after}, lost
        outcome = await station.runner.run(plan)
        station.close()
        proofs = {proof.what.code for proof in outcome.proofs}
        said = "proved" if "changes.proof.neighbour" in proofs else "not proved"
        assert outcome.state in {PlanState.DONE, PlanState.PARTIAL}
        return plan, said, outcome.missing

    return asyncio.run(work())


def _heard(missing: tuple[str, ...]) -> list[str]:
    return [item for item in missing if item.endswith(": heard")]


def test_only_a_host_that_heard_it_is_a_witness(tmp_path: Path) -> None:
    plan, said, missing = cut_seen(tmp_path, after=0)
    steps = [step for step in plan.steps if isinstance(step, ProveFromNeighbour)]
    assert [(step.host, step.before, step.macs) for step in steps] == [("hv2", 7, (MAC_1,))]
    assert steps[0].stage == max(step.stage for step in plan.steps)
    assert said == "proved" and not _heard(missing)


def test_a_machine_that_is_still_heard_is_not_contained_whole(tmp_path: Path) -> None:
    _plan, said, missing = cut_seen(tmp_path, after=3)
    assert said == "not proved"
    assert _heard(missing) == [f"{MAC_1}: heard"]


def test_silence_nobody_could_listen_to_is_no_proof_and_no_fault(tmp_path: Path) -> None:
    _plan, said, missing = cut_seen(tmp_path, after=0, lost=5)
    assert said == "not proved" and not _heard(missing)


def test_a_plan_without_witnesses_is_the_same(tmp_path: Path) -> None:
    station = Station(tmp_path, Neighbourhood(tmp_path))
    plan = asyncio.run(station.quarantine())
    assert watched(plan, ()) == structs.replace(plan)
    station.close()
