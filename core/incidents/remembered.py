"""Our own record of a hold and what its host remembers, heard together.

The host is right about what stands there; we are right about what we did. Where they do not agree
the hold stays, and its `trouble` says why: never contained silently.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import structs

from core.changes.cards import run_of
from core.hosts.helper.holds import HoldEvent, HoldFile
from core.incidents.believed import STRANGER, is_believed
from core.incidents.documents import HoldDocument
from core.incidents.hold import Hold
from core.incidents.host_memory import HostMemory, moment
from core.incidents.model import Gap, Happening, Mode

MISSING = "host: hold-missing"
ALTERED = "host: hold-altered"
ANOTHER = "host: hold-another"
GAP_EVENT = "gap"
STOPPED = "stopped"
_LONGEST_S = 10 * 365 * 86400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def station_of(operator: str) -> str:
    """Operators are named person@station."""
    return operator.partition("@")[2]


def of_both(
    own: Hold | None, host: str, memory: HostMemory, known: Iterable[str] = ()
) -> Hold | None:
    """What is held, when both were heard. `known`: keys whose releases are believed."""
    if memory.broken:
        return _altered(own, host, memory)
    document = memory.document
    if document is None:
        return _not_remembered(own, memory, known)
    if own is None:
        return _foreign(host, document, memory)
    trouble = "" if own.case == document.case else ANOTHER
    return _together(own, document, memory, trouble)


def _not_remembered(own: Hold | None, memory: HostMemory, known: Iterable[str]) -> Hold | None:
    """Nothing lies there: released from elsewhere, never written, or taken away. What we asked for
    ourselves and another signed with us needs no belief."""
    if own is None:
        return None
    if memory.ended is not None and own.case == memory.ended.case:
        believed = own.release or is_believed(memory.ended, known)
        return None if believed else structs.replace(own, trouble=STRANGER)
    lost = memory.prepared and own.written
    return structs.replace(own, trouble=MISSING) if lost else own


def _altered(own: Hold | None, host: str, memory: HostMemory) -> Hold | None:
    if own is not None:
        return structs.replace(own, trouble=ALTERED)
    file = memory.file
    return None if file is None else _nobodys(host, file)


def _nobodys(host: str, file: HoldFile) -> Hold:
    """Something holds it there, and nobody can say who: shown, never released unseen."""
    return Hold(
        case="",
        host=host,
        uuid=file.uuid,
        name=file.uuid,
        mode=Mode.STRICT,
        owner="",
        since=_EPOCH,
        reason="",
        cards=(),
        raise_on_release=(),
        refused_live=(),
        plans=(),
        finished=True,
        foreign=True,
        trouble=ALTERED,
    )


def _foreign(host: str, document: HoldDocument, memory: HostMemory) -> Hold:
    freeze = document.mode is Mode.FREEZE and bool(document.before_live)
    bare = Hold(
        case=document.case,
        host=host,
        uuid=document.uuid,
        name=document.name,
        mode=document.mode,
        owner=document.owner,
        since=document.since,
        reason=document.reason,
        cards=document.macs,
        raise_on_release=document.raise_on_release,
        refused_live=(),
        plans=(),
        finished=True,
        barrier=document.macs,
        doors=document.doors,
        ran=document.ran,
        paused=freeze or document.ran,
        run=run_of(document.before_live),
        drill=document.drill,
        written=True,
        foreign=True,
        station=document.station,
    )
    return _with_memory(bare, document, memory)


def _together(own: Hold, document: HoldDocument, memory: HostMemory, trouble: str) -> Hold:
    """A later generation may be another station's: its mode and doors are what stands."""
    barrier = _union(own.barrier, document.macs) if own.barrier else ()
    return _with_memory(
        structs.replace(
            own,
            mode=document.mode,
            doors=document.doors,
            cards=_union(own.cards, document.macs),
            raise_on_release=_union(own.raise_on_release, document.raise_on_release),
            barrier=barrier,
            ran=own.ran or document.ran,
            paused=document.mode is Mode.FREEZE if document.mode is not own.mode else own.paused,
            trouble=trouble,
        ),
        document,
        memory,
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _with_memory(hold: Hold, document: HoldDocument, memory: HostMemory) -> Hold:
    return structs.replace(
        hold,
        generation=document.generation,
        gaps=_gaps(hold, memory),
        happened=_happened(hold, memory),
        lost_at=_lost_at(hold, memory),
        asked_by="" if memory.order is None else memory.order.asked_by,
        kept=memory.keeping,
    )


def _lost_at(hold: Hold, memory: HostMemory) -> datetime | None:
    """Its host saw it stop: then, and not when we came to look."""
    if hold.lost_at is not None or not hold.run:
        return hold.lost_at
    return min((each.at for each in _happened(hold, memory) if each.what == STOPPED), default=None)


def _gap(event: HoldEvent, otherwise: datetime) -> Gap:
    """It is told when it ends."""
    seconds = event.seconds if 0.0 <= event.seconds < _LONGEST_S else 0.0
    ended = moment(event.at, otherwise)
    return Gap(ended - timedelta(seconds=seconds), seconds, event.detail)


def _happened(hold: Hold, memory: HostMemory) -> tuple[Happening, ...]:
    events = () if memory.file is None else memory.file.events
    return tuple(
        Happening(moment(event.at, hold.since), event.what, event.detail)
        for event in events
        if event.what != GAP_EVENT
    )


def _gaps(hold: Hold, memory: HostMemory) -> tuple[Gap, ...]:
    """Ours and what the host saw itself."""
    events = () if memory.file is None else memory.file.events
    told = tuple(_gap(event, hold.since) for event in events if event.what == GAP_EVENT)
    return tuple(sorted((*hold.gaps, *told), key=lambda gap: gap.at))
