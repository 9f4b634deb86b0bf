"""Evidence of a host where nothing of ours runs: written into a storage pool, or read out of one.

What cannot be had at all is a step too: it says why, before the yes, in the result, and in the
manifest.
"""

from functools import partial
from typing import ClassVar

from core.changes.case_room import Item, Taking
from core.changes.step import Bench
from core.changes.steps.evidence_step import DISKS, TakeStep, answered
from core.changes.steps.evidence_taking import MOST_FILES, MOST_WORDS
from core.changes.steps.evidence_volumes import (
    POOL_S,
    carried,
    checked,
    cleared,
    in_pool,
    pool_ready,
    written_to_pool,
)
from core.hosts.evidence_pool import (
    MEMORY_NAME,
    BackupToPool,
    DumpToPool,
    FindVolumes,
    VolumeFile,
    VolumesSeen,
    copy_name,
)
from core.text import RingfenceError, Text

READ_AS_IT_LIES = "read as it lies"


class NotHad(TakeStep, frozen=True, tag="not-had"):
    """What was asked for and cannot be had here."""

    apply_orders: ClassVar[int] = 0

    kind: str
    why: Text

    @property
    def kind_name(self) -> str:
        return self.kind

    @property
    def reason(self) -> str:
        return self.why.code.rpartition(".")[2]

    def describe(self) -> Text:
        return Text(f"evidence.not-had.{self.reason}", {**self.why.params, "kind": self.kind})

    async def taken(self, bench: Bench) -> Taking:
        return Taking(self.kind, (), (f"cannot be had here: {self.reason}",))

    def _not_had(self, taking: Taking) -> tuple[str, ...]:
        """It was said before the yes."""
        return ()


class TakeMemoryByPool(TakeStep, frozen=True, tag="take-memory-by-pool"):
    """Once begun it cannot be cancelled."""

    apply_orders: ClassVar[int] = 2

    pool: str
    bytes: int

    @property
    def kind_name(self) -> str:
        return "memory"

    def describe(self) -> Text:
        return Text("evidence.step.memory-by-pool", {"pool": self.pool})

    async def taken(self, bench: Bench) -> Taking:
        await pool_ready(bench, self, self.pool, "memory", self.bytes)
        order = DumpToPool(0, self.pool, self.collection, self.uuid)
        said = await written_to_pool(bench, self, order)
        look = partial(in_pool, bench, self, self.pool, MEMORY_NAME)
        item = await carried(bench, self, "memory", look, said.method, said.flags)
        deleted_at = await cleared(bench, self, self.pool, MEMORY_NAME)
        return Taking("memory", (item,), deleted_at=deleted_at)


class TakeDisksByPool(TakeStep, frozen=True, tag="take-disks-by-pool"):
    """Of a running machine: all disks as they are at one moment."""

    pool: str
    disks: tuple[str, ...]
    bytes: int
    left_out: tuple[str, ...] = ()  # encrypted ones: their copies would be plain

    @property
    def kind_name(self) -> str:
        return DISKS

    def describe(self) -> Text:
        disks = ", ".join(self.disks)
        return Text("evidence.step.live-disks-by-pool", {"disks": disks, "pool": self.pool})

    def orders_in(self, phase: str) -> int:
        return 1 + len(self.disks) if phase == "apply" else 0

    async def taken(self, bench: Bench) -> Taking:
        await pool_ready(bench, self, self.pool, "disk-", self.bytes)
        order = BackupToPool(0, self.pool, self.collection, self.uuid, self.disks)
        said = await written_to_pool(bench, self, order)
        items: list[Item] = []
        deleted_at = ""
        for disk in self.disks:
            name = copy_name(disk)
            look = partial(in_pool, bench, self, self.pool, name)
            items.append(await carried(bench, self, DISKS, look, said.method, said.flags))
            deleted_at = await cleared(bench, self, self.pool, name)
        left_out = tuple(f"{name}: encrypted" for name in self.left_out)
        return Taking(DISKS, tuple(items), left_out, deleted_at)


class TakeVolumes(TakeStep, frozen=True, tag="take-volumes"):
    """The disks of a machine that does not run, as they lie; encrypted ones stay encrypted."""

    apply_orders: ClassVar[int] = 0

    disks: tuple[str, ...]

    @property
    def kind_name(self) -> str:
        return DISKS

    def describe(self) -> Text:
        return Text("evidence.step.volumes", {"disks": ", ".join(self.disks)})

    async def taken(self, bench: Bench) -> Taking:
        seen = await self._seen(bench)
        items: list[Item] = []
        empty: list[str] = []
        for file in seen.files:
            if not file.bytes:
                empty.append(f"{file.name}: empty")
                continue
            method = f"{file.path}, {READ_AS_IT_LIES}"
            look = partial(self._again, bench, file.name)
            items.append(await carried(bench, self, DISKS, look, method, ()))
        missing = tuple(words[:MOST_WORDS] for words in seen.missing[:MOST_FILES])
        return Taking(DISKS, tuple(items), (*missing, *empty))

    async def _seen(self, bench: Bench) -> VolumesSeen:
        seen = answered(VolumesSeen, await bench.look(FindVolumes(0, self.uuid), POOL_S))
        names = {checked(file).name for file in seen.files}
        if len(names) < len(seen.files) or len(names) > MOST_FILES:
            raise RingfenceError("answer-of-another-kind", order="find-volumes")
        return seen

    async def _again(self, bench: Bench, name: str) -> VolumeFile:
        files = (await self._seen(bench)).files
        found = next((each for each in files if each.name == name), None)
        if found is None:
            raise RingfenceError("evidence-changed", name=name)
        return found
