"""The window's look as one value passed down: colours, type, sizes, icons.

Views ask the theme; none of them knows a colour or a pixel size of its own.
"""

import zlib
from enum import StrEnum

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from core.posture.model import Severity
from core.settings.model import ZoneEntry
from gui.theme.bands import BandBox
from gui.theme.fonts import Face, make_fonts
from gui.theme.icons import IconBox
from gui.theme.style import qt_palette, style_sheet
from gui.theme.texts import TextBox
from gui.theme.tokens import DARK, GRID, ICON, LIGHT, ROW_HEIGHT, Colours, Density

_SEVERITY_ROLE = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.INFO: "secondary",
}
GOOD_SCORE = 80
FAIR_SCORE = 60


class ThemeChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme:
    """Colours by role, fonts by face, icons by name; `space(n)` is n steps of the grid."""

    def __init__(self, colours: Colours, density: Density = Density.NORMAL) -> None:
        self.colours = colours
        self.density = density
        self.fonts = make_fonts()
        self.texts = TextBox(self.fonts)
        self._icons = IconBox()
        self._bands = BandBox()
        self._colours: dict[str, QColor] = {}

    @property
    def dark(self) -> bool:
        return self.colours is DARK

    @property
    def row_height(self) -> int:
        return ROW_HEIGHT[self.density]

    def space(self, steps: float = 1) -> int:
        return round(GRID * steps)

    def colour(self, role: str) -> QColor:
        if role not in self._colours:
            self._colours[role] = QColor(str(getattr(self.colours, role)))
        return self._colours[role]

    def severity_colour(self, severity: Severity | None) -> QColor:
        """Return a severity's colour; None is "unknown"."""
        return self.colour("unknown" if severity is None else _SEVERITY_ROLE[severity])

    def score_colour(self, value: int | None) -> QColor:
        if value is None:
            return self.colour("unknown")
        if value >= GOOD_SCORE:
            return self.colour("good")
        return self.colour("medium" if value >= FAIR_SCORE else "critical")

    def zone_colour(self, zone: ZoneEntry) -> QColor:
        """Return the admin's colour, or one of ours that stays the same for a name."""
        chosen = QColor(zone.colour)
        if zone.colour.startswith("#") and chosen.isValid():
            return chosen
        hues = self.colours.zones
        return QColor(hues[zlib.crc32(zone.name.encode()) % len(hues)])

    def font(self, face: Face | str = Face.DATA) -> QFont:
        return self.fonts[Face(face)]

    def icon(self, name: str, role: str = "text", size: int = ICON) -> QIcon:
        colour = str(getattr(self.colours, role))
        return self._icons.icon(name, colour, self.colours.secondary, size)

    def pixmap(self, name: str, role: str = "text", size: int = ICON) -> QPixmap:
        application = QGuiApplication.instance()
        scale = application.devicePixelRatio() if isinstance(application, QApplication) else 1.0
        return self._icons.pixmap(name, str(getattr(self.colours, role)), size, scale)

    def paint_band(self, painter: QPainter, rect: QRectF, whole: bool) -> None:
        """The band of what is held; with gaps where some way out is still open."""
        self._bands.paint(painter, rect, self.colour("quarantine"), whole)


def make_theme(choice: ThemeChoice, density: Density = Density.NORMAL) -> Theme:
    """Choose a palette; `system` follows the desktop's colour scheme."""
    dark = choice is ThemeChoice.DARK
    if choice is ThemeChoice.SYSTEM:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return Theme(DARK if dark else LIGHT, density)


def dress(application: QApplication, theme: Theme) -> None:
    """Give the whole application the theme. Nothing slides or fades: no desktop is asked twice."""
    application.setEffectEnabled(Qt.UIEffect.UI_General, False)
    application.setStyle("Fusion")
    application.setPalette(qt_palette(theme.colours))
    application.setFont(theme.font())
    application.setStyleSheet(style_sheet(theme.colours))
