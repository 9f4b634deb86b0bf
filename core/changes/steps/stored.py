"""The stored configuration: sealed before the first change, written back byte for byte."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.vault import Saved
from core.hosts.protocol import DefineXml
from core.text import RingfenceError


def before_name(uuid: str) -> str:
    """The vault name of a machine's before-state."""
    return f"{uuid}/before"


def _held_name(uuid: str) -> str:
    return f"{uuid}/held"


Same = Callable[[Bench, str, str], Awaitable[bool]]


async def _equal(bench: Bench, wanted: str, seen: str) -> bool:
    return wanted == seen


async def write_back(bench: Bench, uuid: str, stored: str, same: Same = _equal) -> Done:
    """Make the stored configuration equal to `stored`, byte for byte, and read it back; `same`
    says when it is.

    Raises:
        RingfenceError: the host stored something else.
    """
    seen = (await bench.read_xml(uuid, secure=True)).stored
    if not stored or await same(bench, stored, seen):
        return Done((bench.proof("changes.proof.stored-equal"),), already=True)
    await bench.order(DefineXml(number=0, uuid=uuid, xml=stored))
    if not await same(bench, stored, (await bench.read_xml(uuid, secure=True)).stored):
        raise RingfenceError("stored-read-back")
    return Done((bench.proof("changes.proof.stored-equal", bytes=len(stored.encode())),))


class SaveBefore(Step, frozen=True, tag="save-before"):
    """Seal the configuration as it is. Its undo writes it back: it runs last in a roll-back."""

    required: ClassVar[bool] = True
    apply_orders: ClassVar[int] = 1
    undo_orders: ClassVar[int] = 3

    seen_live: str  # the running XML of the plan's preview, without passwords
    run: int = 0  # the number libvirt gave this run of the machine; 0: it was off

    async def verify(self, bench: Bench) -> Done | None:
        if await bench.vault.fetch(before_name(self.uuid)) is None:
            return None
        return Done((bench.proof("changes.proof.sealed"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        texts = await bench.read_xml(self.uuid, secure=True)
        await bench.vault.keep(before_name(self.uuid), Saved(texts.stored, self.seen_live))
        return Done((bench.proof("changes.proof.sealed"),))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        saved = await bench.vault.fetch(before_name(self.uuid))
        if saved is None:  # no later stage began, so nothing stored was changed
            return Done((bench.proof("changes.proof.nothing-stored"),))
        return await write_back(bench, self.uuid, saved.stored)


class RestoreStored(Step, frozen=True, tag="restore-stored"):
    """Write back what `source_plan` sealed; the held configuration is sealed first, for undo."""

    required: ClassVar[bool] = True
    apply_orders: ClassVar[int] = 4
    undo_orders: ClassVar[int] = 3

    source_plan: str

    async def wanted(self, bench: Bench) -> str:
        return (await bench.vault.need(before_name(self.uuid), self.source_plan)).stored

    async def same(self, bench: Bench, wanted: str, seen: str) -> bool:
        return wanted == seen

    async def verify(self, bench: Bench) -> Done | None:
        wanted = await self.wanted(bench)
        seen = (await bench.read_xml(self.uuid, secure=True)).stored
        if not await self.same(bench, wanted, seen):
            return None
        return Done((bench.proof("changes.proof.stored-equal"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        wanted = await self.wanted(bench)
        held = await bench.read_xml(self.uuid, secure=True)
        await bench.vault.keep(_held_name(self.uuid), Saved(held.stored, ""))
        return await write_back(bench, self.uuid, wanted, self.same)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        held = await bench.vault.fetch(_held_name(self.uuid))
        if held is None:  # the change never began
            return Done((bench.proof("changes.proof.nothing-stored"),))
        return await write_back(bench, self.uuid, held.stored)
