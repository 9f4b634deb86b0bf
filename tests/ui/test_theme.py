"""Both palettes can be read, and severities stay apart without hue."""

import math
from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from core.posture.model import Severity
from gui.fleet.brush import STALE_OPACITY
from gui.theme import Face, Theme, ThemeChoice, make_theme
from gui.theme.shapes import band_pieces, severity_path
from gui.theme.tokens import DARK, LIGHT, ROW_HEIGHT, Colours, Density

PALETTES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
INKS = ("text", "secondary", "accent", "critical", "high", "medium", "low", "unknown", "good")
GROUNDS = ("base", "surface", "raised")
SEVERITIES = ("critical", "high", "medium", "low", "unknown")


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else math.pow((part + 0.055) / 1.055, 2.4)

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lightness(colour: QColor) -> float:
    return 116.0 * math.pow(luminance(colour), 1 / 3) - 16.0


def over(ink: QColor, ground: QColor, share: float) -> QColor:
    """Return the colour one sees when ink covers the ground by a share."""

    def mixed(one: float, other: float) -> float:
        return one * share + other * (1 - share)

    return QColor.fromRgbF(
        mixed(ink.redF(), ground.redF()),
        mixed(ink.greenF(), ground.greenF()),
        mixed(ink.blueF(), ground.blueF()),
    )


def colour(colours: Colours, role: str) -> QColor:
    return QColor(str(getattr(colours, role)))


@PALETTES
def test_every_ink_can_be_read_on_every_ground(colours: Colours) -> None:
    for ink in INKS:
        for ground in GROUNDS:
            ratio = contrast(colour(colours, ink), colour(colours, ground))
            assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.2f}"


@PALETTES
def test_text_can_be_read_where_rows_are_marked(colours: Colours) -> None:
    text, base = colour(colours, "text"), colour(colours, "base")
    stripe = over(colour(colours, "quarantine"), base, 64 / 255)
    for ground in (colour(colours, "selection"), colour(colours, "hover"), stripe):
        assert contrast(text, ground) >= 4.5
        assert contrast(colour(colours, "secondary"), ground) >= 4.5 or ground is stripe
    assert contrast(over(text, base, STALE_OPACITY), base) >= 4.5


@PALETTES
def test_banners_can_be_read(colours: Colours) -> None:
    for role in ("danger", "demo"):
        assert contrast(colour(colours, f"on_{role}"), colour(colours, role)) >= 4.5
    assert contrast(colour(colours, "on_accent"), colour(colours, "accent")) >= 4.5


@PALETTES
def test_severities_differ_in_lightness(colours: Colours) -> None:
    for one, other in combinations(SEVERITIES, 2):
        apart = abs(lightness(colour(colours, one)) - lightness(colour(colours, other)))
        assert apart >= 3, f"{one} and {other}: {apart:.1f}"


def test_severities_have_shapes_of_their_own(qapp: QApplication) -> None:
    box = QRectF(0, 0, 12, 12)
    paths = [severity_path(box, severity) for severity in (Severity.CRITICAL, Severity.HIGH)]
    paths.append(severity_path(box, Severity.LOW))
    assert paths[0] != paths[1] != paths[2] != paths[0]


def test_a_partial_quarantine_breaks_the_band() -> None:
    row = QRectF(0, 0, 500, 28)
    assert band_pieces(row, whole=True) == [row]
    pieces = band_pieces(row, whole=False)
    assert len(pieces) > 2
    assert all(left.right() < right.left() for left, right in pairwise(pieces))


def test_density_chooses_the_row_height(qapp: QApplication) -> None:
    heights = [make_theme(ThemeChoice.LIGHT, density).row_height for density in Density]
    assert heights == [24, 28, 34] == list(ROW_HEIGHT.values())


def test_figures_are_tabular(theme: Theme) -> None:
    for face in (Face.DATA, Face.STRONG, Face.NUMBER):
        assert theme.font(face).isFeatureSet(theme.font(face).Tag("tnum"))


def test_icons_take_the_colour_of_their_role(theme: Theme) -> None:
    picture = theme.pixmap("square", "critical", 16).toImage()
    colours = {picture.pixelColor(x, y).rgb() for x in range(16) for y in range(16)}
    assert theme.colour("critical").rgb() in colours
