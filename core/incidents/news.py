"""What there is to tell of a held machine when its view changes: gaps, lost memory, who asks.

Pure: from what was shown before and what is shown now, so that window, terminal and audit log say
the same.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from core.incidents.model import Containment, Quarantine
from core.text.message import Parameter

GAP, MEMORY_LOST, RELEASE_ASKED = "gap", "memory-lost", "release-asked"
OPENED, CONTAINED_AGAIN, HAPPENED, HELD_ELSEWHERE = "opened", "contained-again", "happened", "held"
DISK_GONE = "disk-gone"  # an event of a host, and what is noticed where none tells
_OPEN = frozenset({Containment.PARTIAL, Containment.NOT_CONTAINED})


class News(Struct, frozen=True):
    """One thing to tell. `values` hold words of facts, times and numbers."""

    what: str
    case: str
    at: datetime
    values: dict[str, Parameter] = {}


def news_of(before: Quarantine | None, after: Quarantine | None) -> Iterator[News]:
    """What is new about a machine's hold, in the order in which it is told."""
    if after is None:
        return
    if before is None or before.case != after.case:
        if after.foreign:
            yield _news(HELD_ELSEWHERE, after, after.since, who=after.owner)
        before = None
    yield from _states(before, after)
    known = () if before is None else before.gaps
    for gap in after.gaps:
        if before is not None and gap not in known:
            yield _news(GAP, after, gap.at, seconds=round(gap.seconds, 3), detail=gap.what)
    yield from _seen_by_host(before, after)
    if after.memory_lost is not None and before is not None and before.memory_lost is None:
        yield _news(MEMORY_LOST, after, after.memory_lost)
    if after.asked_by and (before is None or before.asked_by != after.asked_by):
        yield _news(RELEASE_ASKED, after, after.observed_at, who=after.asked_by)


def _states(before: Quarantine | None, after: Quarantine) -> Iterator[News]:
    if before is None or before.state is after.state:
        return
    if after.state in _OPEN and before.state is Containment.CONTAINED:
        yield _news(OPENED, after, after.observed_at, detail=", ".join(after.missing))
    elif after.state is Containment.CONTAINED:
        yield _news(CONTAINED_AGAIN, after, after.observed_at)


def _seen_by_host(before: Quarantine | None, after: Quarantine) -> Iterator[News]:
    if before is None:
        return
    for event in after.happened:
        if event not in before.happened:
            yield _news(HAPPENED, after, event.at, event=event.what, detail=event.detail)


def _news(what: str, seen: Quarantine, at: datetime, **values: Parameter) -> News:
    return News(what, seen.case, at, values)
