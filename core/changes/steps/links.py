"""Links of network cards: cut them, and give back those that were up.

One side a step, one kind of change a call. The order itself reads back; a host that answers
"up" to a cut is a failure, whatever its call returned.
"""

from enum import StrEnum
from typing import ClassVar

from core.changes.cards import link_of
from core.changes.outcome import Done, Proof
from core.changes.step import Bench, Step
from core.hosts.protocol import LinkReadBack, SetLinkState
from core.text import RingfenceError, Text


class Side(StrEnum):
    LIVE = "live"  # the running machine
    STORED = "stored"  # its configuration for the next start


async def set_link(bench: Bench, uuid: str, mac: str, side: Side, up: bool) -> Done:
    """Set one card's link on one side and prove it by the read-back."""
    order = SetLinkState(
        number=0, uuid=uuid, mac=mac, up=up, live=side is Side.LIVE, stored=side is Side.STORED
    )
    result = await bench.order(order)
    if not isinstance(result, LinkReadBack):
        raise RingfenceError("answer-of-another-kind", order="set-link-state")
    seen = result.live_up if side is Side.LIVE else result.stored_up
    if seen is None:
        return await _without_read_back(bench, uuid, mac, side, up)
    if seen is not up:
        raise RingfenceError("link-read-back", mac=mac, side=side.value)
    return Done((_link_proof(bench, mac, side, up),))


async def _without_read_back(bench: Bench, uuid: str, mac: str, side: Side, up: bool) -> Done:
    """The worker could not change that side: it is not there, or its driver cannot."""
    found = await link_already(bench, uuid, mac, side, up)
    if found is None:
        raise RingfenceError("no-support", mac=mac, side=side.value)
    return found


async def link_already(bench: Bench, uuid: str, mac: str, side: Side, up: bool) -> Done | None:
    """Return the proof when the card's link reads so on that side, or the side is not there."""
    texts = await bench.read_xml(uuid)
    xml = texts.live if side is Side.LIVE else texts.stored
    if not xml:
        return Done((bench.proof(f"changes.proof.no-{side}-side", mac=mac),), already=True)
    if link_of(xml, mac) is not up:
        return None
    return Done((_link_proof(bench, mac, side, up),), already=True)


def _link_proof(bench: Bench, mac: str, side: Side, up: bool) -> Proof:
    return bench.proof(f"changes.proof.link-{'up' if up else 'down'}-{side}", mac=mac)


class CutLink(Step, frozen=True, tag="cut-link"):
    """Take one card's link down. Undone live by raising it if it was up; the stored side comes
    back with the saved configuration."""

    order_first: ClassVar[bool] = True
    undo_orders: ClassVar[int] = 2

    mac: str
    side: Side
    was_up: bool

    @property
    def cuts(self) -> bool:
        return self.side is Side.LIVE

    def describe(self) -> Text:
        return Text(f"changes.step.{self.tag}-{self.side}", super().describe().params)

    def orders_in(self, phase: str) -> int:
        back = self.undo_orders if self.side is Side.LIVE and self.was_up else 0
        return self.apply_orders if phase == "apply" else back

    async def verify(self, bench: Bench) -> Done | None:
        return await link_already(bench, self.uuid, self.mac, self.side, up=False)

    async def apply(self, bench: Bench) -> Done:
        done = await set_link(bench, self.uuid, self.mac, self.side, up=False)
        return Done(done.proofs, already=not self.was_up)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.side is Side.STORED:
            return Done((bench.proof("changes.proof.with-saved"),))
        if not self.was_up:
            return Done((bench.proof("changes.proof.was-down", mac=self.mac),))
        return await raise_if_there(bench, self.uuid, self.mac)


class RestoreLink(Step, frozen=True, tag="restore-link"):
    """Raise a card's live link that the quarantine took down."""

    mac: str

    async def verify(self, bench: Bench) -> Done | None:
        return await link_already(bench, self.uuid, self.mac, Side.LIVE, up=True)

    async def apply(self, bench: Bench) -> Done:
        return await set_link(bench, self.uuid, self.mac, Side.LIVE, up=True)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await set_link(bench, self.uuid, self.mac, Side.LIVE, up=False)


async def raise_if_there(bench: Bench, uuid: str, mac: str) -> Done:
    """Raise a live link unless the card or the running machine has gone meanwhile."""
    live = (await bench.read_xml(uuid)).live
    up = link_of(live, mac)
    if up is None:
        return Done((bench.proof("changes.proof.no-live-side", mac=mac),))
    if up:
        return Done((_link_proof(bench, mac, Side.LIVE, up=True),), already=True)
    return await set_link(bench, uuid, mac, Side.LIVE, up=True)
