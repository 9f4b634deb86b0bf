"""A quiet colour for a zone that has none: always the same one for the same name."""

from zlib import crc32

# Muted hues of equal weight, readable as a chip's edge on light and dark surfaces.
PALETTE = (
    "#4a7fb4",
    "#b4654a",
    "#3f8f7f",
    "#7b5ea7",
    "#8a8f45",
    "#a75e86",
    "#5c7a99",
    "#997a3d",
    "#4f8a5b",
    "#8a6f5c",
)


def default_colour(name: str) -> str:
    return PALETTE[crc32(name.encode("utf-8", "replace")) % len(PALETTE)]
