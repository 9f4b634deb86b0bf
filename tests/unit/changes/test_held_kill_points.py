"""Killed at any instant of holding again, of holding a whole host, or of taking a mode back: one
decision ends it held and proved or exactly as before. Every planned point is one test.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from core.changes.live_difference import live_differences
from core.changes.outcome import PlanOutcome, PlanState
from core.changes.points import points_of_roll_back, points_of_run
from core.incidents.model import Mode
from tests.unit.changes import held_lives as lives
from tests.unit.changes.lives import Remember
from tests.unit.changes.simulator import MAC_1, MAC_2, Simulated, machine_xml

DECISIONS = ("resume", "roll back")


def planned(act: str) -> list[str]:
    above = Path(mkdtemp())
    try:
        lives.made(above / "home")
        if not act.startswith(lives.BACK):
            lives.prepare(above / "home", act)
        station = lives.opened(above / "home")
        plan = asyncio.run(lives.planned(station, act))
        station.close()
    finally:
        shutil.rmtree(above)
    return sorted((points_of_roll_back if lives.BACK in act else points_of_run)(plan))


PLANNED = {act: planned(act) for act in lives.ACTS}
# Each point with one of the decisions, in turn: before and after an instant are neighbours.
POINTS = [
    (act, point, DECISIONS[number // 2 % 2])
    for act, points in PLANNED.items()
    for number, point in enumerate(points)
]


@pytest.fixture(scope="module")
def grounds() -> Iterator[Path]:
    """What is there before each act, made once."""
    memory = Path("/dev/shm")
    above = Path(mkdtemp(dir=memory if memory.is_dir() else None))
    for act in lives.ACTS:
        lives.made(above / act)
        lives.prepare(above / act, act)
    yield above
    shutil.rmtree(above)


@pytest.fixture
def folder(grounds: Path, act: str) -> Iterator[Path]:
    """In memory where there is such a place: a killed process loses nothing it wrote there."""
    above = Path(mkdtemp(dir=grounds))
    shutil.copytree(grounds / act, above / "home")
    yield above / "home"
    shutil.rmtree(above)


@pytest.mark.parametrize(("act", "point", "decision"), POINTS)
def test_the_program_killed_at(folder: Path, act: str, point: str, decision: str) -> None:
    before = lives.machines(folder)
    assert lives.killed(folder, act, point), f"{point} was not reached"
    outcome = decided(folder, act, decision)
    if outcome is None:
        assert lives.machines(folder) == before
    elif act == lives.AGAIN:
        assert_closed_again(folder, before, decision)
    elif decision == "resume":
        assert_held(folder, act, outcome)
    else:
        for machine in lives.machines(folder):
            assert_as_before(machine)


@pytest.mark.parametrize("act", lives.ACTS)
def test_the_planned_points_are_all_there_are(folder: Path, act: str) -> None:
    points = Remember()
    station = lives.opened(folder, points)
    asyncio.run(lives.act_on(station, act))
    station.close()
    assert {name for name in points.names if ":verify:" not in name} == set(PLANNED[act])


def decided(folder: Path, act: str, decision: str) -> PlanOutcome | None:
    """None when the plan was never begun: nothing is there to be decided."""
    station = lives.opened(folder)
    try:
        records = station.journal.records()
        if not records or (act == lives.AGAIN and records[0].plan.kind != act):
            return None
        verb = station.runner.resume if decision == "resume" else station.runner.roll_back
        outcome = asyncio.run(verb(records[0].plan.id))
        assert station.journal.unfinished() == ()
        verification = station.audit.verify(station.journal)
        assert verification.good, verification.problems
        return outcome
    finally:
        station.close()


def assert_closed_again(folder: Path, before: tuple[Simulated, ...], decision: str) -> None:
    """Rolled back it is as open as it was found; its consoles stay closed, for it is still held."""
    [was, _], [now, _] = before, lives.machines(folder)
    if decision == "resume":
        assert_closed(now)
        return
    assert (now.stored, now.autostart, now.behind) == (was.stored, was.autostart, was.behind)
    differences = live_differences(was.live, now.live)
    assert [each for each in differences if "/graphics/" not in each] == []
    station = lives.opened(folder)
    assert station.hold() is not None
    station.close()


def assert_held(folder: Path, act: str, outcome: PlanOutcome) -> None:
    mode = lives.MODES.get(act, Mode.STRICT)
    assert outcome.state is (PlanState.DONE)
    held = lives.machines(folder) if act.endswith(lives.SUSPECT) else lives.machines(folder)[:1]
    for machine in held:
        assert machine.behind == (MAC_1, MAC_2)
        assert machine.observing is (mode is Mode.OBSERVE)
        assert machine.paused is (mode is Mode.FREEZE)
        if mode in {Mode.STRICT, Mode.FREEZE}:
            assert_closed(machine)


def assert_closed(machine: Simulated) -> None:
    assert machine.behind == (MAC_1, MAC_2)
    assert machine.live.count('state="down"') == 2
    assert machine.stored.count('state="down"') == 2
    assert not machine.autostart


def assert_as_before(machine: Simulated) -> None:
    assert machine.stored == machine_xml(running=False)
    assert machine.autostart and not machine.paused and not machine.observing
    assert machine.behind == ()
    assert live_differences(machine_xml(running=True), machine.live) == ()
