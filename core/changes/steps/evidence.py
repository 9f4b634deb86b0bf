"""Evidence, one step a kind: taken on the host, hashed there, sealed, sent, hashed here, deleted.

A kind that has a record is done; one that has none is taken anew, whatever a run before left of
it. A host's copy goes when the sealed one lies here; nothing taken is ever removed by an undo.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import ClassVar, TypeVar

from msgspec import structs

from core.changes.case_room import Collection, Item, Part, Taking
from core.changes.hands import Result
from core.changes.outcome import Done, Proof
from core.changes.step import Bench, Step
from core.hosts.evidence import (
    AbortJob,
    BackupDisks,
    DumpMemory,
    EvidenceOrder,
    JobSeen,
    Material,
    ReadJob,
    ReadMaterial,
    Taken,
)
from core.hosts.helper.evidence import (
    BeginEvidence,
    CollectEvidence,
    DropEvidence,
    EvidenceFetched,
    EvidenceGone,
    EvidenceLying,
    EvidenceRoom,
    EvidenceTaken,
    FetchEvidence,
    ReadEvidence,
    TakenFile,
)
from core.text import RingfenceError, Text

LONG_S = 24 * 3600.0  # a dump or a disk of terabytes; its host's silence is noticed elsewhere
MATERIAL_S = 60.0
LOOK_EVERY_S = 1.0
UNFINISHED = ".partial"
DISKS = "disks"
# How many files each kind gives where everything is there.
PLAIN_FILES = {"network": 1, "packets": 1, "nvram": 1, "tpm": 1, "rules": 1, "logs": 3, "host": 1}
FORMATS = {"elf": "ELF core", "qcow2": "qcow2", "img": "image as it lay", "pcap": "pcap"}
MOST_FILES, MOST_WORDS = 256, 1000
_NAME = re.compile(r"[a-z][a-z0-9.-]{1,60}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_Answer = TypeVar("_Answer")
Far = Callable[[], Awaitable[tuple[int, int]]]


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


class OpenCollection(EvidenceStep, frozen=True, tag="open-collection"):
    """Make the place on both sides. `on_host`: ringfence-host works there."""

    required: ClassVar[bool] = True

    on_host: bool
    needed: int  # bytes, as far as anybody can tell

    def orders_in(self, phase: str) -> int:
        return int(self.on_host)

    async def apply(self, bench: Bench) -> Done:
        certificate = await asyncio.to_thread(bench.cases.begin, self.which)
        here = await asyncio.to_thread(bench.cases.free_bytes)
        proofs = [bench.proof("evidence.proof.room-here", bytes=here)]
        short = here < self.needed
        if self.on_host:
            order = BeginEvidence(0, self.uuid, self.case, self.collection, certificate)
            room = _as(EvidenceRoom, await bench.order(order, MATERIAL_S))
            proofs.append(bench.proof("evidence.proof.room", bytes=room.free, seal=room.openssl))
            short = short or room.free < self.needed
        return Done(tuple(proofs), ("evidence: room",) if short else ())

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done((await _dropped(bench, self),)) if self.on_host else Done()


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
        return Done(_proofs(bench, found), self._not_had(found), already=True)

    async def apply(self, bench: Bench) -> Done:
        try:
            taking = await self.taken(bench)
        except RingfenceError as error:
            failed = Taking(self.kind_name, (), failed=error.code)
            await asyncio.to_thread(bench.cases.record, self.which, failed)
            raise
        await asyncio.to_thread(bench.cases.record, self.which, taking)
        return Done(_proofs(bench, taking), self._not_had(taking))

    def _not_had(self, taking: Taking) -> tuple[str, ...]:
        """A log or a TPM that does not exist is told and lacks nothing; a disk does."""
        return (self.missing_name,) if taking.missing and self.kind_name == DISKS else ()

    async def taken(self, bench: Bench) -> Taking:
        raise NotImplementedError


class TakeFromHost(TakeStep, frozen=True, tag="take-from-host"):
    """Kinds that ringfence-host gathers itself, and disks of a machine that does not run."""

    kind: str
    collect: str  # what the host calls it
    files: int = 1  # how many are expected

    @property
    def kind_name(self) -> str:
        return self.kind

    def describe(self) -> Text:
        return Text(f"evidence.step.{self.kind}")

    def orders_in(self, phase: str) -> int:
        return 1 + 2 * self.files if phase == "apply" else 0

    async def taken(self, bench: Bench) -> Taking:
        return await _gathered(bench, self, self.kind, self.collect)


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
        await _ready(bench, self, "memory", self.bytes)
        order = DumpMemory(0, self.uuid, self.case, self.collection)
        written = await _written(bench, self, order)
        return await _gathered(bench, self, "memory", "memory", written.flags)


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
        await _ready(bench, self, "disk-", self.bytes)
        order = BackupDisks(0, self.uuid, self.case, self.collection, self.disks)
        written = await _written(bench, self, order)
        taking = await _gathered(bench, self, DISKS, DISKS, written.flags)
        left_out = tuple(f"{name}: encrypted" for name in self.left_out)
        return structs.replace(taking, missing=(*taking.missing, *left_out))


class KeepBefore(TakeStep, frozen=True, tag="keep-before"):
    """What the host knew of the machine's network when the evidence was planned."""

    apply_orders: ClassVar[int] = 0

    at: str
    text: str

    @property
    def kind_name(self) -> str:
        return "network-before"

    def describe(self) -> Text:
        return Text("evidence.step.network-before", {"at": self.at})

    async def taken(self, bench: Bench) -> Taking:
        if not self.text:
            return Taking(self.kind_name, (), ("network-before: empty",))
        found = Material(
            "network-before.txt", self.text.encode("utf-8", "replace"), "read-volatile"
        )
        item = await _kept_here(bench, self, self.kind_name, found, self.at)
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
                found = _as(Material, await bench.order(order, MATERIAL_S))
            except RingfenceError as error:
                if error.code not in HAS_NONE:
                    raise
                missing.append(f"{what}: {error.code}")
                continue
            if not found.content:
                missing.append(f"{what}: empty")
                continue
            items.append(await _kept_here(bench, self, self.kind, found, started_at))
        return Taking(self.kind, tuple(items), tuple(missing))


