"""Killed at any instant while evidence is taken: one decision ends in whole evidence, or in a host
that has nothing of it. Every planned point is one test; it fails if it was not reached.
"""

import asyncio
import shutil
from pathlib import Path

import pytest

from core.changes.outcome import PlanState
from core.changes.points import points_of_run
from core.incidents.evidence.verify import check
from tests.unit.changes.lives import Remember
from tests.unit.incidents.evidence_lives import decided, killed_at
from tests.unit.incidents.evidence_station import EvidenceStation, make_keys, sample_plan

WAYS = {"host": False, "pool": True}  # ringfence-host works there, or libvirt alone
POINTS = {way: sorted(points_of_run(sample_plan(pool=pool))) for way, pool in WAYS.items()}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("keys")
    make_keys(place)
    return place


@pytest.fixture
def folder(keys: Path, tmp_path: Path) -> Path:
    place = tmp_path / "home"
    shutil.copytree(keys, place)
    return place


@pytest.mark.parametrize(
    ("way", "point"), [(way, point) for way, points in POINTS.items() for point in points]
)
def test_the_program_killed_at(folder: Path, way: str, point: str) -> None:
    pool = WAYS[way]
    assert killed_at(folder, point, pool), f"{point} was not reached"
    back = folder.with_name("back")
    shutil.copytree(folder, back)
    station, outcome = decided(back, "roll back", pool)
    assert station.host.left == []
    if outcome is None:
        return
    assert outcome.state is PlanState.ROLLED_BACK
    station, outcome = decided(folder, "resume", pool)
    assert outcome is not None and outcome.state is PlanState.DONE, outcome
    found = check(station.collection, frozenset(station.ring.trusted.all()))
    assert found.good, found.problems
    assert station.host.left == []


@pytest.mark.parametrize("way", WAYS)
def test_the_planned_points_are_all_there_are(folder: Path, way: str) -> None:
    points = Remember()
    station = EvidenceStation(folder, points, pool=WAYS[way])
    asyncio.run(station.runner.run(sample_plan(pool=WAYS[way])))
    station.close()
    passed = {name for name in points.names if ":verify:" not in name}
    assert passed == set(POINTS[way])
