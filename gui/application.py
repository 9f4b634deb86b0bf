"""Start the window: one Qt application, one asyncio loop on it, one station below.

Nothing heavy is imported before the first paint; panels come when they are asked for.
"""

import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from core.settings.preferences import Preferences
from core.text import Catalogue
from gui.panels import Panels
from gui.station_door import StationDoor
from gui.theme import Density, ThemeChoice, dress, make_theme
from gui.window import MainWindow

DESKTOP_FILE = "ringfence"


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the one QApplication, named as the desktop knows it."""
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(list(argv))
    application.setApplicationName("ringfence")
    application.setApplicationDisplayName("Ringfence")
    application.setDesktopFileName(DESKTOP_FILE)
    application.setQuitOnLastWindowClosed(False)
    return application


def build_window(
    station: StationDoor, catalogue: Catalogue, preferences: Preferences
) -> MainWindow:
    """Return a window over a station; the caller shows it."""
    application = make_application(sys.argv[:1])
    theme = make_theme(ThemeChoice(preferences.theme), Density(preferences.density))
    dress(application, theme)
    return MainWindow(Panels(station, catalogue, theme), catalogue, theme, preferences)
