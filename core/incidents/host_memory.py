"""What a host remembers of a machine's hold, asked before a plan is made and while it is held."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, structs

from core.changes.hands import Hands
from core.hosts.helper.holds import HoldFile, HoldsSeen, ReadHolds, Released
from core.incidents.documents import (
    DocumentError,
    HoldDocument,
    ReleaseOrder,
    read_hold,
    read_release,
    was_released,
)
from core.text import RingfenceError, Text


class HostMemory(Struct, frozen=True):
    """Of one machine. `broken`: something lies there that is no station's word."""

    asked: bool = False  # it answered
    prepared: bool = False
    keeping: bool = False  # the host holds with nobody connected
    two_people: bool = False
    file: HoldFile | None = None
    document: HoldDocument | None = None
    order: ReleaseOrder | None = None  # somebody asked for its release
    ended: Released | None = None  # the last hold of it that was released with signatures
    broken: bool = False

    @property
    def generation(self) -> int:
        """What the next change must expect."""
        return 0 if self.document is None else self.document.generation


UNASKED = HostMemory()


async def memory_of(hands: Hands, host: str, uuid: str) -> HostMemory:
    """Ask the host; one that cannot be asked remembers nothing that could be changed."""
    try:
        seen = await hands.order(host, ReadHolds(0))
    except RingfenceError:
        return UNASKED
    if not isinstance(seen, HoldsSeen):
        raise RingfenceError("answer-of-another-kind", order="read-holds")
    return of_machine(seen, uuid)


def of_machine(seen: HoldsSeen, uuid: str) -> HostMemory:
    """Take one machine's part of what was told, checked."""
    file = next((each for each in seen.holds if each.uuid == uuid), None)
    bare = HostMemory(
        asked=True,
        prepared=seen.prepared,
        keeping=seen.keeping,
        two_people=seen.two_people,
        file=file,
        ended=_last_ended(seen.released, uuid),
    )
    if file is None:
        return bare
    try:
        document = read_hold(file)
    except DocumentError:
        return structs.replace(bare, broken=True)
    try:
        order = read_release(file)
    except DocumentError:
        order = None
    return structs.replace(bare, document=document, order=order)


def _last_ended(released: tuple[Released, ...], uuid: str) -> Released | None:
    found = [each for each in released if each.uuid == uuid and was_released(each)]
    return found[-1] if found else None


def advice(memory: HostMemory, asked_for_two: bool = False) -> Iterator[Text]:
    """Say before a yes what nobody enforces here."""
    if not memory.asked:
        return
    if not memory.prepared:
        yield Text("incidents.warning.not-prepared")
    elif not memory.keeping:
        yield Text("incidents.warning.not-keeping")
    if asked_for_two and not (memory.prepared and memory.two_people):
        yield Text("incidents.warning.two-people-advisory")


def moment(text: str, otherwise: datetime) -> datetime:
    """A host's time; one that is none, or says no zone, is not believed."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if found.tzinfo else otherwise
