"""How one file goes that only libvirt reaches: read in pieces, hashed and encrypted here.

It crosses inside libvirt's own connection, which is TLS or SSH, and is not encrypted to the case
key before it leaves; no hash of it is taken on its host. Each item says so.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import islice

from core.changes.case_room import FILE_NAME, Item, Stream
from core.changes.hands import Result
from core.changes.outcome import Proof
from core.changes.step import Bench
from core.changes.steps.evidence_step import EvidenceStep, TakeStep, answered
from core.changes.steps.evidence_taking import MOST_WORDS, format_of, job_over, written
from core.hosts.evidence import JobSeen, ReadJob, Taken
from core.hosts.evidence_pool import (
    MAX_PIECE_BYTES,
    DropFromPool,
    Piece,
    PoolEffect,
    PoolGone,
    PoolSeenAnew,
    ReadPiece,
    ReadPool,
    VolumeFile,
)
from core.text import RingfenceError

POOL_S = 120.0  # a pool of many volumes is looked through
PIECE_S = 300.0  # two mebibytes over a very slow line
PIECES_AHEAD = 4
TELL_EVERY_S = 1.0
BY_STATION = "crossed in libvirt's session; hashed and encrypted by the station, not by the host"
Look = Callable[[], Awaitable[VolumeFile]]


async def pool_ready(bench: Bench, step: TakeStep, pool: str, prefix: str, needed: int) -> None:
    """Wait for a job an earlier run began, remove what it left, and see that there is room."""
    await job_over(bench, step)
    for file in (await looked(bench, step, pool)).files:
        if file.name.startswith(prefix):
            order = DropFromPool(0, pool, step.collection, file.name)
            answered(PoolGone, await bench.look(order, POOL_S))
    await asyncio.to_thread(bench.cases.forget, step.which, prefix)
    free = (await looked(bench, step, pool)).available
    if free < needed:
        raise RingfenceError("evidence-no-room-in-pool", needed=needed, free=free, pool=pool)


async def written_to_pool(bench: Bench, step: TakeStep, order: PoolEffect) -> Taken:
    """Have libvirt write there. What a failure leaves goes at once: it would fill the pool of
    other machines."""
    try:
        return await written(bench, step, order)
    except RingfenceError:
        with suppress(RingfenceError):
            if not answered(JobSeen, await bench.look(ReadJob(0, step.uuid))).running:
                gone = DropFromPool(0, order.pool, step.collection)
                await bench.look(gone, POOL_S)
        raise


async def looked(bench: Bench, step: EvidenceStep, pool: str) -> PoolSeenAnew:
    order = ReadPool(0, pool, step.collection)
    return answered(PoolSeenAnew, await bench.look(order, POOL_S))


async def in_pool(bench: Bench, step: TakeStep, pool: str, name: str) -> VolumeFile:
    """One file that libvirt wrote there for this collection.

    Raises:
        RingfenceError: evidence-gone: it is not there.
    """
    files = (await looked(bench, step, pool)).files
    found = next((each for each in files if each.name == name), None)
    if found is None:
        raise RingfenceError("evidence-gone", host=step.host)
    return checked(found)


async def cleared(bench: Bench, step: EvidenceStep, pool: str, name: str = "") -> str:
    """Delete one file there, or all of the collection; when that was, by our clock."""
    order = DropFromPool(0, pool, step.collection, name)
    answered(PoolGone, await bench.order(order, POOL_S))
    return bench.now().isoformat()


async def cleared_proof(bench: Bench, step: EvidenceStep, pool: str) -> Proof:
    at = await cleared(bench, step, pool)
    return bench.proof("evidence.proof.pool-cleared", pool=pool, at=at)


async def carried(
    bench: Bench, step: TakeStep, kind: str, look: Look, method: str, flags: tuple[str, ...]
) -> Item:
    """Bring one file here. It must not change meanwhile: nobody hashes it on its host.

    Raises:
        RingfenceError: evidence-changed: it did.
    """
    file = checked(await look())
    await asyncio.to_thread(bench.cases.forget, step.which, file.name)
    began = bench.now().isoformat()
    stream = await asyncio.to_thread(bench.cases.stream, step.which, file.name)
    try:
        await _poured(bench, file, stream)
        parts, size, sha256 = await asyncio.to_thread(stream.close)
    finally:
        await asyncio.to_thread(stream.abandon)
    if await look() != file or size != file.bytes:
        raise RingfenceError("evidence-changed", name=file.name)
    return Item(
        kind=kind,
        name=file.name,
        bytes=size,
        sha256=sha256,
        method=f"{method}, virStorageVolDownload"[:MOST_WORDS],
        flags=(*flags, BY_STATION),
        format=format_of(file.name),
        started_at=began,
        ended_at=bench.now().isoformat(),
        parts=parts,
    )


async def _poured(bench: Bench, file: VolumeFile, stream: Stream) -> None:
    """While one piece is sealed the next ones are on their way."""
    began = told = time.monotonic()
    offsets = iter(range(0, file.bytes, MAX_PIECE_BYTES))
    coming = deque(_asked(bench, file, at) for at in islice(offsets, PIECES_AHEAD))
    done = 0
    try:
        while coming:
            piece = answered(Piece, await coming[0])
            coming.popleft()
            coming.extend(_asked(bench, file, at) for at in islice(offsets, 1))
            if piece.bytes != _length(file, done) or not _sound(piece):
                raise RingfenceError("evidence-changed", name=file.name)
            for run in piece.runs:
                await asyncio.to_thread(stream.feed, run)
            done += piece.bytes
            if bench.stopped:
                raise RingfenceError("evidence-stopped", name=file.name)
            if time.monotonic() - told > TELL_EVERY_S:
                told = time.monotonic()
                bench.tell(done, file.bytes, done / (told - began))
    finally:
        for each in coming:
            each.cancel()
        await asyncio.gather(*coming, return_exceptions=True)


def _length(file: VolumeFile, offset: int) -> int:
    return min(MAX_PIECE_BYTES, file.bytes - offset)


def _asked(bench: Bench, file: VolumeFile, offset: int) -> "asyncio.Task[Result]":
    order = ReadPiece(0, file.pool, file.volume, offset, _length(file, offset))
    return asyncio.ensure_future(_looked(bench, order))


async def _looked(bench: Bench, order: ReadPiece) -> Result:
    return await bench.look(order, PIECE_S)


def _sound(piece: Piece) -> bool:
    """A number of zeros that is none could make too many bytes look like enough."""
    return all(run > 0 for run in piece.runs if isinstance(run, int))


def checked(file: VolumeFile) -> VolumeFile:
    """What a worker says goes into a name of ours and into a signed record."""
    if not FILE_NAME.fullmatch(file.name) or len(file.path) > MOST_WORDS or file.bytes < 0:
        raise RingfenceError("answer-of-another-kind", order="find-volumes")
    return file
