"""Pictures small enough for a repository: 256 colours, chosen so that nobody sees it."""

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

MOST = 256
_STEP = 8  # colours closer than this look alike


def small(image: QImage) -> QImage:
    """The same picture in a palette of its own most frequent colours."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    counted = Counter(memoryview(plain.constBits()).cast("I"))
    return plain.convertToFormat(
        QImage.Format.Format_Indexed8, _palette(counted), Qt.ImageConversionFlag.ThresholdDither
    )


def _palette(counted: Counter[int]) -> list[int]:
    """One colour a neighbourhood, the most frequent of it, for the most used neighbourhoods."""
    near: dict[tuple[int, int, int], tuple[int, int]] = {}
    for colour, count in counted.most_common():
        place = (colour >> 16 & 255) // _STEP, (colour >> 8 & 255) // _STEP, (colour & 255) // _STEP
        best, total = near.get(place, (colour, 0))
        near[place] = best, total + count
    ranked = sorted(near.values(), key=lambda one: -one[1])
    exact = [colour for colour, _ in counted.most_common(MOST // 4)]
    chosen = dict.fromkeys((*exact, *(colour for colour, _ in ranked)))
    return list(chosen)[:MOST]
