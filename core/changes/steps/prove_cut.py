"""After the cut: read all cards again, cut what appeared meanwhile, name what is still open."""

from typing import ClassVar

from core.changes.cards import Card, cards_of
from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.links import Side, raise_if_there, set_link
from core.facts import NicKind
from core.facts.devices import DEAF_TO_LINK
from core.hosts.protocol import XmlTexts
from core.text import RingfenceError

NEW_CARDS = "new-cards"  # the note that names cards nobody planned


def cuttable(card: Card) -> bool:
    """Whether taking the link down stops this card's frames; an unknown kind does not count."""
    return card.kind in frozenset(NicKind) - DEAF_TO_LINK and bool(card.mac)


class ProveCut(Step, frozen=True, tag="prove-cut"):
    """Compare with the planned cards and prove each one; `open_ways` no link can close."""

    apply_orders: ClassVar[int] = 1
    undo_orders: ClassVar[int] = 0

    planned: tuple[str, ...]
    open_ways: tuple[str, ...] = ()

    async def apply(self, bench: Bench) -> Done:
        texts = await bench.read_xml(self.uuid)
        new = self._new_cards(texts)
        for mac in new:
            await self._cut(bench, texts, mac)
        if new:
            texts = await bench.read_xml(self.uuid)
        missing = (*open_cards(texts), *self.open_ways)
        proofs = tuple(
            bench.proof("changes.proof.card-down", mac=card.mac)
            for card in cards_of(texts.live or texts.stored)
            if cuttable(card) and not card.link_up
        )
        return Done(proofs, missing, {NEW_CARDS: " ".join(new)} if new else {})

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        proofs = [
            proof
            for mac in notes.get(NEW_CARDS, "").split()
            for proof in (await raise_if_there(bench, self.uuid, mac)).proofs
        ]
        return Done(tuple(proofs))

    def _new_cards(self, texts: XmlTexts) -> tuple[str, ...]:
        seen = (*cards_of(texts.live), *cards_of(texts.stored))
        return tuple(
            dict.fromkeys(
                card.mac
                for card in seen
                if cuttable(card) and card.link_up and card.mac not in self.planned
            )
        )

    async def _cut(self, bench: Bench, texts: XmlTexts, mac: str) -> None:
        """Cut a card nobody planned; what the host refuses is found by the reading after it."""
        for side, xml in ((Side.LIVE, texts.live), (Side.STORED, texts.stored)):
            if any(card.mac == mac and card.link_up for card in cards_of(xml)):
                try:
                    await set_link(bench, self.uuid, mac, side, up=False)
                except RingfenceError:
                    continue


def open_cards(texts: XmlTexts) -> tuple[str, ...]:
    """Name every card that is not cut: "MAC: live", "MAC: stored" or "MAC: <kind>"."""
    found: dict[str, None] = {}
    for side, xml in ((Side.LIVE, texts.live), (Side.STORED, texts.stored)):
        for card in cards_of(xml):
            if not cuttable(card):
                found[f"{card.mac}: {card.kind or 'unknown'}"] = None
            elif card.link_up:
                found[f"{card.mac}: {side}"] = None
    return tuple(found)
