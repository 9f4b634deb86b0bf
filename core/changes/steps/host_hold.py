"""What steps share that work on a hold's document: look, write, ask for a release, forget."""

from collections.abc import Iterator

from core.changes.outcome import Proof
from core.changes.step import Bench
from core.hosts.helper.holds import (
    AskRelease,
    ClearHold,
    HoldFile,
    HoldsSeen,
    ReadHolds,
    Released,
    WriteHold,
)
from core.hosts.protocol import Order
from core.incidents.documents import (
    HoldDocument,
    read_hold,
    signed_hold,
    signed_release,
    signers_of,
)
from core.text import RingfenceError

NEEDS_ANOTHER = "second-person-needed"
_LONGEST = 300


async def read_holds(bench: Bench, order: Order | None = None) -> HoldsSeen:
    """Give an order about holds, by default a look, and take what lies there afterwards."""
    result = await bench.order(order or ReadHolds(0))
    if not isinstance(result, HoldsSeen):
        raise RingfenceError("answer-of-another-kind", order="holds")
    return result


def file_of(seen: HoldsSeen, uuid: str) -> HoldFile | None:
    return next((file for file in seen.holds if file.uuid == uuid), None)


def standing(seen: HoldsSeen, uuid: str) -> HoldDocument | None:
    """The document of a machine that lies there; None when there is none.

    Raises:
        RingfenceError: hold-document: what lies there is not a station's.
    """
    file = file_of(seen, uuid)
    return None if file is None else read_hold(file)


def differs(fields: tuple[str, ...], theirs: HoldDocument) -> RingfenceError:
    """Say what stands there instead, by whom and since when."""
    return RingfenceError(
        "hold-differs",
        fields=", ".join(fields),
        who=theirs.writer,
        when=theirs.written.isoformat(timespec="seconds"),
        case=theirs.case,
        generation=theirs.generation,
    )


async def put_document(bench: Bench, document: HoldDocument) -> HoldFile:
    """Write the next generation and read it back, with what the host does for its disks.

    Raises:
        RingfenceError: hold-stale: another generation stands; hold-read-back.
    """
    text, signature = signed_hold(document, await bench.operator())
    order = WriteHold(0, document.uuid, text, signature, document.generation - 1)
    seen = await read_holds(bench, order)
    file = file_of(seen, document.uuid)
    if file is None or read_hold(file) != document:
        raise RingfenceError("hold-read-back")
    return file


async def sign_release(bench: Bench, uuid: str, order: str) -> None:
    """Lay a release order down, or sign the one that lies there.

    Raises:
        RingfenceError: second-person-needed: the host waits for another operator's signature.
    """
    ask = AskRelease(0, uuid, order, signed_release(order, await bench.operator()))
    seen = await read_holds(bench, ask)
    file = file_of(seen, uuid)
    if file is None or file.release != order:
        raise RingfenceError("hold-read-back")
    if not is_ordered(seen, file):
        raise RingfenceError(NEEDS_ANOTHER, host=bench.host)


def is_ordered(seen: HoldsSeen, file: HoldFile) -> bool:
    """Whether as many people signed the release as the host demands."""
    return len(signers_of(file)) >= (2 if seen.two_people else 1)


async def forget(bench: Bench, document: HoldDocument) -> tuple[Proof, ...]:
    """Let the host forget a hold whose release was ordered; what it could not give back."""
    order = ClearHold(0, document.uuid, document.generation)
    seen = await read_holds(bench, order)
    if file_of(seen, document.uuid) is not None:
        raise RingfenceError("hold-read-back")
    left = (path for each in seen.released if is_of(each, document) for path in each.left)
    return tuple(bench.proof("changes.proof.disk-left", where=path[:_LONGEST]) for path in left)


def is_of(told: Released, document: HoldDocument) -> bool:
    return (told.uuid, told.case) == (document.uuid, document.case)


def disk_proofs(bench: Bench, file: HoldFile) -> Iterator[Proof]:
    """How many images cannot be deleted while it is held, and each that can."""
    kept = sum(not disk.why for disk in file.disks)
    if kept:
        yield bench.proof("changes.proof.disks-kept", count=kept)
    for disk in file.disks:
        if disk.why:
            words = {"path": disk.path[:_LONGEST], "why": disk.why[:_LONGEST]}
            yield bench.proof("changes.proof.disk-not-kept", **words)
