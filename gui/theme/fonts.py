"""Four faces of the desktop's own type: data, secondary, title, and the one number that matters.

Figures are tabular, so that columns of numbers stand still. Monospace is for labels, MACs, XML
and rules only.
"""

from enum import StrEnum

from PySide6.QtGui import QFont, QFontDatabase


class Face(StrEnum):
    DATA = "data"
    SECONDARY = "secondary"
    STRONG = "strong"
    TITLE = "title"
    NUMBER = "number"
    MONO = "mono"


_PIXELS = {
    Face.DATA: 13,
    Face.SECONDARY: 12,
    Face.STRONG: 13,
    Face.TITLE: 15,
    Face.NUMBER: 26,
    Face.MONO: 12,
}
_WEIGHTS = {
    Face.STRONG: QFont.Weight.DemiBold,
    Face.TITLE: QFont.Weight.DemiBold,
    Face.NUMBER: QFont.Weight.DemiBold,
}
_PREFERRED = ("Inter", "Noto Sans", "Cantarell", "DejaVu Sans")
_HAN = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei")
_MONO = ("JetBrains Mono", "DejaVu Sans Mono", "Noto Sans Mono")


def make_fonts() -> dict[Face, QFont]:
    """Choose from what the desktop has; Han glyphs are Simplified Chinese whatever the locale."""
    present = set(QFontDatabase.families())
    sans = [family for family in (*_PREFERRED, *_HAN) if family in present]
    mono = [family for family in (*_MONO, *_HAN) if family in present]
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    general = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    return {
        face: _font(face, (mono or [fixed]) if face is Face.MONO else (sans or [general]))
        for face in Face
    }


def _font(face: Face, families: list[str]) -> QFont:
    font = QFont(families)
    font.setPixelSize(_PIXELS[face])
    font.setWeight(_WEIGHTS.get(face, QFont.Weight.Normal))
    if face is not Face.MONO:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font
