"""After a release: the stored configuration equals the saved one, the live one but for the list."""

from typing import ClassVar

from core.changes.boot_disk import same_but_disk
from core.changes.cards import cards_of
from core.changes.live_difference import live_differences, restarted
from core.changes.outcome import Done, Proof
from core.changes.redact import redact
from core.changes.step import Bench, Step
from core.changes.steps.rebuild import rebuilt
from core.changes.steps.stored import before_name

DIFFERS = "stored: differs"


class ProveRelease(Step, frozen=True, tag="prove-release"):
    """Read both sides again and name what is not as it was before `source_plan`."""

    undo_orders: ClassVar[int] = 0

    source_plan: str
    disk: str = ""  # the boot disk that comes from a template
    anew: bool = False  # its running side is another, and is not compared

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" else 1 if self.anew else 2

    async def apply(self, bench: Bench) -> Done:
        saved = await bench.vault.need(before_name(self.uuid), self.source_plan)
        texts = await bench.read_xml(self.uuid, secure=True)
        missing = () if await self._same(bench, saved.stored, texts.stored) else (DIFFERS,)
        proofs = () if missing else (bench.proof("changes.proof.stored-equal"),)
        if not saved.live or not texts.live or restarted(saved.live, texts.live):
            return Done((*proofs, bench.proof("changes.proof.live-not-compared")), missing)
        live = redact((await bench.read_xml(self.uuid)).live)  # as the saved one was
        differences = live_differences(saved.live, live)
        return Done((*proofs, *self._live_proofs(bench, live, differences)), missing + differences)

    async def _same(self, bench: Bench, saved: str, seen: str) -> bool:
        if not self.disk:
            return seen == saved
        wanted, path = await rebuilt(bench, self.uuid, saved, self.disk)
        return same_but_disk(wanted, seen, self.disk, path)

    def _live_proofs(
        self, bench: Bench, live: str, differences: tuple[str, ...]
    ) -> tuple[Proof, ...]:
        same = () if differences else (bench.proof("changes.proof.live-equal"),)
        up = [card.mac for card in cards_of(live) if card.link_up]
        return (*same, *(bench.proof("changes.proof.link-up-live", mac=mac) for mac in up))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()