# libvirt's way of saying that there is nothing of the kind: no picture, no snapshots.
HAS_NONE = frozenset({"no-support", "wrong-state", "version-too-old", "libvirt-other"})


class SealCollection(EvidenceStep, frozen=True, tag="seal-collection"):
    """Remove what is left on the host, write the manifest, sign it, make all of it read-only."""

    on_host: bool
    kinds: tuple[str, ...]
    operator: str
    reason: str

    def orders_in(self, phase: str) -> int:
        return int(self.on_host) if phase == "apply" else 0

    async def verify(self, bench: Bench) -> Done | None:
        found = await asyncio.to_thread(bench.cases.sealed, self.which)
        if found is None:
            return None
        return Done((bench.proof("evidence.proof.sealed", sha256=found.manifest_sha256),))

    async def apply(self, bench: Bench) -> Done:
        proofs = [await _dropped(bench, self)] if self.on_host else []
        about = (self.which, self.kinds, self.operator, self.reason, bench.now())
        sealed = await asyncio.to_thread(bench.cases.seal, *about)
        proofs.append(bench.proof("evidence.proof.sealed", sha256=sealed.manifest_sha256))
        if sealed.signed_by:
            proofs.append(bench.proof("evidence.proof.signed", key=sealed.signed_by))
        if sealed.stamped:
            proofs.append(bench.proof("evidence.proof.stamped"))
        return Done(tuple(proofs), () if sealed.signed_by else ("evidence: unsigned",))


# --- how one kind goes --------------------------------------------------------------------------


async def _ready(bench: Bench, step: TakeStep, prefix: str, needed: int) -> None:
    """Wait for a dump an earlier run began, remove what it left, and see that there is room."""
    while _as(JobSeen, await bench.look(ReadJob(0, step.uuid))).running:
        await asyncio.sleep(LOOK_EVERY_S)
    lying = await _lying(bench, step)
    for file in lying.files:
        if file.name.startswith(prefix):
            await bench.look(DropEvidence(0, step.uuid, step.case, step.collection, file.name))
    await asyncio.to_thread(bench.cases.forget, step.which, prefix)
    free = (await _lying(bench, step)).free
    if free < needed:
        raise RingfenceError("evidence-no-room", needed=needed, free=free)


async def _written(bench: Bench, step: TakeStep, order: EvidenceOrder) -> Taken:
    """Have libvirt write, telling how far it is; what a failure leaves is removed."""

    async def far() -> tuple[int, int]:
        if bench.stopped and isinstance(order, BackupDisks):
            await bench.look(AbortJob(0, step.uuid))
        job = _as(JobSeen, await bench.look(ReadJob(0, step.uuid)))
        return job.done, job.total

    try:
        return _as(Taken, await _watched(bench, bench.order(order, LONG_S), far))
    except RingfenceError:
        await _leftovers_gone(bench, step)
        raise


async def _leftovers_gone(bench: Bench, step: TakeStep) -> None:
    """Best effort: the next run and the sealing remove them too."""
    try:
        for file in (await _lying(bench, step)).files:
            if file.name.endswith(UNFINISHED):
                await bench.look(DropEvidence(0, step.uuid, step.case, step.collection, file.name))
    except RingfenceError:
        return


