"""Evidence, one step a kind: taken on the host, hashed there, sealed, sent, hashed here, deleted.

A kind that has a record is done; one that has none is taken anew, whatever a run before left of
it. A host's copy goes when the sealed one lies here; nothing taken is ever removed by an undo.
"""

import asyncio
from typing import ClassVar

from msgspec import structs

from core.changes.case_room import Item, Taking
from core.changes.outcome import Done, Proof
from core.changes.step import Bench
from core.changes.steps.evidence_step import DISKS, EvidenceStep, TakeStep, answered
from core.changes.steps.evidence_taking import (
    MATERIAL_S,
    dropped,
    gathered,
    kept_here,
    made_ready,
    written_by_libvirt,
)
from core.changes.steps.evidence_volumes import cleared_proof
from core.hosts.evidence import (
    BackupDisks,
    DumpMemory,
    Material,
    ReadMaterial,
)
from core.hosts.helper.evidence import (
    BeginEvidence,
    EvidenceRoom,
)
from core.text import RingfenceError, Text

SAVED = "saved"  # the memory of a machine that libvirt put to sleep
# How many files each kind gives where everything is there.
PLAIN_FILES = {"network": 1, "packets": 1, "nvram": 1, "tpm": 1, "rules": 1, "logs": 3, "host": 1}


class OpenCollection(EvidenceStep, frozen=True, tag="open-collection"):
    """Make the place on both sides. `on_host`: ringfence-host works there."""

    required: ClassVar[bool] = True

    on_host: bool
    needed: int  # bytes, as far as anybody can tell
    pool: str = ""  # where libvirt writes, on a host where nothing of ours runs

    def orders_in(self, phase: str) -> int:
        return int(self.on_host or (phase == "undo" and bool(self.pool)))

    async def apply(self, bench: Bench) -> Done:
        certificate = await asyncio.to_thread(bench.cases.begin, self.which)
        here = await asyncio.to_thread(bench.cases.free_bytes)
        proofs = [bench.proof("evidence.proof.room-here", bytes=here)]
        short = here < self.needed
        if self.on_host:
            order = BeginEvidence(0, self.uuid, self.case, self.collection, certificate)
            room = answered(EvidenceRoom, await bench.order(order, MATERIAL_S))
            proofs.append(bench.proof("evidence.proof.room", bytes=room.free, seal=room.openssl))
            short = short or room.free < self.needed
        return Done(tuple(proofs), ("evidence: room",) if short else ())

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.pool:
            return Done((await cleared_proof(bench, self, self.pool),))
        return Done((await dropped(bench, self),)) if self.on_host else Done()


class TakeFromHost(TakeStep, frozen=True, tag="take-from-host"):
    """Kinds that ringfence-host gathers itself, and disks of a machine that does not run."""

    kind: str
    collect: str  # what the host calls it
    files: int = 1  # how many are expected

    @property
    def kind_name(self) -> str:
        return self.kind

    def describe(self) -> Text:
        saved = self.collect == SAVED
        return Text("evidence.step.saved" if saved else f"evidence.step.{self.kind}")

    def orders_in(self, phase: str) -> int:
        return 1 + 2 * self.files if phase == "apply" else 0

    async def taken(self, bench: Bench) -> Taking:
        return await gathered(bench, self, self.kind, self.collect)


class TakeMemory(TakeStep, frozen=True, tag="take-memory"):
    """By libvirt, beside the page cache. Once begun it cannot be cancelled."""

    apply_orders: ClassVar[int] = 4

    bytes: int

    @property
    def kind_name(self) -> str:
        return "memory"

    def describe(self) -> Text:
        return Text("evidence.step.memory")

    async def taken(self, bench: Bench) -> Taking:
        await made_ready(bench, self, "memory", self.bytes)
        order = DumpMemory(0, self.uuid, self.case, self.collection)
        written = await written_by_libvirt(bench, self, order)
        return await gathered(bench, self, "memory", "memory", written.flags)


class TakeDisks(TakeStep, frozen=True, tag="take-disks"):
    """Of a running machine: all disks as they are at one moment."""

    disks: tuple[str, ...]
    bytes: int
    left_out: tuple[str, ...] = ()  # encrypted ones: their copies would be plain

    @property
    def kind_name(self) -> str:
        return DISKS

    def describe(self) -> Text:
        return Text("evidence.step.live-disks", {"disks": ", ".join(self.disks)})

    def orders_in(self, phase: str) -> int:
        return 2 + 2 * len(self.disks) if phase == "apply" else 0

    async def taken(self, bench: Bench) -> Taking:
        await made_ready(bench, self, "disk-", self.bytes)
        order = BackupDisks(0, self.uuid, self.case, self.collection, self.disks)
        written = await written_by_libvirt(bench, self, order)
        taking = await gathered(bench, self, DISKS, DISKS, written.flags)
        left_out = tuple(f"{name}: encrypted" for name in self.left_out)
        return structs.replace(taking, missing=(*taking.missing, *left_out))


