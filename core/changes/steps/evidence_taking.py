"""How one kind goes: written, hashed there, sealed, sent, hashed here, deleted there."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

from msgspec import structs

from core.changes.case_room import FILE_NAME, Item, Part, Taking
from core.changes.hands import Result
from core.changes.outcome import Proof
from core.changes.step import Bench
from core.changes.steps.evidence_step import LONG_S, EvidenceStep, TakeStep, answered
from core.hosts.evidence import (
    AbortJob,
    BackupDisks,
    EvidenceOrder,
    JobSeen,
    Material,
    ReadJob,
    Taken,
)
from core.hosts.evidence_pool import BackupToPool, PoolEffect
from core.hosts.helper.evidence import (
    CollectEvidence,
    DropEvidence,
    EvidenceFetched,
    EvidenceGone,
    EvidenceLying,
    EvidenceTaken,
    FetchEvidence,
    ReadEvidence,
    TakenFile,
)
from core.text import RingfenceError

MATERIAL_S = 60.0
LOOK_EVERY_S = 1.0
UNFINISHED = ".partial"
FORMATS = {
    "elf": "ELF core",
    "qcow2": "qcow2",
    "img": "image as it lay",
    "pcap": "pcap",
    "save": "managed save of libvirt",
}
LYING = frozenset({"stopped-disks", "saved"})  # read where they lie: nothing to delete there
MOST_FILES, MOST_WORDS = 256, 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")
Far = Callable[[], Awaitable[tuple[int, int]]]


async def made_ready(bench: Bench, step: TakeStep, prefix: str, needed: int) -> None:
    """Wait for a dump an earlier run began, remove what it left, and see that there is room."""
    await job_over(bench, step)
    lying = await _lying(bench, step)
    for file in lying.files:
        if file.name.startswith(prefix):
            await bench.look(DropEvidence(0, step.uuid, step.case, step.collection, file.name))
    await asyncio.to_thread(bench.cases.forget, step.which, prefix)
    free = (await _lying(bench, step)).free
    if free < needed:
        raise RingfenceError("evidence-no-room", needed=needed, free=free)


async def job_over(bench: Bench, step: TakeStep) -> None:
    """Raises RingfenceError: busy-lock: somebody does not want to wait any longer."""
    while answered(JobSeen, await bench.look(ReadJob(0, step.uuid))).running:
        if bench.stopped:
            raise RingfenceError("busy-lock", host=bench.host)
        await asyncio.sleep(LOOK_EVERY_S)


async def written_by_libvirt(bench: Bench, step: TakeStep, order: EvidenceOrder) -> Taken:
    """Have libvirt write; what a failure leaves is removed."""
    try:
        return await written(bench, step, order)
    except RingfenceError:
        await _leftovers_gone(bench, step)
        raise


async def written(bench: Bench, step: TakeStep, order: EvidenceOrder | PoolEffect) -> Taken:
    """Have libvirt write, telling how far it is."""

    async def far() -> tuple[int, int]:
        if bench.stopped and isinstance(order, BackupDisks | BackupToPool):
            await bench.look(AbortJob(0, step.uuid))
        job = answered(JobSeen, await bench.look(ReadJob(0, step.uuid)))
        return job.done, job.total

    return answered(Taken, await _watched(bench, bench.order(order, LONG_S), far))


async def _leftovers_gone(bench: Bench, step: TakeStep) -> None:
    """Best effort: the next run and the sealing remove them too."""
    try:
        for file in (await _lying(bench, step)).files:
            if file.name.endswith(UNFINISHED):
                await bench.look(DropEvidence(0, step.uuid, step.case, step.collection, file.name))
    except RingfenceError:
        return


async def gathered(
    bench: Bench, step: TakeStep, kind: str, collect: str, flags: tuple[str, ...] = ()
) -> Taking:
    order = CollectEvidence(0, step.uuid, step.case, step.collection, collect)
    taken = _checked(answered(EvidenceTaken, await bench.order(order, LONG_S)))
    items: list[Item] = []
    deleted_at = ""
    for file in taken.files:
        items.append(await _fetched(bench, step, kind, file, flags))
        drop = DropEvidence(0, step.uuid, step.case, step.collection, file.name)
        gone = answered(EvidenceGone, await bench.order(drop))
        deleted_at = "" if collect in LYING else gone.at
    return Taking(kind, tuple(items), taken.missing, deleted_at)


def _checked(taken: EvidenceTaken) -> EvidenceTaken:
    """What a host says goes into names of files and into a signed record: within bounds only."""
    names = [file.name for file in taken.files]
    hashes = all(_SHA256.fullmatch(file.sha256) for file in taken.files)
    if len(names) > MOST_FILES or len(set(names)) < len(names) or not hashes:
        raise RingfenceError("answer-of-another-kind", order="collect-evidence")
    if not all(FILE_NAME.fullmatch(name) for name in names):
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
    got = answered(EvidenceFetched, await _watched(bench, bench.order(order, LONG_S), far))
    if (got.plain_sha256, got.plain_bytes) != (file.sha256, file.bytes):
        raise RingfenceError("evidence-changed", name=file.name)
    return Item(
        kind=kind,
        name=file.name,
        bytes=file.bytes,
        sha256=file.sha256,
        method=file.method,
        flags=flags,
        format=format_of(file.name),
        started_at=file.started_at,
        ended_at=file.ended_at,
        parts=tuple(Part(part.name, part.bytes, part.sha256) for part in got.parts),
    )


async def kept_here(
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
        format=format_of(found.name),
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
    return answered(EvidenceLying, await bench.look(order))


async def dropped(bench: Bench, step: EvidenceStep) -> Proof:
    order = DropEvidence(0, step.uuid, step.case, step.collection)
    gone = answered(EvidenceGone, await bench.order(order, MATERIAL_S))
    return bench.proof("evidence.proof.deleted", at=gone.at)


def format_of(name: str) -> str:
    ending = name.rpartition(".")[2]
    return FORMATS.get(ending, ending)
