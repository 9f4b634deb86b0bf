"""How long a held machine was open, written down once it was proved cut again."""

from datetime import datetime
from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step

GAP = "gap-seconds"  # the note


class NoteGap(Step, frozen=True, tag="note-gap"):
    """The last step of holding a machine again. `since` is when it was last seen contained."""

    apply_orders: ClassVar[int] = 0
    undo_orders: ClassVar[int] = 0

    since: datetime
    what: str  # what was found open, in the words of `missing`

    async def apply(self, bench: Bench) -> Done:
        seconds = max(0.0, (bench.now() - self.since).total_seconds())
        proof = bench.proof("changes.proof.gap", seconds=round(seconds, 1), what=self.what)
        return Done((proof,), notes={GAP: f"{seconds:.3f}"})

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()
