"""A suspect host's machines are held in one plan, each with its own before and after."""

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.judgement import stops
from core.changes.outcome import StepOutcome, StepState
from core.changes.plan import Plan, new_id
from core.fleet.model import MachineView
from core.incidents.cases.escape import joined, plan_escape
from core.incidents.model import FREEZE, Containment, Mode, Quarantine, Wish
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID
from tests.unit.changes.station import HOST, NOW, Station, new_machine, now, view

OTHER = "6695eb01-f6a4-8304-79aa-97f2502e1999"


class OnePlanner:
    """Plans from a real plan; machines named "broken" cannot be planned for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.cases: list[str] = []

    async def plan_quarantine(
        self, view: MachineView, reason: str, wish: Wish = FREEZE, case: str = ""
    ) -> Plan:
        if view.name == "broken":
            raise RingfenceError("host-stale", host=view.host)
        self.cases.append(case)
        uuid = view.key.uuid
        steps = tuple(structs.replace(step, uuid=uuid) for step in self.plan.steps)
        [target] = self.plan.targets
        target = structs.replace(target, uuid=uuid, name=view.name)
        return structs.replace(
            self.plan, id=new_id(now()), case=case, reason=reason, steps=steps, targets=(target,)
        )


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    station = Station(tmp_path, NearHands(new_machine(tmp_path)))
    made = asyncio.run(station.quarantine())
    station.close()
    return made


def named(name: str, uuid: str) -> MachineView:
    made = view()
    row = structs.replace(made.row, name=name, uuid=uuid)
    return structs.replace(made, key=made.key._replace(uuid=uuid), row=row)


def held(name: str, uuid: str, mode: Mode) -> MachineView:
    quarantine = Quarantine(Containment.CONTAINED, mode, "c0", "kim", NOW, "r", (), NOW)
    return structs.replace(named(name, uuid), quarantine=quarantine)


def test_all_machines_are_held_in_one_case(plan: Plan) -> None:
    planner = OnePlanner(plan)
    machines = [named("a", UUID), named("b", OTHER), named("broken", "x")]
    machines += [held("kept", "y", Mode.STRICT), held("watched", "z", Mode.OBSERVE)]
    found = asyncio.run(plan_escape(planner, HOST, machines, " odd  qemu ", Wish()))
    assert found.plan is not None
    assert [target.name for target in found.plan.targets] == ["a", "b"]
    assert set(planner.cases) == {found.case} == {found.plan.case}
    assert found.already == (f"{HOST}/kept",)
    assert {each.target for each in found.left_out} == {f"{HOST}/broken", f"{HOST}/watched"}
    assert found.reason == found.plan.reason == "odd qemu"
    assert found.plan.keep_going
    assert found.plan.warnings[0].code == "incidents.warning.suspect-host"
    assert found.because("sure").plan == structs.replace(found.plan, reason="sure")


def test_a_host_without_a_machine_that_can_be_held_has_no_plan(plan: Plan) -> None:
    planner = OnePlanner(plan)
    found = asyncio.run(plan_escape(planner, HOST, [named("broken", "x")], "r", Wish(), "c7"))
    assert found.plan is None and found.case == "c7"


def test_a_reason_is_needed(plan: Plan) -> None:
    with pytest.raises(RingfenceError, match="reason-empty"):
        asyncio.run(plan_escape(OnePlanner(plan), HOST, [], " ", Wish()))


def test_the_joined_plan_needs_every_yes(plan: Plan) -> None:
    second = structs.replace(plan, needs=("cut-anyway",), planned_after=3)
    made = joined([structs.replace(plan, planned_after=9), second], "c", "r", HOST)
    assert made.needs == ("cut-anyway",)
    assert made.planned_after == 3
    assert len(made.steps) == 2 * len(plan.steps)


def test_one_that_does_not_answer_stops_no_other(plan: Plan) -> None:
    cut = next(step for step in plan.steps if step.cuts)
    needed = next((step for step in plan.steps if step.required), None)
    silent = StepOutcome(StepState.UNANSWERED)
    two = structs.replace(plan, targets=plan.targets * 2, keep_going=True)
    assert stops(plan, cut, silent)
    assert not stops(two, cut, silent)
    if needed is not None:
        assert stops(two, needed, silent), "what was is not sealed"
