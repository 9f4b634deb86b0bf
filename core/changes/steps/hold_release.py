"""The end of a hold on its host: ordered before anything is given back, forgotten last.

A host may demand two people: the plan of the first one waits, the machine stays contained, and
the second one signs the same order, word for word, from a station of their own.
"""

from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec import structs

from core.changes.outcome import Done, Proof
from core.changes.step import Bench, Step
from core.changes.steps.hold_document import document_name
from core.changes.steps.host_hold import (
    NEEDS_ANOTHER,
    differs,
    file_of,
    forget,
    is_ordered,
    put_document,
    read_holds,
    sign_release,
    standing,
)
from core.changes.steps.stored import before_name
from core.changes.vault import Saved
from core.hosts.helper.holds import HoldFile, HoldsSeen
from core.incidents.documents import (
    HoldDocument,
    ReleaseOrder,
    canonical,
    next_generation,
    read_hold,
    read_release,
    signers_of,
)
from core.incidents.model import How
from core.text import RingfenceError


class OrderRelease(Step, frozen=True, tag="order-release"):
    """Ask the host to let a machine go. `order`: what lay there when this was planned."""

    required: ClassVar[bool] = True
    apply_orders: ClassVar[int] = 2
    undo_orders: ClassVar[int] = 2

    case: str
    generation: int
    how: How
    reason: str
    asked_by: str
    station: str
    asked_at: datetime
    order: str = ""

    @property
    def text(self) -> str:
        """What is signed."""
        if self.order:
            return self.order
        asked = ReleaseOrder(
            uuid=self.uuid,
            case=self.case,
            generation=self.generation,
            how=self.how,
            reason=self.reason,
            asked_by=self.asked_by,
            station=self.station,
            asked_at=self.asked_at,
        )
        return canonical(asked).decode()

    async def verify(self, bench: Bench) -> Done | None:
        seen = await read_holds(bench)
        file = file_of(seen, self.uuid)
        if file is None:
            return self._gone(bench) if await self._forgotten(bench) else None
        return (
            self._done(bench, len(signers_of(file)), already=True)
            if self._is_ordered(seen, file)
            else None
        )

    async def apply(self, bench: Bench) -> Done:
        seen = await read_holds(bench)
        file = file_of(seen, self.uuid)
        if file is None and await self._forgotten(bench):
            return self._gone(bench)
        if file is None:
            raise RingfenceError("hold-gone", machine=self.machine, host=bench.host)
        self._refuse_another(file)
        if self._is_ordered(seen, file):
            return self._done(bench, len(signers_of(file)), already=True)
        if file.release and (await bench.operator()).public_hex in signers_of(file):
            raise RingfenceError(NEEDS_ANOTHER, host=bench.host)
        await sign_release(bench, self.uuid, self.text)
        return self._done(bench, len(signers_of(file)) + 1)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        """A next generation of the same hold: orders to release the last one are void."""
        found = standing(await read_holds(bench), self.uuid)
        if found is None:
            return self._gone(bench)
        if found.case != self.case:
            raise differs(("case",), found)
        if found.generation == self.generation:
            await put_document(bench, next_generation(found, self.asked_by, bench.now()))
        return Done((bench.proof("changes.proof.release-withdrawn"),))

    async def _forgotten(self, bench: Bench) -> bool:
        """Whether this plan came so far that the host was to forget. Else another released it
        or took its document away, and what was since then must not be overwritten."""
        return await bench.vault.fetch(document_name(self.uuid)) is not None

    def _is_ordered(self, seen: HoldsSeen, file: HoldFile) -> bool:
        return file.release == self.text and is_ordered(seen, file)

    def _refuse_another(self, file: HoldFile) -> None:
        found, order = read_hold(file), read_release(file)
        if (found.case, found.generation) != (self.case, self.generation):
            raise differs(("case", "generation"), found)
        if order is not None and file.release != self.text:
            raise RingfenceError(
                "release-differs", who=order.asked_by, how=order.how.value, reason=order.reason
            )

    def _done(self, bench: Bench, count: int, already: bool = False) -> Done:
        return Done((bench.proof("changes.proof.release-ordered", count=count),), already=already)

    def _gone(self, bench: Bench) -> Done:
        return Done((bench.proof("changes.proof.hold-none"),), already=True)


class FetchBefore(Step, frozen=True, tag="fetch-before"):
    """Seal what the host's document says of the state before, when another station cut first."""

    required: ClassVar[bool] = True
    undo_orders: ClassVar[int] = 0

    case: str

    async def verify(self, bench: Bench) -> Done | None:
        if await bench.vault.fetch(before_name(self.uuid)) is None:
            return None
        return Done((bench.proof("changes.proof.sealed"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        found = self._mine(standing(await read_holds(bench), self.uuid), bench)
        saved = Saved(found.before_stored, found.before_live)
        await bench.vault.keep(before_name(self.uuid), saved)
        return Done((bench.proof("changes.proof.before-fetched", station=found.station),))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()

    def _mine(self, found: HoldDocument | None, bench: Bench) -> HoldDocument:
        if found is None:
            raise RingfenceError("hold-gone", machine=self.machine, host=bench.host)
        if found.case != self.case:
            raise differs(("case",), found)
        return found


class ForgetHold(Step, frozen=True, tag="forget-hold"):
    """Let the host forget the hold: the last thing it is asked for."""

    apply_orders: ClassVar[int] = 2
    undo_orders: ClassVar[int] = 2

    case: str

    async def verify(self, bench: Bench) -> Done | None:
        if file_of(await read_holds(bench), self.uuid) is not None:
            return None
        return Done((bench.proof("changes.proof.hold-forgotten"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        found = standing(await read_holds(bench), self.uuid)
        left: tuple[Proof, ...] = ()
        if found is not None:
            if found.case != self.case:
                raise differs(("case",), found)
            name = document_name(self.uuid)
            await bench.vault.keep(name, Saved(canonical(found).decode(), ""))
            left = await forget(bench, found)
        proof = bench.proof("changes.proof.hold-forgotten")
        return Done((proof, *left), already=found is None)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        """Hold again as it was held; a hold that stands is left alone."""
        kept = await bench.vault.fetch(document_name(self.uuid))
        found = standing(await read_holds(bench), self.uuid)
        if kept is None or found is not None:
            return Done((bench.proof("changes.proof.hold-none"),))
        old = msgspec.json.decode(kept.stored, type=HoldDocument)
        again = structs.replace(old, generation=0)
        wanted = next_generation(again, old.writer, bench.now())
        await put_document(bench, wanted)
        return Done(
            (bench.proof("changes.proof.hold-kept", generation=1, case=old.case, who=old.owner),)
        )
