"""From the key in the real window to the last frame of a real guest at its neighbour.

The guest sends every two milliseconds or so (as fast as its emulated clock lets it). The kernel
stamps each frame where the neighbour gets it; the key is an event posted to the window. Both
clocks are this machine's. What virsh does in the same run is the baseline, from its start.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.fleet.model import MachineView
from core.incidents.model import Mode
from core.settings.places import Places
from core.settings.preferences import Preferences
from core.station import Station
from gui.application import build_window, loop_on, make_application
from gui.window import MainWindow
from tests.bench.cut_by_key import cut_by_key
from tests.bench.report import Line, quantile
from tests.bench.stations import station_on
from tests.lab.commands import run
from tests.lab.configuration import WAYS, write_home
from tests.lab.frames.capture import ALL, Capture, capturing
from tests.lab.frames.segment import FAR, beside
from tests.lab.guests.console import console
from tests.lab.hosts.lab import Lab, claim_number
from tests.nobody import Nobody

RUNS = 20
GUEST, HOST, BRIDGE = "g1", "h1", "virbr-dmz"
NEIGHBOUR = "192.168.50.201"
PLACE = f"{FAR}/{ALL}"
FLOOD = f"while :; do busybox ping -q -i 0.002 {NEIGHBOUR} >/dev/null; done &"
FLOWING_FRAMES, FLOWING_S = 20, 0.2
SILENT_S = 0.4  # after the cut is proved: a frame that still comes counts
PATIENCE_S = 30.0
MODES = (Mode.FREEZE, Mode.STRICT, Mode.FORENSIC)

Cut = Callable[[], Awaitable[int]]  # cuts, and returns when it was asked for (CLOCK_REALTIME)


def measure() -> list[Line]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="rf-bench-cut-")))
        lab = stack.enter_context(flooding(home / "lab"))
        ears = stack.enter_context(_ears(lab))
        write_home(home / "home", [(lab.hosts[HOST], WAYS[HOST])])
        loop = stack.enter_context(loop_on(make_application(["ringfence"])))
        return loop.run_until_complete(_measure(Rig(lab, ears), home / "home"))


@contextmanager
def flooding(directory: Path) -> Generator[Lab]:
    """A lab whose guest has begun to send."""
    with ExitStack() as stack:
        number, lock = claim_number(range(101, 200))
        stack.callback(lock.close)
        lab = Lab(directory, number)
        stack.callback(lab.down)
        lab.up()
        lab.wait_until_answers(GUEST)
        with console(lab, GUEST) as shell:
            shell.type(FLOOD)
        yield lab


@contextmanager
def _ears(lab: Lab) -> Generator[Capture]:
    mac = lab.hosts[HOST].virsh(["domiflist", GUEST]).split()[-1]
    with (
        beside(lab, HOST, BRIDGE, f"{NEIGHBOUR}/24") as own,
        capturing(own, PLACE, source=mac) as ears,
    ):
        yield ears


@dataclass(frozen=True)
class Rig:
    """The guest under measurement and the ears at its neighbour."""

    lab: Lab
    ears: Capture

    async def flowing(self) -> None:
        """Wait until the guest's frames arrive as they should."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            await asyncio.to_thread(self.ears.heard)
            await asyncio.sleep(FLOWING_S)
            if (await asyncio.to_thread(self.ears.heard)).count >= FLOWING_FRAMES:
                return
        raise RuntimeError("the guest does not send: there is nothing to measure")

    async def seconds(self, cut: Cut) -> float:
        """How long the guest was still heard."""
        await self.flowing()
        asked_at = await cut()
        await asyncio.sleep(SILENT_S)
        last = (await asyncio.to_thread(self.ears.heard)).last(PLACE)
        await asyncio.sleep(FLOWING_S)
        if (await asyncio.to_thread(self.ears.heard)).count:
            raise RuntimeError("the guest still sends: it was not cut")
        return max(0.0, (last - asked_at) / 1e9)

    async def by_virsh(self, cut: list[str], undo: list[str]) -> list[float]:
        """What a person types instead, from the start of virsh; over TLS as the station does."""
        virsh = ["virsh", "-q", "-c", self.lab.hosts[HOST].tls_uri]

        async def act() -> int:
            asked_at = time.time_ns()
            await asyncio.to_thread(run, [*virsh, *cut])
            return asked_at

        found: list[float] = []
        for _ in range(RUNS):
            found.append(await self.seconds(act))
            await asyncio.to_thread(run, [*virsh, *undo])
        return found


async def _measure(rig: Rig, home: Path) -> list[Line]:
    card = rig.lab.hosts[HOST].virsh(["domiflist", GUEST]).split()[-1]
    link = ["domif-setlink", GUEST, card]
    suspend = await rig.by_virsh(["suspend", GUEST], ["resume", GUEST])
    setlink = await rig.by_virsh([*link, "down"], [*link, "up"])
    found: dict[Mode, list[float]] = {}
    async with shown(home) as (station, window):
        for mode in MODES:
            found[mode] = [await _cut_once(rig, station, window, mode) for _ in range(RUNS)]
    return [line for mode in MODES for line in _lines(mode, found[mode], suspend, setlink)]


def _lines(
    mode: Mode, found: list[float], suspend: list[float], setlink: list[float]
) -> list[Line]:
    return [
        Line(
            f"key to the guest's last frame, {mode.value}, {label}, {RUNS} times",
            quantile(found, part) * 1000,
            "ms",
            "< 100 ms" if label == "p95" else "",
            name,
            quantile(baseline, part) * 1000,
        )
        for label, part in (("p50", 0.5), ("p95", 0.95), ("longest", 1.0))
        for name, baseline in (("virsh suspend", suspend), ("virsh domif-setlink", setlink))
    ]


@asynccontextmanager
async def shown(home: Path) -> AsyncGenerator[tuple[Station, MainWindow]]:
    """The real window over a real station that has read the host."""
    station = station_on(Places.under(home))
    window = build_window(station, Nobody(), station.words, Preferences())
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    await station.start()
    try:
        if not await station.ready(PATIENCE_S):
            raise RuntimeError("the lab's host was not read in time")
        yield station, window
    finally:
        window.let_go()
        await station.stop()


async def _cut_once(rig: Rig, station: Station, window: MainWindow, mode: Mode) -> float:
    view = _machine(station)

    async def act() -> int:
        return await cut_by_key(window, view.key, mode, rig.lab.address.station)

    seconds = await rig.seconds(act)
    plan = await station.incidents.plan_release(_machine(station), "bench")
    await station.incidents.run(plan)
    return seconds


def _machine(station: Station) -> MachineView:
    return next(each for each in station.fleet.view.machines.values() if each.name == GUEST)
