"""Killed at any instant of each mode and of each way to go on: one decision ends it well.

Every planned point is one test; it fails if it is not reached.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from core.changes.outcome import PlanState
from core.changes.plan import Plan
from core.changes.points import points_of_run
from core.incidents.model import How, Mode, Wish
from tests.unit.changes import lives
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1, MAC_2, SimulatedHost, machine_xml
from tests.unit.changes.station import Station, new_machine

CUTS = {mode.value: mode for mode in Mode if mode is not Mode.STRICT}
GOES_ON = {How.RESTART.value: How.RESTART, How.REBUILD.value: How.REBUILD}
HELD = Mode.FREEZE.value  # what is released


def planned() -> dict[str, list[str]]:
    """The points of each act, from its plan on a simulated host."""
    above = Path(mkdtemp())
    found: dict[str, list[str]] = {}
    for name, mode in CUTS.items():
        doors = lives.DOORS if mode is Mode.FORENSIC else ()
        wish = Wish(mode=mode, doors=doors, observe_anyway=True)
        station = _station(above / name)
        found[name] = sorted(points_of_run(asyncio.run(station.quarantine(wish=wish))))
        station.close()
    for name, how in GOES_ON.items():
        lives.do(_home(above / name), HELD)
        station = lives.near(above / name)
        found[name] = sorted(points_of_run(asyncio.run(station.release(how))))
        station.close()
    shutil.rmtree(above)
    return found


def _home(folder: Path) -> Path:
    folder.mkdir()
    new_machine(folder)
    return folder


def _station(folder: Path) -> Station:
    return Station(_home(folder), NearHands(SimulatedHost(folder)))


PLANNED = planned()
POINTS = [(act, point) for act, points in PLANNED.items() for point in points]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    memory = Path("/dev/shm")
    above = Path(mkdtemp(dir=memory)) if memory.is_dir() else tmp_path
    yield _home(above / "home")
    shutil.rmtree(above)


@pytest.mark.parametrize(("act", "point"), POINTS)
def test_the_program_killed_at(folder: Path, act: str, point: str) -> None:
    if act in GOES_ON:
        assert lives.do(folder, HELD).state is PlanState.DONE
    assert lives.killed_at(folder, act, point), f"{point} was not reached"
    for decision in ("resume", "roll back"):
        copy, outcome = lives.decide(folder, decision, decision)
        if outcome is None or _not_begun(copy, act):
            continue
        if (act in CUTS) == (decision == "resume"):
            assert_held(copy, act, decision)
        else:
            assert_given_back(copy, act)


@pytest.mark.parametrize("act", PLANNED)
def test_the_planned_points_are_all_there_are(folder: Path, act: str) -> None:
    if act in GOES_ON:
        lives.do(folder, HELD)
    points = lives.Remember()
    station = Station(folder, NearHands(SimulatedHost(folder)), points)
    asyncio.run(lives.act_on(station, act))
    station.close()
    assert {name for name in points.names if ":verify:" not in name} == set(PLANNED[act])


def _not_begun(folder: Path, act: str) -> bool:
    """Killed before anything of the act was written."""
    station = lives.near(folder)
    plans: list[Plan] = [record.plan for record in station.journal.records()]
    station.close()
    return act in GOES_ON and all(plan.kind == "quarantine" for plan in plans)


def assert_held(folder: Path, act: str, decision: str) -> None:
    """As its mode holds it; what was to be released and is rolled back is held as before, or off
    if its power was cut."""
    state = SimulatedHost(folder).state()
    assert state.behind == (MAC_1, MAC_2), decision
    mode = CUTS.get(act, Mode.FREEZE)
    assert state.observing is (mode is Mode.OBSERVE)
    assert state.doors == (lives.DOORS if mode is Mode.FORENSIC else ())
    if mode is Mode.FREEZE:
        assert state.paused or not state.live
        assert state.live.count('state="down"') == (2 if state.live else 0)
    if mode is not Mode.OBSERVE:
        assert state.stored.count('state="down"') == 2 and not state.autostart


def assert_given_back(folder: Path, act: str) -> None:
    state = SimulatedHost(folder).state()
    copies = [path for name, path in state.volumes.items() if name != "template"]
    stored = machine_xml(running=False)
    if act == How.REBUILD:
        stored = stored.replace("/images/web.qcow2", copies[0])
    assert state.stored == stored and state.autostart
    assert state.behind == () and not state.observing and not state.paused
    assert 'state="down"' not in state.live and state.live
    assert state.starts == (1 if act in GOES_ON else 0)
