"""Pictures of the window: `python -m tests.ui.shots OUTDIR`.

Real station, real workers, real quarantine; only the screen is offscreen. Where this is root the
machines are guests of real libvirt hosts, built for the occasion; elsewhere the demo fleet stands
in, and that is said.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GLIB", "1")

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from core.settings.places import Places
from core.settings.preferences import Preferences
from core.station import Station
from core.text import load_catalogue
from gui.application import loop_on, make_application
from tests.lab.requirements import reason_not_to_run
from tests.nobody import Nobody
from tests.ui.shots import case_scenes, incident_scenes, scenes
from tests.ui.shots.real_hosts import OTHER, PREPARABLE, TARGET, TLS_ONLY, real_hosts
from tests.ui.shots.stage import Scene, Stage, Wanted, staged

OPERATOR = "anna@desk"
LIGHT = Preferences(theme="light", group="host")
DARK = Preferences(theme="dark", group="host")
CHINESE = Preferences(theme="light", group="zone", language="zh_CN")
ACTING: tuple[Scene, ...] = (
    scenes.findings,
    scenes.label,
    scenes.host,
    incident_scenes.quarantine,
    case_scenes.case,
    incident_scenes.release,
)
IN_THE_LAB: tuple[Scene, ...] = (
    *ACTING,
    incident_scenes.modes_of(OTHER),
    incident_scenes.partial_of(OTHER),
    incident_scenes.degraded_of(TLS_ONLY),
    incident_scenes.preparation_of(PREPARABLE),
)


def the_one_named(name: str) -> Wanted:
    return lambda view: view.name == name


async def play(
    out: Path, home: Path, demo: bool, target: Wanted, preferences: Preferences, *acts: Scene
) -> None:
    """Open the fleet, wait until all of it is judged, and play the scenes."""
    words = load_catalogue(preferences.language or "en")
    make = Station.for_demo if demo else Station
    station = make(Places.under(home), words, Nobody(), operator=OPERATOR)
    async with staged(station, words, preferences, out, target) as stage:
        for act in acts:
            await act(stage)


async def on_demo(out: Path, home: Path, target: Wanted) -> None:
    light = (
        scenes.picture_of_all("fleet-light"),
        scenes.palette,
        scenes.keys,
        scenes.filtering,
    )
    await play(out, home, True, target, LIGHT, *light)
    await play(out, home, True, target, CHINESE, scenes.picture_of_all("fleet-zh_CN"))


async def first_run(stage: Stage) -> None:
    await stage.shoot("first-run")


def take(loop: asyncio.AbstractEventLoop, out: Path, home: Path) -> None:
    """All pictures; the window's loop runs only while there is a window."""
    run = loop.run_until_complete
    target = the_one_named(TARGET)
    run(play(out, home / "new", False, target, Preferences(theme="light"), first_run))
    run(on_demo(out, home / "demo", target))
    if reason := reason_not_to_run():
        print(f"no real hosts ({reason}): the demo fleet stands in", file=sys.stderr)
        run(play(out, home / "demo", True, target, LIGHT, *ACTING))
        run(play(out, home / "demo", True, target, DARK, scenes.picture_of_all("fleet-dark")))
        return
    with real_hosts(home) as settings:
        run(play(out, settings, False, target, LIGHT, scenes.picture_of_all("hosts"), *IN_THE_LAB))
        run(play(out, settings, False, target, DARK, scenes.picture_of_all("fleet-dark")))


def _hear(kind: QtMsgType, _context: object, text: str) -> None:
    """The offscreen platform complains of what a real desktop does."""
    if "does not support" not in text:
        print(f"{kind.name}: {text}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ui.shots", description=__doc__)
    parser.add_argument("outdir", type=Path)
    out: Path = parser.parse_args().outdir
    out.mkdir(parents=True, exist_ok=True)
    qInstallMessageHandler(_hear)
    with loop_on(make_application(["shots"])) as loop, tempfile.TemporaryDirectory() as home:
        take(loop, out, Path(home))


if __name__ == "__main__":
    main()
