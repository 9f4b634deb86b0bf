"""A hold on its host: two stations hold one case, a stale one is refused, two people release."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.changes.outcome import PlanOutcome, PlanState, StepState
from core.changes.plan import Plan, PlanTarget, new_id
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    FetchBefore,
    ForgetHold,
    KeepHold,
    OrderRelease,
    RestoreStored,
    SaveBefore,
)
from core.changes.steps.hold_document import JOINED
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.hosts.helper.on_host.holds import hold_file
from core.hosts.helper.orders import Door
from core.incidents.documents import HoldDocument, read_hold
from core.incidents.model import How, Mode
from tests.unit.changes.host_memory import host_places, prepare
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1, MAC_2, UUID, Simulated, SimulatedHost, machine_xml
from tests.unit.changes.station import HOST, Station, new_machine

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STORED = machine_xml(running=False)


class Two:
    """One host and two stations with homes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "hv1"
        self.folder.mkdir()
        self.host = new_machine(self.folder)
        self.ann = Station(folder / "ann", NearHands(self.host))
        self.bob = Station(folder / "bob", NearHands(self.host))

    def prepare(self, two_people: bool = False) -> None:
        keys = (self.ann.operator.public_hex, self.bob.operator.public_hex)
        prepare(self.folder, *keys, two_people=two_people)

    def document(self) -> HoldDocument | None:
        seen = self.host.obey(ReadHolds(0))
        assert isinstance(seen, HoldsSeen)
        return read_hold(seen.holds[0]) if seen.holds else None


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
    both = Two(tmp_path)
    both.prepare()
    yield both
    both.ann.close()
    both.bob.close()


def where(stage: int) -> Where:
    return Where(host=HOST, uuid=UUID, machine="web", stage=stage, preview=())


def plan_of(kind: str, steps: tuple[AnyStep, ...], plan_id: str = "") -> Plan:
    return Plan(
        id=plan_id or new_id(datetime.now(UTC)),
        kind=kind,
        created_at=datetime.now(UTC),
        operator="someone@desk",
        reason="test",
        targets=(PlanTarget(HOST, UUID, "web"),),
        steps=steps,
        keep_going=kind == "quarantine",
    )


def cut(who: str, **fields: Any) -> Plan:
    plan_id = new_id(datetime.now(UTC))
    values: dict[str, Any] = {
        "case": plan_id,
        "mode": Mode.STRICT,
        "owner": f"{who}@desk",
        "station": "desk",
        "since": NOW,
        "reason": "test",
        "macs": (MAC_1, MAC_2),
        "raise_on_release": (MAC_1,),
    }
    keep = KeepHold(**where(1), **{**values, **fields})
    return plan_of("quarantine", (SaveBefore(**where(0), seen_live=""), keep), plan_id)


def release(two: Two, who: str, **fields: Any) -> Plan:
    held = two.document()
    assert held is not None
    values: dict[str, Any] = {
        "case": held.case,
        "generation": held.generation,
        "how": How.RESUME,
        "reason": "clean",
        "asked_by": f"{who}@desk",
        "station": "desk",
        "asked_at": NOW,
    }
    plan_id = new_id(datetime.now(UTC))
    steps = (
        OrderRelease(**where(0), **{**values, **fields}),
        FetchBefore(**where(1), case=held.case),
        RestoreStored(**where(2), source_plan=plan_id),
        ForgetHold(**where(3), case=held.case),
    )
    return plan_of("release", steps, plan_id)


def run(station: Station, plan: Plan) -> PlanOutcome:
    return asyncio.run(station.runner.run(plan))


def problem(outcome: PlanOutcome) -> str:
    return outcome.problem.code if outcome.problem else ""


def test_the_host_remembers_what_was(two: Two) -> None:
    plan = cut("ann", ran=True, autostart=True)
    assert run(two.ann, plan).state is PlanState.DONE
    held = two.document()
    assert held is not None
    assert (held.case, held.generation, held.owner) == (plan.id, 1, "ann@desk")
    assert (held.before_stored, held.ran, held.autostart) == (STORED, True, True)


