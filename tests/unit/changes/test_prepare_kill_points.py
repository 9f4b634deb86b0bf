"""Killed at any instant of preparing a host or of giving it back: afterwards one decision ends in
prepared-and-proved or exactly-as-before, byte for byte. Every planned point is one test.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from core.changes.outcome import PlanOutcome, PlanState
from core.changes.points import points_of_roll_back, points_of_run
from tests.unit.changes.lives import Remember
from tests.unit.changes.prepared_host import PreparedHost
from tests.unit.changes.prepared_lives import desk_of, do, killed, new_host, opened, plan
from tests.unit.changes.station import HOST
from tests.unit.hosts.helper.prepare_ground import FileServices, tree_of

EFFECTS = {"prepare": 12, "unprepare": 12, "roll-back": 11}
# What each decision ends in after each act was cut short.
ENDS = {
    ("prepare", "resume"): "prepared",
    ("prepare", "roll back"): "as before",
    ("unprepare", "resume"): "as before",
    ("unprepare", "roll back"): "prepared",
    ("roll-back", "resume"): "prepared",
    ("roll-back", "roll back"): "as before",
}


def planned(act: str) -> list[str]:
    folder = Path(mkdtemp())
    try:
        new_host(folder / "home")
        if act == "unprepare":
            do(folder / "home", "prepare")
        station = opened(folder / "home")
        made = asyncio.run(plan(station, folder / "home", act.replace("roll-back", "prepare")))
        station.close()
        return sorted(points_of_roll_back(made) if act == "roll-back" else points_of_run(made))
    finally:
        shutil.rmtree(folder)


PLANNED = {act: planned(act) for act in EFFECTS}
DECISIONS = ("resume", "roll back")
# Each point with one of the decisions, in turn: before and after an instant are neighbours.
POINTS = [
    (act, point, DECISIONS[number // 2 % 2])
    for act, points in PLANNED.items()
    for number, point in enumerate(points)
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: a killed process loses nothing it wrote there."""
    memory = Path("/dev/shm")
    above = Path(mkdtemp(dir=memory)) if memory.is_dir() else tmp_path
    new_host(above / "home")
    yield above / "home"
    shutil.rmtree(above)


@pytest.fixture
def before(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    return tree_of(folder / "tree")


Tree = dict[str, tuple[int, bytes | None]]


@pytest.mark.parametrize(("act", "point", "decision"), POINTS)
def test_killed_at(folder: Path, before: Tree, act: str, point: str, decision: str) -> None:
    prepared_first(folder, act)
    assert killed(folder, act, point), f"{point} was not reached"
    check_decision(folder, before, act, decision)


@pytest.mark.parametrize("act", ["prepare", "unprepare", "roll-back"])
def test_the_planned_points_are_all_there_are(folder: Path, act: str) -> None:
    prepared_first(folder, act)
    points = Remember()
    outcome, effects = do(folder, act, points)
    assert outcome.state in {PlanState.DONE, PlanState.ROLLED_BACK}, outcome
    assert {name for name in points.names if ":verify:" not in name} == set(PLANNED[act])
    assert effects == EFFECTS[act]


def prepared_first(folder: Path, act: str) -> None:
    if act != "prepare":
        outcome, _ = do(folder, "prepare")
        assert outcome.state is PlanState.DONE, outcome


def check_decision(folder: Path, before: Tree, act: str, decision: str) -> None:
    station = opened(folder)
    newest = next(iter(station.journal.records()), None)
    if newest is None or newest.plan.kind != act.replace("roll-back", "prepare"):
        station.close()  # killed before anything was written
        return
    verb = station.runner.resume if decision == "resume" else station.runner.roll_back
    outcome = asyncio.run(verb(newest.plan.id))
    assert station.journal.unfinished() == ()
    station.close()
    if ENDS[act, decision] == "prepared":
        assert_prepared(folder, outcome, decision)
    else:
        assert tree_of(folder / "tree") == before
        assert PreparedHost(folder).network() == "absent"
        assert not FileServices(folder / "services").state().kept


def assert_prepared(folder: Path, outcome: PlanOutcome, decision: str) -> None:
    station = opened(folder)
    status = asyncio.run(desk_of(station, folder).status(HOST))
    station.close()
    assert {item.state for item in status.items} == {"ours"}
    if decision == "resume":
        assert outcome.state is PlanState.DONE
        assert status.state == "prepared"
        assert any(proof.what.code == "changes.proof.prepared" for proof in outcome.proofs)
