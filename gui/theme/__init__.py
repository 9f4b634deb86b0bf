"""How everything looks: tokens, palette, type, icons and the shapes that carry meaning."""

from gui.theme.fonts import Face
from gui.theme.shapes import paint_score_ring, paint_severity, paint_watched_edge
from gui.theme.theme import Theme, ThemeChoice, dress, make_theme
from gui.theme.tokens import Colours, Density

__all__ = [
    "Colours",
    "Density",
    "Face",
    "Theme",
    "ThemeChoice",
    "dress",
    "make_theme",
    "paint_score_ring",
    "paint_severity",
    "paint_watched_edge",
]