async def _gathered(
    bench: Bench, step: TakeStep, kind: str, collect: str, flags: tuple[str, ...] = ()
) -> Taking:
    order = CollectEvidence(0, step.uuid, step.case, step.collection, collect)
    taken = _checked(_as(EvidenceTaken, await bench.order(order, LONG_S)))
    items: list[Item] = []
    deleted_at = ""
    for file in taken.files:
        items.append(await _fetched(bench, step, kind, file, flags))
        drop = DropEvidence(0, step.uuid, step.case, step.collection, file.name)
        deleted_at = _as(EvidenceGone, await bench.order(drop)).at
    return Taking(kind, tuple(items), taken.missing, deleted_at)


def _checked(taken: EvidenceTaken) -> EvidenceTaken:
    """What a host says goes into names of files and into a signed record: within bounds only."""
    names = [file.name for file in taken.files]
    hashes = all(_SHA256.fullmatch(file.sha256) for file in taken.files)
    if len(names) > MOST_FILES or len(set(names)) < len(names) or not hashes:
        raise RingfenceError("answer-of-another-kind", order="collect-evidence")
    if not all(_NAME.fullmatch(name) for name in names):
        raise RingfenceError("answer-of-another-kind", order="collect-evidence")
    files = tuple(structs.replace(file, method=file.method[:MOST_WORDS]) for file in taken.files)
    return EvidenceTaken(files, tuple(words[:MOST_WORDS] for words in taken.missing[:MOST_FILES]))


async def _fetched(
    bench: Bench, step: TakeStep, kind: str, file: TakenFile, flags: tuple[str, ...]
) -> Item:
    """Bring one file here, sealed; the host's two readings of it must agree.

    Raises:
        RingfenceError: evidence-changed: they do not.
    """
    await asyncio.to_thread(bench.cases.forget, step.which, file.name)
    folder = await asyncio.to_thread(bench.cases.folder, step.which)

    async def far() -> tuple[int, int]:
        sizes = (part.stat().st_size for part in folder.glob(f"{file.name}.*"))
        return min(sum(sizes), file.bytes), file.bytes

    where = (step.uuid, step.case, step.collection)
    order = FetchEvidence(0, *where, file.name, str(folder))
    got = _as(EvidenceFetched, await _watched(bench, bench.order(order, LONG_S), far))
    if (got.plain_sha256, got.plain_bytes) != (file.sha256, file.bytes):
        raise RingfenceError("evidence-changed", name=file.name)
    return Item(
        kind=kind,
        name=file.name,
        bytes=file.bytes,
        sha256=file.sha256,
        method=file.method,
        flags=flags,
        format=_format(file.name),
        started_at=file.started_at,
        ended_at=file.ended_at,
        parts=tuple(Part(part.name, part.bytes, part.sha256) for part in got.parts),
    )


async def _kept_here(
    bench: Bench, step: TakeStep, kind: str, found: Material, started_at: str
) -> Item:
    put = (step.which, found.name, found.content)
    part, sha256 = await asyncio.to_thread(bench.cases.put_here, *put)
    return Item(
        kind=kind,
        name=found.name,
        bytes=len(found.content),
        sha256=sha256,
        method=found.method,
        flags=(),
        format=_format(found.name),
        started_at=started_at,
        ended_at=bench.now().isoformat(),
        parts=(part,),
    )


async def _watched(bench: Bench, work: Awaitable[Result], far: Far) -> Result:
    """Wait for a long order, telling every second how far it is. A look that fails is left out:
    the order itself will say what is wrong."""
    task = asyncio.ensure_future(work)
    began = time.monotonic()
    try:
        while not (await asyncio.wait((task,), timeout=LOOK_EVERY_S))[0]:
            try:
                done, total = await far()
            except (RingfenceError, OSError):
                continue
            seconds = max(time.monotonic() - began, 0.001)
            bench.tell(done, total, done / seconds)
        return task.result()
    finally:
        task.cancel()


async def _lying(bench: Bench, step: EvidenceStep) -> EvidenceLying:
    order = ReadEvidence(0, step.uuid, step.case, step.collection)
    return _as(EvidenceLying, await bench.look(order))


async def _dropped(bench: Bench, step: EvidenceStep) -> Proof:
    order = DropEvidence(0, step.uuid, step.case, step.collection)
    gone = _as(EvidenceGone, await bench.order(order, MATERIAL_S))
    return bench.proof("evidence.proof.deleted", at=gone.at)


def _proofs(bench: Bench, taking: Taking) -> tuple[Proof, ...]:
    absent = tuple(bench.proof("evidence.proof.absent", what=what) for what in taking.missing)
    return absent + tuple(
        bench.proof("evidence.proof.item", name=item.name, bytes=item.bytes, sha256=item.sha256)
        for item in taking.items
    )


def _format(name: str) -> str:
    ending = name.rpartition(".")[2]
    return FORMATS.get(ending, ending)


def _as(wanted: type[_Answer], result: object) -> _Answer:
    if not isinstance(result, wanted):
        raise RingfenceError("answer-of-another-kind", order=wanted.__name__)
    return result
