"""How long the window's thread stands still while one of five hosts hangs."""

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from core.settings.preferences import Preferences
from core.station import Station
from gui.application import build_window, loop_on, make_application
from gui.heap import set_aside
from tests.bench.nodes import write_node
from tests.bench.report import Line
from tests.bench.stations import complete, station_on, write_fleet
from tests.nobody import Nobody

HOSTS = "abcde"
MACHINES = 200
WATCHED_S = 8.0  # longer than a hung worker is waited for: its end and its new start are in it
READ_AGAIN_EVERY_S = 2.0


def measure() -> list[Line]:
    """The real window on five hosts; then the same with one host's worker stopped."""
    with (
        loop_on(make_application(["ringfence"])) as loop,
        tempfile.TemporaryDirectory(prefix="rf-bench-") as folder,
    ):
        calm, hung = loop.run_until_complete(_measure(Path(folder)))
    label = f"longest block of the window's thread, one of five hosts hangs (5 x {MACHINES})"
    note = "all hosts read again every 2 s"
    return [Line(label, hung, "ms", "< 50 ms", "the same, no host hangs", calm, note)]


class Heartbeat(QObject):
    """A timer of one millisecond; `longest_ms` is the longest time it could not tick."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        self._at = time.perf_counter()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=1)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def stop(self) -> float:
        self._timer.stop()
        return self.longest_ms

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._at) * 1000)
        self._at = now


async def _measure(home: Path) -> tuple[float, float]:
    uris = {name: write_node(home / f"{name}.xml", name, MACHINES) for name in HOSTS}
    station = station_on(write_fleet(home, uris))
    window = build_window(station, Nobody(), station.words, Preferences())
    window.show()
    set_aside()  # as the program does
    await station.start()
    try:
        whole = len(HOSTS) * MACHINES
        if not await station.fleet.wait_until(lambda view: complete(view, whole), 120):
            raise RuntimeError("the test fleet was not read in time")
        calm = await _watched(station)
        stopped = _first_worker()
        os.kill(stopped, signal.SIGSTOP)
        return calm, await _watched(station)
    finally:
        window.let_go()
        await station.stop()


async def _watched(station: Station) -> float:
    beat = Heartbeat()
    end = time.perf_counter() + WATCHED_S
    while time.perf_counter() < end:
        for session in station.sessions.values():
            session.refresh()
        await asyncio.sleep(READ_AGAIN_EVERY_S)
    return beat.stop()


def _first_worker() -> int:
    """One host's worker; which one does not matter."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    found = [int(pid) for pid in children if _is_worker(int(pid))]
    if not found:
        raise RuntimeError("there is no worker to stop")
    return min(found)


def _is_worker(pid: int) -> bool:
    return b"core.hosts.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
