"""Pictures of the window on the demo fleet: `python -m tests.ui.shots OUTDIR`.

Real station, real demo workers, real quarantine; only the screen is offscreen. Each scene is a
short walk that ends when the window shows what it is about.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GLIB", "1")

from core.fleet.model import MachineView
from core.posture.model import Severity
from core.settings.places import Places
from core.settings.preferences import Preferences
from core.station import Station
from core.text import load_catalogue
from gui.application import build_window, make_application, make_loop
from gui.changes.plan_run import PlanRun
from gui.operations.going import group_by
from gui.window import MainWindow

SIZE = (1280, 800)
DEADLINE_S = 30.0
LOOK_EVERY_S = 0.02
Scene = Callable[["Stage"], Awaitable[None]]


class Nobody:
    """The demo asks nothing."""

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        return None

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        return False


class Stage:
    """One window over one station, and the camera."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self.window = window
        self._out = out

    async def until(self, done: Callable[[], object], what: str) -> None:
        """Wait until the window shows it."""
        end = asyncio.get_running_loop().time() + DEADLINE_S
        while not done():
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(what)
            await asyncio.sleep(LOOK_EVERY_S)

    def find(self, wanted: Callable[[MachineView], object]) -> MachineView:
        """Return the first shown machine of a kind."""
        return next(view for view in self.window.model.shown() if wanted(view))

    async def shoot(self, name: str) -> None:
        await asyncio.sleep(LOOK_EVERY_S)
        self.window.grab().save(str(self._out / f"{name}.png"))
        print(name)


# --- scenes --------------------------------------------------------------------------------------


async def fleet(stage: Stage) -> None:
    critical = stage.find(lambda view: view.score.worst is Severity.CRITICAL)
    stage.window.table.select([critical.key])
    await stage.shoot("fleet-light")


async def inspector(stage: Stage) -> None:
    critical = stage.find(lambda view: view.score.worst is Severity.CRITICAL)
    stage.window.table.select([critical.key])
    stage.window.panels.inspector.choose_tab("findings")
    await stage.shoot("inspector")
    stage.window.panels.inspector.choose_tab("overview")


async def palette(stage: Stage) -> None:
    stage.window.open_palette()
    stage.window.palette_panel.line.setText("web")
    await stage.shoot("palette")
    stage.window.palette_panel.leave()


async def keys(stage: Stage) -> None:
    stage.window.show_keys()
    await stage.shoot("keys")
    stage.window.keys.leave()


async def filtering(stage: Stage) -> None:
    stage.window.filter_bar.set_text("score<70 console:open")
    group_by(stage.window, "zone")
    await stage.shoot("filter")
    stage.window.filter_bar.set_text("")
    group_by(stage.window, "")


async def quarantine(stage: Stage) -> None:
    """Cut off a running machine: in progress, then proved."""
    window = stage.window
    running = stage.find(
        lambda view: view.row.state.value == "running" and not view.quarantine and view.machine
    )
    window.table.select([running.key])
    panel = window.panels.quarantine
    started: list[PlanRun] = []
    panel.run_started.connect(started.append)
    window.trigger("quarantine")
    attempt = panel.attempts()[0]
    await stage.until(lambda: attempt.stage.value == "ready", "the plan")
    await stage.shoot("quarantine-ready")
    panel.confirm()
    await stage.until(lambda: started, "the run")
    await stage.until(lambda: started[0].done_steps > 0, "the first step")
    await stage.shoot("quarantine-progress")
    await stage.until(lambda: not started[0].running, "the end")

    def held() -> object:
        view = window.model.view(running.key)
        return view is not None and view.quarantine

    await stage.until(held, "the hold")
    await stage.shoot("quarantine-proved")


SCENES: tuple[Scene, ...] = (fleet, inspector, palette, keys, filtering, quarantine)


async def on_demo(out: Path, home: Path, preferences: Preferences, *scenes: Scene) -> None:
    """Open the demo fleet, wait until all of it is judged, and play the scenes."""
    words = load_catalogue(preferences.language or "en")
    station = Station.for_demo(Places.under(home), words, Nobody(), operator="admin@desk")
    window = build_window(station, Nobody(), words, preferences)
    window.resize(*SIZE)
    window.show()
    await station.start()
    stage = Stage(window, out)
    try:
        await station.ready(DEADLINE_S)
        await stage.until(lambda: window.model.rowCount() > 0, "rows")
        window.refresh_now()
        for scene in scenes:
            await scene(stage)
    finally:
        window.let_go()
        window.deleteLater()
        await station.stop()


async def first_run(out: Path, home: Path) -> None:
    words = load_catalogue("en")
    station = Station(Places.under(home), words, Nobody(), operator="admin@desk")
    window = build_window(station, Nobody(), words, Preferences(theme="light"))
    window.resize(*SIZE)
    window.show()
    try:
        await Stage(window, out).shoot("first-run")
    finally:
        window.let_go()
        window.deleteLater()
        await station.stop()


async def dark(stage: Stage) -> None:
    critical = stage.find(lambda view: view.score.worst is Severity.CRITICAL)
    stage.window.table.select([critical.key])
    await stage.shoot("fleet-dark")


async def chinese(stage: Stage) -> None:
    critical = stage.find(lambda view: view.score.worst is Severity.CRITICAL)
    stage.window.table.select([critical.key])
    await stage.shoot("fleet-zh_CN")


async def all_scenes(out: Path, home: Path) -> None:
    light = Preferences(theme="light", group="host")
    await on_demo(out, home, light, *SCENES)
    await on_demo(out, home, Preferences(theme="dark", group="host"), dark)
    await on_demo(out, home, Preferences(theme="light", group="zone", language="zh_CN"), chinese)
    await first_run(out, home)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    out: Path = parser.parse_args().outdir
    out.mkdir(parents=True, exist_ok=True)
    application = make_application(["shots"])
    loop = make_loop(application)
    asyncio.set_event_loop(loop)
    with tempfile.TemporaryDirectory() as home:
        loop.run_until_complete(all_scenes(out, Path(home)))
    loop.close()


if __name__ == "__main__":
    main()
