"""One window over one station, and the camera."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtGui import QImage

from core.fleet.model import MachineView
from core.settings.preferences import Preferences
from core.station import Station
from core.text import Catalogue
from gui.application import build_window
from gui.window import MainWindow
from tests.nobody import Nobody
from tests.ui.shots.picture import small

SIZE = (1280, 800)
DEADLINE_S = 60.0
LOOK_EVERY_S = 0.02
Wanted = Callable[[MachineView], object]
Scene = Callable[["Stage"], Awaitable[None]]


class Stage:
    """Walks the window; `target` is the machine that the scenes are about."""

    def __init__(self, window: MainWindow, out: Path, target: Wanted) -> None:
        self.window = window
        self.target = target
        self._out = out

    async def until(self, done: Callable[[], object], what: str) -> None:
        """Wait until the window shows it."""
        end = asyncio.get_running_loop().time() + DEADLINE_S
        while not done():
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(what)
            await asyncio.sleep(LOOK_EVERY_S)

    def find(self, wanted: Wanted) -> MachineView:
        """Return the first shown machine of a kind."""
        return next(view for view in self.window.model.shown() if wanted(view))

    def choose(self, wanted: Wanted) -> MachineView:
        view = self.find(wanted)
        self.window.table.select([view.key])
        return view

    async def shoot(self, name: str) -> None:
        """Take the picture when everything that was asked for is laid out."""
        await asyncio.sleep(LOOK_EVERY_S)
        self.snap(name)

    def snap(self, name: str) -> None:
        """Take the picture this very moment."""
        self.keep(small(self.window.grab().toImage()), name)

    def keep(self, picture: QImage, name: str) -> None:
        """Write one picture."""
        place = self._out / f"{name}.png"
        picture.save(str(place), quality=0)
        print(place.name, flush=True)


@asynccontextmanager
async def staged(
    station: Station, words: Catalogue, preferences: Preferences, out: Path, target: Wanted
) -> AsyncGenerator[Stage]:
    """A shown window over the station, which runs and ends with it."""
    window = build_window(station, Nobody(), words, preferences)
    window.resize(*SIZE)
    window.show()
    stage = Stage(window, out, target)
    try:
        await station.start()
        if station.settings.hosts:
            assert await station.ready(DEADLINE_S), "not every host answered"
            await stage.until(lambda: window.model.rowCount() > 0, "rows")
            window.refresh_now()
        yield stage
    finally:
        window.let_go()
        window.deleteLater()
        await station.stop()