def test_released_from_another_station_byte_for_byte(two: Two) -> None:
    run(two.ann, cut("ann"))
    altered = two.host.state()
    two.host.put(Simulated(altered.live, altered.stored.replace("1048576", "2097152")))
    assert run(two.bob, release(two, "bob")).state is PlanState.DONE
    assert two.host.state().stored == STORED
    assert two.document() is None


def test_who_is_second_joins_the_first_case(two: Two) -> None:
    first, second = cut("ann"), cut("bob")
    run(two.ann, first)
    outcome = run(two.bob, second)
    assert outcome.state is PlanState.DONE
    assert outcome.steps[1].done.notes[JOINED] == first.id
    held = two.document()
    assert held is not None
    assert (held.case, held.generation) == (first.id, 1)


def test_two_at_the_same_instant_hold_one_case(two: Two) -> None:
    async def both() -> tuple[PlanOutcome, PlanOutcome]:
        return await asyncio.gather(two.ann.runner.run(cut("ann")), two.bob.runner.run(cut("bob")))

    outcomes = asyncio.run(both())
    assert [each.state for each in outcomes] == [PlanState.DONE, PlanState.DONE]
    joined = [each.steps[1].done.notes.get(JOINED) for each in outcomes]
    held = two.document()
    assert held is not None
    assert sorted(joined, key=str) == sorted((held.case, None), key=str)


def test_a_stale_station_is_refused_with_the_difference(two: Two) -> None:
    first = cut("ann")
    run(two.ann, first)
    doors = (Door("192.0.2.9", 22),)
    run(two.bob, cut("bob", case=first.id, expected=1, mode=Mode.FORENSIC, doors=doors))
    stale = run(two.ann, cut("ann", case=first.id, expected=1))
    assert stale.state is PlanState.PARTIAL
    assert stale.problem is not None
    assert stale.problem.code == "error.hold-differs.cause"
    assert stale.problem.params["fields"] == "mode, doors"
    assert stale.problem.params["who"] == "bob@desk"
    held = two.document()
    assert held is not None
    assert (held.mode, held.generation, held.owner) == (Mode.FORENSIC, 2, "ann@desk")


def test_a_card_more_is_added_by_whoever_comes_second(two: Two) -> None:
    run(two.ann, cut("ann", macs=(MAC_1,)))
    assert run(two.bob, cut("bob", macs=(MAC_2,))).state is PlanState.DONE
    held = two.document()
    assert held is not None
    assert (held.macs, held.generation) == ((MAC_1, MAC_2), 2)


def test_a_roll_back_forgets_what_it_wrote(two: Two) -> None:
    plan = cut("ann")
    run(two.ann, plan)
    outcome = asyncio.run(two.ann.runner.roll_back(plan.id))
    assert outcome.state is PlanState.ROLLED_BACK
    assert two.document() is None


def test_a_roll_back_does_not_open_what_another_holds(two: Two) -> None:
    run(two.ann, cut("ann"))
    second = cut("bob")
    run(two.bob, second)
    held = two.host.state()
    two.host.put(Simulated(held.live, held.stored.replace("1048576", "2097152")))
    outcome = asyncio.run(two.bob.runner.roll_back(second.id))
    assert outcome.state is PlanState.FAILED
    assert problem(outcome) == "error.hold-differs.cause"
    assert two.host.state().stored != STORED, "what lies below a hold of another was undone"
    assert two.document() is not None


def test_a_second_cut_rolled_back_leaves_the_first_as_it_was(two: Two) -> None:
    first = cut("ann")
    run(two.ann, first)
    again = cut("ann", case=first.id, expected=1, mode=Mode.FREEZE)
    run(two.ann, again)
    assert asyncio.run(two.ann.runner.roll_back(again.id)).state is PlanState.ROLLED_BACK
    held = two.document()
    assert held is not None
    assert (held.mode, held.generation) == (Mode.STRICT, 3)


