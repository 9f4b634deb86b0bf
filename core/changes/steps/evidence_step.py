"""What the steps of a collection have in common: whose it is, and how one kind is recorded."""

import asyncio
from typing import ClassVar, TypeVar

from core.changes.case_room import Collection, Taking
from core.changes.outcome import Done, Proof
from core.changes.step import Bench, Step
from core.text import RingfenceError

LONG_S = 24 * 3600.0  # a dump or a disk of terabytes; its host's silence is noticed elsewhere
DISKS = "disks"
Wanted = TypeVar("Wanted")


class EvidenceStep(Step, frozen=True):
    """What the steps have in common: which collection it is."""

    deadline_s: ClassVar[float] = LONG_S
    undo_orders: ClassVar[int] = 0

    case: str
    collection: str

    @property
    def which(self) -> Collection:
        return Collection(self.case, self.collection, self.host, self.uuid, self.machine)

    async def verify(self, bench: Bench) -> Done | None:
        """What is closed is neither opened nor added to again."""
        closed = await asyncio.to_thread(bench.cases.sealed, self.which)
        return None if closed is None else Done(already=True)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()


class TakeStep(EvidenceStep, frozen=True):
    """One kind. `taken` says what came of it; its failure is recorded, then told."""

    @property
    def kind_name(self) -> str:
        raise NotImplementedError

    @property
    def missing_name(self) -> str:
        return f"evidence: {self.kind_name}"

    async def verify(self, bench: Bench) -> Done | None:
        found = await asyncio.to_thread(bench.cases.taking, self.which, self.kind_name)
        if found is None or found.failed:
            return await super().verify(bench)
        return Done(proofs_of_taking(bench, found), self._not_had(found), already=True)

    async def apply(self, bench: Bench) -> Done:
        try:
            taking = await self.taken(bench)
        except RingfenceError as error:
            failed = Taking(self.kind_name, (), failed=error.code)
            await asyncio.to_thread(bench.cases.record, self.which, failed)
            raise
        await asyncio.to_thread(bench.cases.record, self.which, taking)
        return Done(proofs_of_taking(bench, taking), self._not_had(taking))

    def _not_had(self, taking: Taking) -> tuple[str, ...]:
        """A log or a TPM that does not exist is told and lacks nothing; a disk does."""
        return (self.missing_name,) if taking.missing and self.kind_name == DISKS else ()

    async def taken(self, bench: Bench) -> Taking:
        raise NotImplementedError


def proofs_of_taking(bench: Bench, taking: Taking) -> tuple[Proof, ...]:
    absent = tuple(bench.proof("evidence.proof.absent", what=what) for what in taking.missing)
    return absent + tuple(
        bench.proof("evidence.proof.item", name=item.name, bytes=item.bytes, sha256=item.sha256)
        for item in taking.items
    )


def answered(wanted: type[Wanted], result: object) -> Wanted:
    if not isinstance(result, wanted):
        raise RingfenceError("answer-of-another-kind", order=wanted.__name__)
    return result
