"""How long the window's thread stands still in an incident, on a fleet of a thousand machines.

Processor time of that one thread between two turns of its loop: what else runs on the machine is
not counted, what the thread waits for is not either, and it waits for nothing but its turn.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from core.facts import MachineState
from core.incidents.cases.desk import CaseDesk
from core.settings.preferences import Preferences
from core.station import Station
from gui.application import build_window, loop_on, make_application
from gui.heap import set_aside
from gui.incidents.attempt import Stage
from gui.window import MainWindow
from tests.bench.cut_by_key import press, until_seen
from tests.bench.nodes import write_node
from tests.bench.report import Line
from tests.bench.stations import complete, station_on, write_fleet
from tests.nobody import Nobody

HOSTS = "abcde"
MACHINES = 200
AT_ONCE = 10
NOTES = 400
PATIENCE_S = 60.0
AFTER_S = 1.5  # what follows a key, results and repaints, is part of it
GOAL = "< 50 ms"
_PLANNED = frozenset({Stage.READY, Stage.REFUSED})
_OVER = frozenset({Stage.ENDED, Stage.REFUSED})


def measure() -> list[Line]:
    """The real window; every key is posted as the window system does."""
    with (
        loop_on(make_application(["ringfence"])) as loop,
        tempfile.TemporaryDirectory(prefix="rf-bench-") as folder,
    ):
        return loop.run_until_complete(_measure(Path(folder)))


class Turns(QObject):
    """The longest turn of this thread's loop, in processor seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._longest_s = 0.0
        self._at = time.thread_time()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=1)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def taken(self) -> float:
        """The longest since this was last asked, in milliseconds."""
        found, self._longest_s = self._longest_s, 0.0
        return found * 1000

    def stop(self) -> None:
        self._timer.stop()

    def _turn(self) -> None:
        now = time.thread_time()
        self._longest_s = max(self._longest_s, now - self._at)
        self._at = now


async def _measure(home: Path) -> list[Line]:
    async with _window(home) as (station, window):
        turns = Turns()
        try:
            return [_line(what, ms) for what, ms in await _story(station, window, turns)]
        finally:
            turns.stop()


def _line(what: str, ms: float) -> Line:
    note = f"{len(HOSTS)} x {MACHINES} machines, processor time"
    return Line(f"longest turn of the window's thread: {what}", ms, "ms", GOAL, note=note)


@asynccontextmanager
async def _window(home: Path) -> AsyncGenerator[tuple[Station, MainWindow]]:
    uris = {name: write_node(home / f"{name}.xml", name, MACHINES) for name in HOSTS}
    station = station_on(write_fleet(home, uris))
    window = build_window(station, Nobody(), station.words, Preferences())
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    set_aside()
    try:
        yield station, window
    finally:
        window.let_go()
        await station.stop()


async def _story(station: Station, window: MainWindow, turns: Turns) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []

    async def measured(what: str) -> None:
        await asyncio.sleep(AFTER_S)
        found.append((what, turns.taken()))

    turns.taken()
    await station.start()
    whole = len(HOSTS) * MACHINES
    if not await station.fleet.wait_until(lambda view: complete(view, whole), PATIENCE_S):
        raise RuntimeError("the test fleet was not read in time")
    await measured("the first view fills")
    await asyncio.sleep(2 * AFTER_S)  # snapshots, and the panels that are built ahead
    running = [each for each in window.model.shown() if each.row.state is MachineState.RUNNING]
    for name, views in (
        ("one machine", running[:1]),
        (f"{AT_ONCE} machines", running[1:][:AT_ONCE]),
    ):
        turns.taken()
        window.table.setFocus()
        window.table.select([each.key for each in views])
        await measured(f"{name} selected")
        await _open(window)
        await measured(f"the quarantine panel opens on {name}")
        press(window.panels.quarantine, Qt.Key.Key_Return)
        await until_seen(lambda: _all_at(window, _OVER))
        await measured(f"{name} cut, the results arrive")
        window.panels.quarantine.shut()
        await measured(f"the panel of {name} closes")
    await _fill(station)
    turns.taken()
    window.trigger("cases")
    window.panels.cases.open(station.cases.all()[0].id)
    await until_seen(lambda: window.panels.cases.case is not None)
    await measured(f"a case of {NOTES} notes opens")
    return found


async def _open(window: MainWindow) -> None:
    window.trigger("quarantine")
    window.panels.quarantine.evidence.choose(())
    await until_seen(lambda: _all_at(window, _PLANNED))


def _all_at(window: MainWindow, stages: frozenset[Stage]) -> bool:
    attempts = window.panels.quarantine.attempts()
    return bool(attempts) and all(each.stage in stages for each in attempts)


async def _fill(station: Station) -> None:
    """A case that was worked on for days."""
    desk = CaseDesk(station.cases, lambda entry: station.audit.append(entry), station.operator)
    case = station.cases.all()[0].id
    words = "what was seen, by whom, and what it may mean, in more words than fit on a line"

    def write() -> None:
        for number in range(NOTES):
            desk.note(case, f"{number}: {words}")

    await asyncio.to_thread(write)
