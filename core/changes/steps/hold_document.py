"""The hold as its host remembers it: written after the cut, changed only by who saw what stands.

Truth about a hold lies on the host. A station that did not see its last generation changes
nothing there and is told what differs; two that cut at once hold one case.
"""

from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec import structs

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.host_hold import (
    differs,
    disk_proofs,
    forget,
    put_document,
    read_holds,
    sign_release,
    standing,
)
from core.changes.steps.stored import before_name
from core.changes.vault import Saved
from core.hosts.helper.holds import HoldFile
from core.hosts.helper.orders import Door
from core.incidents.documents import (
    DocumentError,
    HoldDocument,
    ReleaseOrder,
    canonical,
    next_generation,
)
from core.incidents.model import How, Mode
from core.text import RingfenceError

JOINED = "joined-case"  # the note that names the case another station began first
_ATTEMPTS = 3


def document_name(uuid: str) -> str:
    """The vault name of the document that stood before."""
    return f"{uuid}/document"


class KeepHold(Step, frozen=True, tag="keep-hold"):
    """Write the hold's document. `expected` is the generation seen when planned; 0: none.

    What a second cut of a held machine does not know is taken from the document that stands:
    how the machine was before, since when it is held and by whom.
    """

    undo_required: ClassVar[bool] = True

    case: str
    mode: Mode
    owner: str
    station: str
    since: datetime
    reason: str
    macs: tuple[str, ...]
    raise_on_release: tuple[str, ...]
    expected: int = 0
    doors: tuple[Door, ...] = ()
    drill: bool = False
    ran: bool = False
    autostart: bool | None = None
    moved: bool = False  # from another of our hosts, where it was cut
    source_plan: str = ""  # whose vault has the state before; "": this plan's

    def orders_in(self, phase: str) -> int:
        return 2 if phase == "apply" or self.expected else 3

    async def verify(self, bench: Bench) -> Done | None:
        found = await self._found(bench)
        if found is None or found.generation <= self.expected or self._beside(found):
            return None
        return self._kept(bench, found, already=True)

    async def apply(self, bench: Bench) -> Done:
        """Another station may write between our look and our word: look again, a few times."""
        for attempt in range(1, _ATTEMPTS + 1):
            found = await self._found(bench)
            if found and found.generation > self.expected and not self._beside(found):
                return self._kept(bench, found, already=True)
            wanted = await self._wanted(bench, found)
            try:
                return self._kept(bench, wanted, await put_document(bench, wanted))
            except RingfenceError as error:
                if error.code != "hold-stale" or attempt == _ATTEMPTS:
                    raise
        raise RingfenceError("hold-stale", host=bench.host)

    async def _found(self, bench: Bench) -> HoldDocument | None:
        """What stands; a first cut may replace what is no station's."""
        seen = await read_holds(bench)
        try:
            return standing(seen, self.uuid)
        except DocumentError:
            if self.expected:
                raise
            return None

    async def _wanted(self, bench: Bench, found: HoldDocument | None) -> HoldDocument:
        if found is None:
            if self.expected:
                raise RingfenceError("hold-gone", machine=self.machine, host=bench.host)
            saved = await bench.vault.need(before_name(self.uuid), self.source_plan)
            return self._first(bench, saved)
        fields = self._beside(found)
        if found.generation != self.expected and fields != ("macs",):
            raise differs(fields or ("generation",), found)
        await bench.vault.keep(document_name(self.uuid), Saved(canonical(found).decode(), ""))
        again = structs.replace(
            found,
            mode=self.mode,
            doors=self.doors,
            macs=_union(found.macs, self.macs),
            raise_on_release=_union(found.raise_on_release, self.raise_on_release),
            reason=self.reason,
            name=self.machine,
            ran=found.ran or self.ran,
        )
        return next_generation(again, self.owner, bench.now())

    def _first(self, bench: Bench, saved: Saved) -> HoldDocument:
        return HoldDocument(
            uuid=self.uuid,
            name=self.machine,
            case=self.case,
            mode=self.mode,
            owner=self.owner,
            station=self.station,
            since=self.since,
            reason=self.reason,
            generation=1,
            macs=self.macs,
            doors=self.doors,
            drill=self.drill,
            ran=self.ran,
            autostart=self.autostart,
            raise_on_release=self.raise_on_release,
            before_stored=saved.stored,
            before_live=saved.live,
            writer=self.owner,
            written=bench.now(),
        )

    def _beside(self, found: HoldDocument) -> tuple[str, ...]:
        """The fields in which a document is not what this cut asks for. Another case is none of
        them when nothing was known of it: who was second joins the first."""
        same = {
            "case": found.case == self.case or not self.expected,
            "mode": found.mode == self.mode,
            "doors": set(found.doors) == set(self.doors),
            "macs": set(self.macs) <= set(found.macs),
        }
        return tuple(name for name, fits in same.items() if not fits)

    def _kept(
        self,
        bench: Bench,
        found: HoldDocument,
        file: HoldFile | None = None,
        already: bool = False,
    ) -> Done:
        joined = found.case != self.case
        proof = bench.proof(
            f"changes.proof.hold-{'joined' if joined else 'kept'}",
            generation=found.generation,
            case=found.case,
            who=found.owner,
        )
        disks = () if file is None else disk_proofs(bench, file)
        return Done((proof, *disks), notes={JOINED: found.case} if joined else {}, already=already)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        """The first cut's document is forgotten, as a release would; a later one's is followed
        by what stood before. What another station holds is not touched, nor what lies below."""
        found = standing(await read_holds(bench), self.uuid)
        before = await bench.vault.fetch(document_name(self.uuid))
        if found is None or (found.case == self.case and found.generation == self.expected):
            return Done((bench.proof("changes.proof.hold-none"),))
        if found.case != self.case or found.generation != self.expected + 1:
            raise differs(("case", "generation"), found)
        if before is not None:
            old = msgspec.json.decode(before.stored, type=HoldDocument)
            again = structs.replace(old, generation=found.generation)
            wanted = next_generation(again, self.owner, bench.now())
            return self._kept(bench, wanted, await put_document(bench, wanted))
        asked = release_order(found, How.RESUME, self.reason, self.owner, self.station, bench.now())
        await sign_release(bench, self.uuid, canonical(asked).decode())
        left = await forget(bench, found)
        return Done((bench.proof("changes.proof.hold-forgotten"), *left))


def release_order(
    held: HoldDocument, how: How, reason: str, who: str, station: str, now: datetime
) -> ReleaseOrder:
    """What is signed to end a hold."""
    return ReleaseOrder(
        uuid=held.uuid,
        case=held.case,
        generation=held.generation,
        how=how,
        reason=reason,
        asked_by=who,
        station=station,
        asked_at=now,
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
