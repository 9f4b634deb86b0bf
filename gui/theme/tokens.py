"""The numbers and colours of the window's language: one 4 px grid, two palettes.

Text and severity colours keep 4.5:1 against every surface they stand on; the severities also
differ in lightness, so that they stay apart without hue. tests/ui/test_theme.py measures both.
"""

from dataclasses import dataclass
from enum import StrEnum

GRID = 4
ICON = 16


class Density(StrEnum):
    """How tall a row is; the admin's choice."""

    COMPACT = "compact"
    NORMAL = "normal"
    COMFORTABLE = "comfortable"


ROW_HEIGHT = {Density.COMPACT: 24, Density.NORMAL: 28, Density.COMFORTABLE: 34}


@dataclass(frozen=True, slots=True)
class Colours:
    """One palette. Every value is "#rrggbb"; alpha is given where it is used."""

    base: str  # the table and the panels' paper
    surface: str  # sidebar, bars, inspector
    raised: str  # floating panels: palette, keys, pop-ups
    hover: str
    selection: str
    hairline: str
    text: str
    secondary: str
    accent: str
    on_accent: str
    critical: str
    high: str
    medium: str
    low: str
    unknown: str
    good: str
    quarantine: str
    danger: str  # a standing red banner's ground
    on_danger: str
    demo: str  # the DEMO banner's ground
    on_demo: str
    zones: tuple[str, ...]


LIGHT = Colours(
    base="#ffffff",
    surface="#f6f7f9",
    raised="#ffffff",
    hover="#f0f3f8",
    selection="#e4edfd",
    hairline="#e1e5ea",
    text="#1b1f24",
    secondary="#56606c",
    accent="#2a5bd0",
    on_accent="#ffffff",
    critical="#8c0827",
    high="#932e00",
    medium="#775602",
    low="#3169a1",
    unknown="#69717b",
    good="#23703f",
    quarantine="#6a2c91",
    danger="#a3122b",
    on_danger="#ffffff",
    demo="#e7ecf6",
    on_demo="#2c3a57",
    zones=(
        "#3b7dd8",
        "#c2822b",
        "#2f9e78",
        "#a35bb0",
        "#c4574e",
        "#6b8e23",
        "#4a92a8",
        "#8d7355",
    ),
)

DARK = Colours(
    base="#14171b",
    surface="#1b1f24",
    raised="#22272e",
    hover="#1f242b",
    selection="#253450",
    hairline="#2c323a",
    text="#e6e9ed",
    secondary="#a0a9b4",
    accent="#84a9ff",
    on_accent="#0f1726",
    critical="#ff6676",
    high="#ffa163",
    medium="#f6d675",
    low="#a5cdf9",
    unknown="#9ba4af",
    good="#6ccb8d",
    quarantine="#cf9bf0",
    danger="#8e1428",
    on_danger="#ffffff",
    demo="#26314a",
    on_demo="#d5e0f7",
    zones=(
        "#5b96e6",
        "#d19a4c",
        "#4bb08d",
        "#b97cc5",
        "#d5756d",
        "#8aa84a",
        "#64aabf",
        "#a88d6e",
    ),
)