class KeepBefore(TakeStep, frozen=True, tag="keep-before"):
    """What the host knew of the machine's network, or which rules it had, before the cut."""

    apply_orders: ClassVar[int] = 0

    at: str
    text: str
    kind: str = "network"  # or "rules"

    @property
    def kind_name(self) -> str:
        return f"{self.kind}-before"

    def describe(self) -> Text:
        return Text(f"evidence.step.{self.kind_name}", {"at": self.at})

    async def taken(self, bench: Bench) -> Taking:
        if not self.text:
            return Taking(self.kind_name, (), (f"{self.kind_name}: empty",))
        found = Material(
            f"{self.kind_name}.txt", self.text.encode("utf-8", "replace"), "read-volatile"
        )
        item = await kept_here(bench, self, self.kind_name, found, self.at)
        return Taking(self.kind_name, (item,))


class TakeFromLibvirt(TakeStep, frozen=True, tag="take-from-libvirt"):
    """What libvirt tells: it is encrypted here, before it touches the disk."""

    kind: str
    materials: tuple[str, ...]

    @property
    def kind_name(self) -> str:
        return self.kind

    def describe(self) -> Text:
        return Text(f"evidence.step.{self.kind}")

    def orders_in(self, phase: str) -> int:
        return len(self.materials) if phase == "apply" else 0

    async def taken(self, bench: Bench) -> Taking:
        items: list[Item] = []
        missing: list[str] = []
        for what in self.materials:
            await asyncio.to_thread(bench.cases.forget, self.which, what.partition(".")[0])
            started_at = bench.now().isoformat()
            try:
                order = ReadMaterial(0, self.uuid, what)
                found = answered(Material, await bench.order(order, MATERIAL_S))
            except RingfenceError as error:
                if error.code not in HAS_NONE:
                    raise
                missing.append(f"{what}: {error.code}")
                continue
            if not found.content:
                missing.append(f"{what}: empty")
                continue
            items.append(await kept_here(bench, self, self.kind, found, started_at))
        return Taking(self.kind, tuple(items), tuple(missing))


# libvirt's way of saying that there is nothing of the kind: no picture, no snapshots.
HAS_NONE = frozenset({"no-support", "wrong-state", "version-too-old", "libvirt-other"})


class SealCollection(EvidenceStep, frozen=True, tag="seal-collection"):
    """Remove what is left on the host, write the manifest, sign it, make all of it read-only."""

    on_host: bool
    kinds: tuple[str, ...]
    operator: str
    reason: str
    pool: str = ""

    def orders_in(self, phase: str) -> int:
        return int(self.on_host or bool(self.pool)) if phase == "apply" else 0

    async def verify(self, bench: Bench) -> Done | None:
        found = await asyncio.to_thread(bench.cases.sealed, self.which)
        if found is None:
            return None
        return Done((bench.proof("evidence.proof.sealed", sha256=found.manifest_sha256),))

    async def apply(self, bench: Bench) -> Done:
        proofs, left = await self._host_cleared(bench)
        about = (self.which, self.kinds, self.operator, self.reason, bench.now())
        sealed = await asyncio.to_thread(bench.cases.seal, *about)
        proofs.append(bench.proof("evidence.proof.sealed", sha256=sealed.manifest_sha256))
        if sealed.signed_by:
            proofs.append(bench.proof("evidence.proof.signed", key=sealed.signed_by))
        if sealed.stamped:
            proofs.append(bench.proof("evidence.proof.stamped"))
        unsigned = () if sealed.signed_by else ("evidence: unsigned",)
        return Done(tuple(proofs), (*left, *unsigned))

    async def _host_cleared(self, bench: Bench) -> tuple[list[Proof], tuple[str, ...]]:
        """A pool that is no more must not keep what was taken from being sealed."""
        if not self.pool:
            return ([await dropped(bench, self)] if self.on_host else []), ()
        try:
            return [await cleared_proof(bench, self, self.pool)], ()
        except RingfenceError as error:
            if error.code not in ("evidence-no-pool", "evidence-left"):
                raise
            return [], ("evidence: left",)
