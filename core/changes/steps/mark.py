"""Our mark in a machine's metadata: for others to see. It proves nothing (house rule 7)."""

from typing import ClassVar

from core.changes.cards import hold_case
from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.hosts.protocol import SetHoldMark, XmlTexts
from core.text import RingfenceError


class HoldMark(Step, frozen=True, kw_only=True):
    """What both steps need to set the mark and to take it away."""

    order_first: ClassVar[bool] = True
    apply_orders: ClassVar[int] = 2
    undo_orders: ClassVar[int] = 2

    case: str
    mode: str
    since: str
    owner: str
    live: bool  # sides that exist
    stored: bool

    async def _set(self, bench: Bench, case: str, live: bool, stored: bool) -> Done:
        if not live and not stored:
            return Done((bench.proof("changes.proof.with-saved"),))
        order = SetHoldMark(
            number=0,
            uuid=self.uuid,
            case=case,
            mode=self.mode,
            since=self.since,
            owner=self.owner,
            live=live,
            stored=stored,
        )
        await bench.order(order)
        return self._read_back(bench, await bench.read_xml(self.uuid), case, live, stored)

    def _read_back(
        self, bench: Bench, texts: XmlTexts, case: str, live: bool, stored: bool
    ) -> Done:
        seen = [text for text, asked in ((texts.live, live), (texts.stored, stored)) if asked]
        if any(text and hold_case(text) != case for text in seen):
            raise RingfenceError("mark-read-back")
        return Done((bench.proof(f"changes.proof.{'marked' if case else 'unmarked'}", case=case),))


class MarkHeld(HoldMark, frozen=True, tag="mark-held"):
    """Set the mark on every side there is; the stored side goes with the saved configuration."""

    was_set: bool = False

    async def verify(self, bench: Bench) -> Done | None:
        texts = await bench.read_xml(self.uuid)
        sides = [text for text in (texts.live, texts.stored) if text]
        if any(hold_case(text) != self.case for text in sides):
            return None
        return Done((bench.proof("changes.proof.marked", case=self.case),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await self._set(bench, self.case, self.live, self.stored)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.was_set:
            return Done((bench.proof("changes.proof.with-saved"),))
        return await self._set(bench, "", self.live, stored=False)


class Unmark(HoldMark, frozen=True, tag="unmark"):
    """Take the live mark away; the stored one went with the restored configuration."""

    async def verify(self, bench: Bench) -> Done | None:
        if hold_case((await bench.read_xml(self.uuid)).live):
            return None
        return Done((bench.proof("changes.proof.unmarked", case=self.case),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await self._set(bench, "", self.live, stored=False)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._set(bench, self.case, self.live, stored=False)
