"""Start the window: one Qt application, one asyncio loop on it, one station below.

Nothing heavy is imported before the first paint; panels come when they are asked for. A change
of theme, density or language, and the way into the demo and back, make a new window in place of
the old one; the hosts' sessions and what runs go on.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import qasync
from PySide6.QtWidgets import QApplication

from core.hosts.prompts import Prompts
from core.settings.places import Places
from core.settings.preferences import Preferences, load_preferences, save_preferences
from core.text import Catalogue, RingfenceError, load_catalogue
from gui.crash import ErrorDoor
from gui.heap import collected_here, set_aside
from gui.hosts.prompts import WindowPrompts
from gui.theme import Density, Theme, ThemeChoice, dress, make_theme

if TYPE_CHECKING:
    from core.station import Station
    from gui.window import MainWindow

DESKTOP_FILE = "ringfence"


def run_window(
    places: Places, words: Catalogue, *, demo: bool = False, argv: Sequence[str] = ()
) -> int:
    """Show the window until the admin leaves; returns the process's exit code."""
    # Qt's GLib dispatcher would iterate the context that libvirt's own loop uses elsewhere.
    os.environ.setdefault("QT_NO_GLIB", "1")
    application = make_application(argv or sys.argv[:1])
    with loop_on(application) as loop:
        session = Session(application, places, words, shown=set_aside)
        with _signals_lead_to(session.leave):
            loop.run_until_complete(session.run(demo))
    return 0


@contextmanager
def _signals_lead_to(leave: Callable[[], None]) -> Generator[None]:
    """Ctrl+C in the terminal and a polite kill end the sitting as its menu does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda _number, _frame: leave())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the one QApplication, named as the desktop knows it."""
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(list(argv))
    application.setApplicationName("ringfence")
    application.setApplicationDisplayName("Ringfence")
    application.setDesktopFileName(DESKTOP_FILE)
    application.setQuitOnLastWindowClosed(False)
    return application


@contextmanager
def loop_on(application: QApplication) -> Generator[asyncio.AbstractEventLoop]:
    """Asyncio's loop on Qt's own, and cycles collected by this thread alone, while this lasts."""
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        with collected_here():
            yield loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def make_look(application: QApplication, preferences: Preferences) -> Theme:
    """Dress the application as preferred and return the theme."""
    theme = make_theme(ThemeChoice(preferences.theme), Density(preferences.density))
    dress(application, theme)
    return theme


def build_window(
    station: "Station", prompts: Prompts, catalogue: Catalogue, preferences: Preferences
) -> "MainWindow":
    """Return a window over a station; the caller shows it."""
    from gui.panels import Panels
    from gui.window import MainWindow

    theme = make_look(make_application(sys.argv[:1]), preferences)
    panels = Panels(station, prompts, catalogue, theme)
    return MainWindow(panels, catalogue, theme, preferences)


class Session:
    """One sitting: the station and the window over it, from the start to the end."""

    def __init__(
        self,
        application: QApplication,
        places: Places,
        words: Catalogue,
        *,
        shown: Callable[[], None] = lambda: None,
    ) -> None:
        self._shown = shown
        self._application = application
        self._places = places
        self._words = words
        self._done = asyncio.Event()
        self.window: MainWindow | None = None
        self._station: Station | None = None
        self._switching: asyncio.Future[None] | None = None
        self._errors = ErrorDoor(words, lambda: self.window)
        self._prompts = WindowPrompts(
            words=lambda: self._words,
            theme=self._theme,
            secrets=lambda: self._station.secrets if self._station else None,
            over=lambda: self.window,
        )

    async def run(self, demo: bool) -> None:
        """Sit until the admin leaves.

        Raises:
            RingfenceError: the station cannot be opened; the admin has read why.
        """
        self._errors.install(asyncio.get_running_loop())
        self._application.styleHints().colorSchemeChanged.connect(self._desktop_changed)
        try:
            await self._open_or_explain(demo)
            await self._done.wait()
        finally:
            self._application.styleHints().colorSchemeChanged.disconnect(self._desktop_changed)
            if self.window is not None:
                self.window.let_go()
                self.window.hide()
            if self._station is not None:
                await self._station.stop()
            self._errors.remove()

    def leave(self) -> None:
        """End the sitting from outside of the window."""
        if self.window is not None:
            self.window.leave()
        self._done.set()

    async def _open_or_explain(self, demo: bool) -> None:
        """A station that cannot be opened says why in a dialog; there is no window to say it."""
        try:
            await self._open(demo)
        except RingfenceError as error:
            read = asyncio.Event()
            make_look(self._application, load_preferences(self._places.prefs_file))
            box = self._errors.problem(error)
            box.finished.connect(read.set)
            await read.wait()
            raise

    async def _open(self, demo: bool) -> None:
        """Open a station, show its window, then let the hosts connect."""
        from core.station import Station

        preferences = load_preferences(self._places.prefs_file)
        self._speak(preferences)
        make = Station.for_demo if demo else Station.from_places
        self._station = make(self._places, self._words, self._prompts)
        self._show(preferences)
        self._shown()
        await self._station.start()
        self._station.stand_guard()

    def _speak(self, preferences: Preferences) -> None:
        """A language chosen in the window wins over the desktop's."""
        if preferences.language and preferences.language != self._words.language:
            self._words = load_catalogue(preferences.language)
            self._errors.speak(self._words)

    def _show(self, preferences: Preferences) -> None:
        """Put a window in the place of the one that is there, if one is."""
        if self._station is None:
            return
        old, self.window = self.window, self._build(self._station, preferences)
        window = self.window
        window.reopen_wanted.connect(self._reopen)
        window.likes_changed.connect(self._keep)
        window.left.connect(self._done.set)
        window.demo_wanted.connect(self._switch_to_demo)
        if old is not None:
            window.take_over(old)
        window.show()
        if old is not None:
            old.let_go()
            old.deleteLater()

    def _build(self, station: "Station", preferences: Preferences) -> "MainWindow":
        return build_window(station, self._prompts, self._words, preferences)

    def _theme(self) -> Theme:
        """Return the theme of the window that is shown, for questions over it."""
        if self.window is not None:
            return self.window.theme
        return make_look(self._application, load_preferences(self._places.prefs_file))

    def _keep(self, preferences: Preferences) -> None:
        save_preferences(self._places.prefs_file, preferences)

    def _reopen(self) -> None:
        if self.window is not None:
            self._speak(self.window.preferences)
            self._show(self.window.preferences)

    def _desktop_changed(self) -> None:
        """Day became night: follow, where that is what the admin chose."""
        if self.window is not None and self.window.preferences.theme == "system":
            self.window.reopen()

    def _switch_to_demo(self) -> None:
        self._switching = asyncio.ensure_future(self._leave_for_demo())

    async def _leave_for_demo(self) -> None:
        """Close the admin's own station and open the demo in its place."""
        old, self._station = self._station, None
        try:
            await self._open(demo=True)
        except RingfenceError as error:
            self._station = old
            self._errors.problem(error)
            return
        if old is not None:
            await old.stop()
