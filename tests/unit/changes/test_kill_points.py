"""Killed at any instant, in the program or in the host's worker: afterwards one decision ends in
contained-and-proved or exactly-as-before. Every planned point is one test; it fails if not reached.
"""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import pytest
from msgspec import structs

from core.changes.live_difference import live_differences
from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.changes.points import points_of_roll_back, points_of_run
from core.changes.vault import Saved
from core.hosts.protocol import XmlTexts
from core.incidents.holds import Hold
from core.incidents.model import Mode
from core.incidents.quarantine import plan_quarantine
from core.incidents.reach import Reach
from core.incidents.release import Before, plan_release
from tests.unit.changes import lives
from tests.unit.changes.hosts import FarHands, NearHands, start_host
from tests.unit.changes.simulator import MAC_1, MAC_2, UUID, SimulatedHost, machine_xml
from tests.unit.changes.station import HOST, STRICT, Station, new_machine, view

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CARDS = (MAC_1, MAC_2)


def sample_quarantine() -> Plan:
    texts = XmlTexts(UUID, machine_xml(running=True), machine_xml(running=False))
    reach = Reach(barrier=True)
    return plan_quarantine(view(), texts, "test", "alice", NOW, reach=reach, wish=STRICT)


def sample_release() -> Plan:
    down = machine_xml(running=True).replace("</interface>", "<link state='down'/></interface>")
    texts = XmlTexts(UUID, down, down)
    mode, nobody = Mode.STRICT, "alice"
    hold = Hold("c", HOST, UUID, "web", mode, nobody, NOW, "t", CARDS, CARDS, (), ("p",), True)
    hold = structs.replace(hold, barrier=CARDS)
    before = Before(Saved(machine_xml(running=False), machine_xml(running=True)), True)
    return plan_release(view(), texts, hold, before, "done", "bob", NOW)


PLANNED = {
    "quarantine": sorted(points_of_run(sample_quarantine())),
    "release": sorted(points_of_run(sample_release())),
    "roll-back": sorted(points_of_roll_back(sample_quarantine())),
}
POINTS = [(act, point) for act, points in PLANNED.items() for point in points]
EFFECTS = {"quarantine": 9, "release": 9, "roll-back": 8}
MOMENTS = [
    (act, f"{moment}:{effect}")
    for act, effects in EFFECTS.items()
    for effect in range(1, effects + 1)
    for moment in ("before", "after")
]
# What each decision must end in, after each act was cut short.
ENDS = {
    ("quarantine", "resume"): "contained",
    ("quarantine", "roll back"): "as before",
    ("release", "resume"): "as before",
    ("release", "roll back"): "contained",
    ("roll-back", "resume"): "contained",
    ("roll-back", "roll back"): "as before",
}
DECISIONS = ("resume", "roll back")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: a killed process loses nothing it wrote there."""
    memory = Path("/dev/shm")
    above = Path(mkdtemp(dir=memory)) if memory.is_dir() else tmp_path
    place = above / "home"
    place.mkdir()
    new_machine(place)
    yield place
    shutil.rmtree(above)


@pytest.mark.parametrize(("act", "point"), POINTS)
def test_the_program_killed_at(folder: Path, act: str, point: str) -> None:
    if act != "quarantine":
        assert lives.do(folder, "quarantine").state is PlanState.DONE
    assert lives.killed_at(folder, act, point), f"{point} was not reached"
    check_both_decisions(folder, act, point)


@pytest.mark.parametrize(("act", "moment"), MOMENTS)
def test_the_worker_killed_at(folder: Path, act: str, moment: str) -> None:
    if act != "quarantine":
        lives.do(folder, "quarantine")
    host = start_host(folder, die_at=moment)
    station = Station(folder, FarHands(folder))
    outcome = asyncio.run(lives.act_on(station, act))
    station.close()
    host.join(5)
    assert host.exitcode == -9, f"{moment} was not reached"
    host.close()
    assert outcome.state is PlanState.UNFINISHED
    check_both_decisions(folder, act, moment)


@pytest.mark.parametrize("act", ["quarantine", "release", "roll-back"])
def test_the_planned_points_are_all_there_are(folder: Path, act: str) -> None:
    if act != "quarantine":
        lives.do(folder, "quarantine")
    points = lives.Remember()
    host = SimulatedHost(folder)
    station = Station(folder, NearHands(host), points)
    asyncio.run(lives.act_on(station, act))
    station.close()
    passed = {name for name in points.names if ":verify:" not in name}
    assert passed == set(PLANNED[act])
    assert host.effects == EFFECTS[act]


def check_both_decisions(folder: Path, act: str, point: str) -> None:
    for decision in DECISIONS:
        copy, outcome = lives.decide(folder, decision, decision)
        if outcome is None or _not_begun(copy, act):
            continue
        if ENDS[act, decision] == "contained":
            assert_contained(copy, outcome, decision)
        else:
            assert_as_before(copy)


def _not_begun(folder: Path, act: str) -> bool:
    """Killed before anything was written: nothing may have been changed."""
    station = lives.near(folder)
    plans = [record.plan.kind for record in station.journal.records()]
    station.close()
    return act == "release" and "release" not in plans


def assert_contained(folder: Path, outcome: PlanOutcome, decision: str) -> None:
    state = SimulatedHost(folder).state()
    assert state.live.count('state="down"') == len(CARDS)
    assert state.stored.count('state="down"') == len(CARDS)
    assert not state.autostart
    assert state.behind == CARDS
    assert "<ringfence:hold" in state.live
    if decision == "resume":
        assert outcome.state is PlanState.DONE
        proved = {proof.what.params.get("mac") for proof in outcome.proofs}
        assert set(CARDS) <= proved


def assert_as_before(folder: Path) -> None:
    state = SimulatedHost(folder).state()
    assert state.stored == machine_xml(running=False)
    assert state.autostart
    assert state.behind == ()
    assert live_differences(machine_xml(running=True), state.live) == ()
    station = lives.near(folder)
    assert station.hold() is None
    station.close()