def test_two_people_release(two: Two) -> None:
    two.prepare(two_people=True)
    run(two.ann, cut("ann"))
    asked = release(two, "ann")
    waiting = run(two.ann, asked)
    assert waiting.state is PlanState.UNFINISHED
    assert waiting.steps[0].state is StepState.WAITS
    assert problem(waiting) == "error.second-person-needed.cause"
    assert waiting.steps[1].state is StepState.WAITING
    again = asyncio.run(two.ann.runner.resume(asked.id))
    assert again.state is PlanState.UNFINISHED, "one person twice is not two"
    order = two.host.obey(ReadHolds(0))
    assert isinstance(order, HoldsSeen)
    second = release(two, "bob", order=order.holds[0].release)
    assert run(two.bob, second).state is PlanState.DONE
    assert two.document() is None
    late = asyncio.run(two.ann.runner.resume(asked.id))
    assert problem(late) == "error.hold-gone.cause", "it was given back: nothing is written over"
    assert asyncio.run(two.ann.runner.roll_back(asked.id)).state is PlanState.ROLLED_BACK


def test_a_release_asked_otherwise_is_shown_not_signed(two: Two) -> None:
    two.prepare(two_people=True)
    run(two.ann, cut("ann"))
    run(two.ann, release(two, "ann", how=How.RESTART))
    outcome = run(two.bob, release(two, "bob"))
    assert outcome.problem is not None
    assert outcome.problem.code == "error.release-differs.cause"
    assert outcome.problem.params["who"] == "ann@desk"
    assert two.document() is not None


def test_a_release_that_is_rolled_back_leaves_a_hold_nobody_was_let_out_of(two: Two) -> None:
    run(two.ann, cut("ann"))
    plan = release(two, "ann")
    run(two.ann, plan)
    outcome = asyncio.run(two.ann.runner.roll_back(plan.id))
    assert outcome.state is PlanState.ROLLED_BACK
    held = two.document()
    assert held is not None
    seen = two.host.obey(ReadHolds(0))
    assert isinstance(seen, HoldsSeen)
    assert seen.holds[0].release == ""


def test_a_withdrawn_order_is_void(two: Two) -> None:
    two.prepare(two_people=True)
    run(two.ann, cut("ann"))
    plan = release(two, "ann")
    run(two.ann, plan)
    asyncio.run(two.ann.runner.roll_back(plan.id))
    seen = two.host.obey(ReadHolds(0))
    assert isinstance(seen, HoldsSeen)
    assert (seen.holds[0].generation, seen.holds[0].release) == (2, "")


def test_a_broken_document_is_replaced_by_a_cut_and_releases_nothing(two: Two) -> None:
    first = cut("ann")
    run(two.ann, first)
    file = hold_file(host_places(two.folder), UUID)
    file.write_bytes(file.read_bytes().replace(b"ann@desk", b"bob@desk", 1))
    order = release_of_broken(first)
    assert problem(run(two.ann, order)) == "error.hold-document.cause"
    assert run(two.ann, cut("ann")).state is PlanState.DONE
    assert two.document() is not None


def release_of_broken(first: Plan) -> Plan:
    order = OrderRelease(
        **where(0),
        case=first.id,
        generation=1,
        how=How.RESUME,
        reason="clean",
        asked_by="ann@desk",
        station="desk",
        asked_at=NOW,
    )
    return plan_of("release", (order,))


def test_a_host_that_does_not_know_the_operator_refuses(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    new_machine(tmp_path)
    prepare(tmp_path, "00" * 32)
    station = Station(tmp_path / "ann", NearHands(SimulatedHost(tmp_path)))
    outcome = run(station, cut("ann"))
    station.close()
    assert outcome.state is PlanState.PARTIAL
    assert problem(outcome) == "error.hold-unsigned.cause"
