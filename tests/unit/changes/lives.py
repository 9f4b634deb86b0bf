"""Processes that change a machine and may be killed at a named instant while they do."""

import asyncio
import os
import shutil
import signal
import threading
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from pathlib import Path

from core.changes.killpoints import NoKillPoints
from core.changes.outcome import PlanOutcome, PlanState
from core.incidents.holds import QUARANTINE
from core.incidents.model import Door, How, Mode, Wish
from tests.unit.changes.hosts import FarHands, NearHands, serve
from tests.unit.changes.simulator import SimulatedHost
from tests.unit.changes.station import Station

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.unit.changes.lives"])


class DieAt:
    """Ends the process, at once and without a word, at one point."""

    def __init__(self, point: str) -> None:
        self._point = point

    def reach(self, name: str) -> None:
        if name == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


class Remember:
    """Writes down the points that were passed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        self.names.append(name)


async def quarantine(station: Station) -> PlanOutcome:
    return await station.runner.run(await station.quarantine())


async def release(station: Station) -> PlanOutcome:
    return await station.runner.run(await station.release())


async def roll_back(station: Station) -> PlanOutcome:
    [record] = station.journal.records((QUARANTINE,))
    return await station.runner.roll_back(record.plan.id)


Act = Callable[[Station], Awaitable[PlanOutcome]]
DOORS = (Door("192.0.2.9", 22),)


def cut(mode: Mode) -> Act:
    doors = DOORS if mode is Mode.FORENSIC else ()
    wish = Wish(mode=mode, doors=doors, observe_anyway=True)

    async def act(station: Station) -> PlanOutcome:
        return await station.runner.run(await station.quarantine(wish=wish))

    return act


def give_back(how: How) -> Act:
    async def act(station: Station) -> PlanOutcome:
        return await station.runner.run(await station.release(how))

    return act


ACTS: dict[str, Act] = {
    "quarantine": quarantine,
    "release": release,
    "roll-back": roll_back,
    **{mode.value: cut(mode) for mode in Mode},
    **{how.value: give_back(how) for how in How},
}


async def act_on(station: Station, act: str) -> PlanOutcome:
    return await ACTS[act](station)


def live(folder: str, act: str, point: str) -> None:
    """Be the program: do one thing, and die at the point."""
    points = DieAt(point) if point else NoKillPoints()
    station = Station(Path(folder), FarHands(Path(folder)), points)
    asyncio.run(act_on(station, act))


def killed_at(folder: Path, act: str, point: str) -> bool:
    """Run the program in its own process against a host here; True when it was killed there."""
    threading.Thread(target=serve, args=(str(folder), ""), daemon=True).start()
    FarHands.wait(folder)
    process = PROCESSES.Process(target=live, args=(str(folder), act, point))
    process.start()
    process.join(20)
    code = process.exitcode
    process.close()
    return code == -signal.SIGKILL


def do(folder: Path, act: str) -> PlanOutcome:
    """Do one thing in this process, to its end."""
    station = near(folder)
    try:
        return asyncio.run(act_on(station, act))
    finally:
        station.close()


def near(folder: Path) -> Station:
    return Station(folder, NearHands(SimulatedHost(folder)))


def decide(folder: Path, decision: str, name: str) -> tuple[Path, PlanOutcome | None]:
    """On a copy, start again and decide what is to become of the newest plan."""
    copy = folder.with_name(f"{folder.name}-{name}")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.sock*", "*.new"))
    station = near(copy)
    try:
        records = station.journal.records()
        if not records:
            return copy, None
        offered = [record.plan.id for record in station.journal.unfinished()]
        newest = records[0]
        assert newest.plan.id in offered or newest.state is not PlanState.UNFINISHED
        verb = station.runner.resume if decision == "resume" else station.runner.roll_back
        outcome = asyncio.run(verb(newest.plan.id))
        assert station.journal.unfinished() == ()
        verification = station.audit.verify(station.journal)
        assert verification.good, verification.problems
        return copy, outcome
    finally:
        station.close()
