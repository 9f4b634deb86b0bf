"""A machine's boot disk from a template: copied whole, put into the saved configuration.

The old disk is left where it is; the plan names it. Nothing is deleted but a copy of this plan's
own that is not used.
"""

from typing import ClassVar

from core.changes.boot_disk import same_but_disk, with_boot_disk
from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.stored import RestoreStored, before_name
from core.changes.vault import Saved
from core.hosts.protocol import CloneVolume, DropClone, Order, VolumeSeen
from core.text import RingfenceError

CLONE_DEADLINE_S = 4 * 3600.0
DEVICES = frozenset({"", "none"})  # a volume that is a device of its own
FORMATS = DEVICES | {"raw", "qcow2"}


def clone_name(uuid: str) -> str:
    """The vault name of the copy: its path, and its format."""
    return f"{uuid}/clone"


class CloneDisk(Step, frozen=True, tag="clone-disk"):
    """Copy the template to a new volume beside it."""

    required: ClassVar[bool] = True
    deadline_s: ClassVar[float] = CLONE_DEADLINE_S

    pool: str
    volume: str
    plan: str

    async def verify(self, bench: Bench) -> Done | None:
        """What was copied whole was noted; half a copy was not, and is made anew."""
        done = await bench.vault.fetch(clone_name(self.uuid))
        if done is None:
            return None
        return Done((bench.proof("changes.proof.cloned", path=done.stored),), already=True)

    async def apply(self, bench: Bench) -> Done:
        order: Order = CloneVolume(0, self.uuid, self.pool, self.volume, self.plan)
        seen = await bench.order(order, CLONE_DEADLINE_S)
        if not isinstance(seen, VolumeSeen):
            raise RingfenceError("answer-of-another-kind", order="clone-volume")
        if not seen.path:
            raise RingfenceError("volume-missing", pool=self.pool, volume=self.volume)
        if seen.format not in FORMATS:
            raise RingfenceError("template-format", format=seen.format[:40])
        await bench.vault.keep(clone_name(self.uuid), Saved(seen.path, seen.format))
        return Done((bench.proof("changes.proof.cloned", path=seen.path),))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        await bench.order(DropClone(0, self.uuid, self.pool, self.plan))
        return Done((bench.proof("changes.proof.clone-gone"),))


async def rebuilt(bench: Bench, uuid: str, stored: str, disk: str) -> tuple[str, str]:
    """The saved configuration with the copy as its boot disk, and the copy's path."""
    clone = await bench.vault.need(clone_name(uuid))
    kind = "" if clone.live in DEVICES else clone.live
    return with_boot_disk(stored, disk, clone.stored, kind), clone.stored


class RebuildStored(RestoreStored, frozen=True, tag="rebuild-stored"):
    """Write back what `source_plan` sealed, with the copy as the boot disk."""

    disk: str

    async def verify(self, bench: Bench) -> Done | None:
        if await bench.vault.fetch(clone_name(self.uuid)) is None:
            return None
        return await super().verify(bench)

    async def wanted(self, bench: Bench) -> str:
        saved = await bench.vault.need(before_name(self.uuid), self.source_plan)
        return (await rebuilt(bench, self.uuid, saved.stored, self.disk))[0]

    async def same(self, bench: Bench, wanted: str, seen: str) -> bool:
        path = (await bench.vault.need(clone_name(self.uuid))).stored
        return same_but_disk(wanted, seen, self.disk, path)
