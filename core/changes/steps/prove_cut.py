"""After the cut: read all cards again, cut what appeared meanwhile, name what is still open."""

from typing import ClassVar

from core.changes.cards import Card, cards_of
from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.links import Side, raise_if_there, set_link
from core.facts import MachineState, NicKind
from core.facts.devices import DEAF_TO_LINK, STOPPED_BY_PAUSE
from core.hosts.protocol import Applied, ReadState, XmlTexts
from core.text import RingfenceError

NEW_CARDS = "new-cards"  # the note that names cards nobody planned
RUNNING = "processors: running"
GONE = "gone"  # "MAC: gone": planned, and not there any more


def cuttable(card: Card) -> bool:
    """Whether taking the link down stops this card's frames; an unknown kind does not count."""
    return card.kind in frozenset(NicKind) - DEAF_TO_LINK and bool(card.mac)


class ProveCut(Step, frozen=True, tag="prove-cut"):
    """Compare with the planned cards and prove each one; `open_ways` no link can close.

    `left_up`: live links that stay up, because a barrier with a door stands before them.
    `paused`: the machine must not run any more.
    """

    undo_orders: ClassVar[int] = 0

    planned: tuple[str, ...]
    open_ways: tuple[str, ...] = ()
    left_up: tuple[str, ...] = ()
    paused: bool = False

    def orders_in(self, phase: str) -> int:
        if phase == "undo":
            return 0
        return 2 if self.paused else 1

    async def apply(self, bench: Bench) -> Done:
        texts = await bench.read_xml(self.uuid)
        new = self._new_cards(texts)
        for mac in new:
            await self._cut(bench, texts, mac)
        if new:
            texts = await bench.read_xml(self.uuid)
        stopped = self.paused and await self._stopped(bench)
        running = (RUNNING,) if self.paused and not stopped else ()
        left = frozenset(self.left_up)
        cards = (*open_cards(texts, left, stopped), *self._gone(texts))
        proofs = tuple(
            bench.proof("changes.proof.card-down", mac=card.mac)
            for card in cards_of(texts.live or texts.stored)
            if cuttable(card) and not card.link_up
        )
        notes = {NEW_CARDS: " ".join(new)} if new else {}
        return Done(proofs, (*cards, *running, *self.open_ways), notes)

    async def _stopped(self, bench: Bench) -> bool:
        """Whether its processors stand still, or there is no process any more."""
        seen = await bench.order(ReadState(0, self.uuid))
        if not isinstance(seen, Applied):
            raise RingfenceError("answer-of-another-kind", order="read-state")
        return seen.live is False or seen.value == MachineState.PAUSED

    def _gone(self, texts: XmlTexts) -> tuple[str, ...]:
        """Planned cards that are on neither side any more: what was cut is not what was planned."""
        seen = {card.mac for card in (*cards_of(texts.live), *cards_of(texts.stored))}
        return tuple(f"{mac}: {GONE}" for mac in self.planned if mac not in seen)

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


def open_cards(
    texts: XmlTexts, left_up: frozenset[str] = frozenset(), stopped: bool = False
) -> tuple[str, ...]:
    """Name every card that is not cut: "MAC: live", "MAC: stored" or "MAC: <kind>". The frames of
    some kinds stop with the processors; a passed-through device goes on by itself."""
    found: dict[str, None] = {}
    for side, xml in ((Side.LIVE, texts.live), (Side.STORED, texts.stored)):
        for card in cards_of(xml):
            if not cuttable(card):
                if not (stopped and card.kind in STOPPED_BY_PAUSE):
                    found[f"{card.mac}: {card.kind or 'unknown'}"] = None
            elif card.link_up and not (side is Side.LIVE and card.mac in left_up):
                found[f"{card.mac}: {side}"] = None
    return tuple(found)
