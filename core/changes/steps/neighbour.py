"""The cut seen from elsewhere: a host of ours that heard the machine before hears it no more.

A neighbour that cannot be asked changes nothing: silence that nobody listened to is no proof, and
no fault of the cut.
"""

from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.hosts.helper.observing import FramesHeard, ListenFor
from core.text import RingfenceError

HEARD = "heard"  # the side in "MAC: heard" of what is missing
LISTEN_S = 2.0
_ANSWER_S = 10.0


class ProveFromNeighbour(Step, frozen=True, tag="prove-from-neighbour"):
    """`host` is the neighbour, `suspect` the machine's own host. `before`: frames it heard then."""

    undo_orders: ClassVar[int] = 0

    suspect: str
    macs: tuple[str, ...]
    before: int

    async def apply(self, bench: Bench) -> Done:
        order = ListenFor(0, self.macs, LISTEN_S)
        try:
            heard = await bench.order(order, deadline_s=LISTEN_S + _ANSWER_S)
        except RingfenceError:
            return Done()
        if not isinstance(heard, FramesHeard):
            raise RingfenceError("answer-of-another-kind", order="listen")
        loud = tuple(dict.fromkeys(frames.mac for frames in heard.frames if frames.count))
        if loud:
            return Done((), tuple(f"{mac}: {HEARD}" for mac in loud))
        if heard.lost:
            return Done()
        seconds = round(heard.seconds, 1)
        proof = bench.proof("changes.proof.neighbour", seconds=seconds, before=self.before)
        return Done((proof,))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()
