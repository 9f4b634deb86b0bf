"""Processes that prepare a host, or give it back, and may be killed at a named instant."""

import asyncio
import signal
from pathlib import Path

from core.changes.killpoints import KillPoints
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.hosts.preparation.desk import PreparationDesk
from core.keys.operator import operator_key
from core.keys.store import open_keys
from tests.unit.changes.lives import PROCESSES, DieAt
from tests.unit.changes.prepared_host import NearPreparedHands, PreparedHost
from tests.unit.changes.station import HOST, Station
from tests.unit.hosts.helper.prepare_ground import new_ground


def desk_of(station: Station, folder: Path) -> PreparationDesk:
    keys = open_keys(folder / "keys", None)
    return PreparationDesk(
        hands=station.hands,
        journal=station.journal,
        runner=lambda: station.runner,
        held=lambda _: (),
        operator="anna@desk",
        key=lambda: operator_key(keys),
    )


def opened(folder: Path, points: KillPoints | None = None) -> Station:
    return Station(folder, NearPreparedHands(PreparedHost(folder)), points)


async def act_on(station: Station, folder: Path, act: str) -> PlanOutcome:
    if act == "roll-back":
        [record] = station.journal.records(("prepare",))
        return await station.runner.roll_back(record.plan.id)
    return await desk_of(station, folder).run(await plan(station, folder, act))


async def plan(station: Station, folder: Path, act: str) -> Plan:
    desk = desk_of(station, folder)
    return await (desk.plan_prepare(HOST) if act == "prepare" else desk.plan_unprepare(HOST))


def do(folder: Path, act: str, points: KillPoints | None = None) -> tuple[PlanOutcome, int]:
    station = opened(folder, points)
    try:
        outcome = asyncio.run(act_on(station, folder, act))
        assert isinstance(station.hands, NearPreparedHands)
        return outcome, station.hands.host.effects
    finally:
        station.close()


def live(folder: str, act: str, point: str) -> None:
    do(Path(folder), act, DieAt(point))


def killed(folder: Path, act: str, point: str) -> bool:
    process = PROCESSES.Process(target=live, args=(str(folder), act, point))
    process.start()
    process.join(20)
    code = process.exitcode
    process.close()
    return code == -signal.SIGKILL


def new_host(folder: Path) -> None:
    """Where systemd runs, so that every kind of step is in the plan."""
    folder.mkdir()
    new_ground(folder, systemd=True)
