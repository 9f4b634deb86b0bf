"""Killed around any order about a hold's document: one decision ends contained and remembered, or
as before and forgotten. Every planned point is one test; it fails if it is not reached.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from core.changes.outcome import PlanState
from core.changes.plan import Plan
from core.changes.points import points_of_roll_back, points_of_run
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.incidents.documents import HoldDocument, read_hold
from tests.unit.changes import lives
from tests.unit.changes.host_memory import prepare
from tests.unit.changes.hosts import FarHands, NearHands, start_host
from tests.unit.changes.simulator import SimulatedHost
from tests.unit.changes.station import Station, new_machine
from tests.unit.changes.test_kill_points import ENDS, assert_as_before, assert_contained

TAGS = ("keep-hold", "order-release", "forget-hold", "/document")


def made(folder: Path) -> None:
    """A machine on a host that knows this station's operator."""
    folder.mkdir()
    new_machine(folder)
    station = Station(folder, NearHands(SimulatedHost(folder)))
    prepare(folder, station.operator.public_hex)
    station.close()


def planned() -> dict[str, list[str]]:
    """The points of plans as the planners make them for a prepared host."""
    above = Path(mkdtemp())
    try:
        made(above / "home")
        station = Station(above / "home", NearHands(SimulatedHost(above / "home")))
        cut: Plan = asyncio.run(station.quarantine())
        asyncio.run(station.runner.run(cut))
        release: Plan = asyncio.run(station.release())
        station.close()
    finally:
        shutil.rmtree(above)
    names = {
        "quarantine": points_of_run(cut),
        "release": points_of_run(release),
        "roll-back": points_of_roll_back(cut),
    }
    return {
        act: sorted(name for name in points if any(tag in name for tag in TAGS))
        for act, points in names.items()
    }


POINTS = [(act, point) for act, points in planned().items() for point in points]
DECISIONS = ("resume", "roll back")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: a killed process loses nothing it wrote there."""
    memory = Path("/dev/shm")
    above = Path(mkdtemp(dir=memory)) if memory.is_dir() else tmp_path
    made(above / "home")
    yield above / "home"
    shutil.rmtree(above)


def test_there_are_points() -> None:
    assert {act for act, _ in POINTS} == {"quarantine", "release", "roll-back"}
    assert len(POINTS) >= 28


@pytest.mark.parametrize(("act", "point"), POINTS)
def test_the_program_killed_at(folder: Path, act: str, point: str) -> None:
    if act != "quarantine":
        assert lives.do(folder, "quarantine").state is PlanState.DONE
    assert lives.killed_at(folder, act, point), f"{point} was not reached"
    check_both(folder, act)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("act", ["quarantine", "release", "roll-back"])
def test_the_host_killed_around_every_effect(folder: Path, act: str, moment: str) -> None:
    if act != "quarantine":
        lives.do(folder, "quarantine")
    counted = folder.with_name("counted")
    shutil.copytree(folder, counted, ignore=shutil.ignore_patterns("*.sock*", "*.new"))
    host = SimulatedHost(counted)
    station = Station(counted, NearHands(host))
    asyncio.run(lives.act_on(station, act))
    station.close()
    for effect in range(1, host.effects + 1):
        place = folder.with_name(f"effect-{effect}")
        shutil.copytree(folder, place, ignore=shutil.ignore_patterns("*.sock*", "*.new"))
        _killed(place, act, f"{moment}:{effect}")
        check_both(place, act)


def _killed(folder: Path, act: str, moment: str) -> None:
    host = start_host(folder, die_at=moment)
    station = Station(folder, FarHands(folder))
    outcome = asyncio.run(lives.act_on(station, act))
    station.close()
    host.join(5)
    assert host.exitcode == -9, f"{moment} was not reached"
    host.close()
    assert outcome.state is PlanState.UNFINISHED


def check_both(folder: Path, act: str) -> None:
    for decision in DECISIONS:
        copy, outcome = lives.decide(folder, decision, decision)
        assert outcome is not None
        if ENDS[act, decision] == "contained":
            assert_contained(copy, outcome, decision)
            assert remembered(copy) is not None
        else:
            assert_as_before(copy)
            assert remembered(copy) is None


def remembered(folder: Path) -> HoldDocument | None:
    seen = SimulatedHost(folder).obey(ReadHolds(0))
    assert isinstance(seen, HoldsSeen)
    return read_hold(seen.holds[0]) if seen.holds else None
