"""Processes that hold again, hold a whole host, or take a mode back, killed at a named instant."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import structs

from core.changes.hands import Result
from core.changes.killpoints import KillPoints
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.hosts.protocol import Order
from core.incidents.cases.escape import joined
from core.incidents.hold_again import again
from core.incidents.holds import QUARANTINE
from core.incidents.model import Mode, Wish
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.lives import DOORS, PROCESSES, DieAt
from tests.unit.changes.simulator import UUID, Simulated, SimulatedHost, machine_xml
from tests.unit.changes.station import HOST, STRICT, Station, new_machine, now

PROCESSES.set_forkserver_preload(["tests.unit.changes.lives", "tests.unit.changes.held_lives"])
OTHER = "6695eb01-f6a4-8304-79aa-97f2502e1999"
SUSPECT = "escape"
AGAIN = "hold-again"
BACK = "back-from-"
MODES = {f"{BACK}{mode.value}": mode for mode in Mode if mode is not Mode.STRICT}
ACTS = (AGAIN, SUSPECT, f"{BACK}{SUSPECT}", *MODES)


class TwoMachines(NearHands):
    """One host with a second machine, which is the first one's like under another identity."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SimulatedHost(folder))
        self.second = NearHands(SimulatedHost(folder / "second"))

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if getattr(order, "uuid", UUID) != OTHER:
            return await super().order(host, order, deadline_s)
        same = structs.replace(order, uuid=UUID)
        result = await self.second.order(host, same, deadline_s)
        return structs.replace(result, uuid=OTHER) if hasattr(result, "uuid") else result


def made(folder: Path) -> None:
    """A host with two machines that run."""
    for place in (folder, folder / "second"):
        place.mkdir()
        new_machine(place)


def opened(folder: Path, points: KillPoints | None = None) -> Station:
    return Station(folder, TwoMachines(folder), points)


def machines(folder: Path) -> tuple[Simulated, Simulated]:
    return SimulatedHost(folder).state(), SimulatedHost(folder / "second").state()


async def planned(station: Station, act: str) -> Plan:
    """The plan whose run, or whose roll-back, is killed."""
    if act == AGAIN:
        hold, plan = station.hold(), await station.quarantine()
        assert hold is not None
        return again(plan, hold, now(), ("live",))
    if act.endswith(SUSPECT):
        first = await station.quarantine()
        return joined([first, _of_the_other(first)], first.case, "test", HOST)
    mode = MODES[act]
    doors = DOORS if mode is Mode.FORENSIC else ()
    return await station.quarantine(wish=Wish(mode=mode, doors=doors, observe_anyway=True))


def _of_the_other(plan: Plan) -> Plan:
    steps = tuple(structs.replace(step, uuid=OTHER) for step in plan.steps)
    [target] = plan.targets
    return structs.replace(plan, steps=steps, targets=(structs.replace(target, uuid=OTHER),))


def prepare(folder: Path, act: str) -> None:
    """What is there before the act: a held machine that runs anew and open, or a cut to undo."""
    if act == AGAIN:
        _run(folder, lambda station: station.quarantine(wish=STRICT))
        host = SimulatedHost(folder)
        machine = host.state()
        machine.live, machine.shut = machine_xml(running=True), False
        machine.behind = ()
        host.put(machine)
    elif act.startswith(BACK):
        _run(folder, lambda station: planned(station, act))


def _run(folder: Path, make: Callable[[Station], Awaitable[Plan]]) -> None:
    async def work() -> None:
        station = opened(folder)
        await station.runner.run(await make(station))
        station.close()

    asyncio.run(work())


async def act_on(station: Station, act: str) -> PlanOutcome:
    if act.startswith(BACK):
        [record] = station.journal.records((QUARANTINE,))
        return await station.runner.roll_back(record.plan.id)
    return await station.runner.run(await planned(station, act))


def live(folder: str, act: str, point: str) -> None:
    """Be the program: do one thing, and die at the point."""
    asyncio.run(act_on(opened(Path(folder), DieAt(point)), act))


def killed(folder: Path, act: str, point: str) -> bool:
    process = PROCESSES.Process(target=live, args=(str(folder), act, point))
    process.start()
    process.join(30)
    code = process.exitcode
    process.close()
    return code == -signal.SIGKILL
