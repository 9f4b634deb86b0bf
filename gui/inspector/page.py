"""A long page laid out piece by piece: what is seen first at once, the rest while nobody waits."""

from collections.abc import Sequence
from itertools import islice

from gui.inspector.fact_layout import Row, lay_out, page_height
from gui.inspector.facts import Section
from gui.theme import Theme

AT_ONCE = 24  # rows: what a small screen shows; a large one gets the next piece a moment later
PIECE = 30


class Page:
    """The rows of some sections at one width."""

    def __init__(self, sections: Sequence[Section], theme: Theme, width: int) -> None:
        self._coming = lay_out(sections, theme, width)
        self.rows: list[Row] = []
        self.whole = False
        self.go_on(AT_ONCE)

    @property
    def height(self) -> int:
        return page_height(self.rows)

    def go_on(self, most: int = PIECE) -> None:
        """Lay out some more."""
        more = list(islice(self._coming, most))
        self.rows += more
        self.whole = len(more) < most

    def finish(self) -> None:
        while not self.whole:
            self.go_on()
