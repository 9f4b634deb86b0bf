"""The thirty-day line of a row: asked for once, and again when the score differs."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QPointF, QRectF

from core.fleet.model import Key, MachineView

Days = Sequence[tuple[date, int]]
Lines = Callable[[Key], Days]
SPAN_DAYS = 30
BEST = 100


class Sparks:
    """Remembers what the history said of each machine; less than two days are no line."""

    def __init__(self, lines: Lines | None) -> None:
        self._lines = lines
        self._kept: dict[Key, tuple[int | None, Days]] = {}

    def days(self, view: MachineView) -> Days:
        if self._lines is None or view.score.value is None:
            return ()
        kept = self._kept.get(view.key)
        if kept is None or kept[0] != view.score.value:
            found = self._lines(view.key)
            kept = self._kept[view.key] = (view.score.value, found if len(found) > 1 else ())
        return kept[1]


def spark_points(days: Days, box: QRectF) -> list[QPointF]:
    """Today stands at the right edge; the scale is the same for every machine."""
    last = days[-1][0]
    return [
        QPointF(
            box.right() - box.width() * min(1.0, (last - day).days / (SPAN_DAYS - 1)),
            box.bottom() - box.height() * score / BEST,
        )
        for day, score in days
    ]
