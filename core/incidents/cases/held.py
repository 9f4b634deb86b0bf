"""What happened to held machines, in a case's timeline: from the audit log, and from hosts that
remember it now. What both tell stands there once.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from core.audit.record import Entry, Record
from core.incidents.cases.model import Moment, Source
from core.incidents.ended import ENDED
from core.incidents.hold import Hold
from core.incidents.news import DISK_GONE, HAPPENED, HELD_ELSEWHERE, MEMORY_LOST, RELEASE_ASKED
from core.incidents.news import GAP as GAP_NEWS
from core.text import Text
from core.text.message import Parameter

GAP = "gap"
HELD = "hold-"  # what the names of these entries begin with
HOST_SAW = f"{HELD}{HAPPENED}"
# The words of an entry, in their order; the last one is the host's own and may hold anything.
_WORDS = {
    f"{HELD}{GAP_NEWS}": ("at", "seconds", "detail"),
    HOST_SAW: ("at", "event", "detail"),
    f"{HELD}{HELD_ELSEWHERE}": ("at", "who"),
    f"{HELD}{MEMORY_LOST}": ("at",),
    f"{HELD}{RELEASE_ASKED}": ("at", "who"),
    ENDED: ("at", "keys", "unknown", "who"),
}
HELD_EVENTS = frozenset(_WORDS)
_ABOUT = ("event", "target", "detail")


def words_in(entry: Entry) -> dict[str, str]:
    """Read the words of one entry; what is missing is empty."""
    names = _WORDS.get(entry.event, ())
    parts = entry.detail.split("; ", len(names) - 1) if names else []
    found = dict.fromkeys(names, "")
    for name, part in zip(names, parts, strict=False):
        found[name] = part.removeprefix(f"{name}=")
    return found


def of_record(record: Record, altered: bool) -> Moment:
    """One entry as it is told; one of another version keeps the time it was written."""
    entry, words = record.entry, words_in(record.entry)
    target = ", ".join(entry.targets)
    at = _moment(words.get("at", ""), record.at)
    if entry.event == f"{HELD}{GAP_NEWS}":
        text = gap_text(target, words["detail"], _seconds(words["seconds"]))
        return Moment(at, GAP, text, Source.AUDIT, altered=altered)
    code = f"cases.moment.{entry.event}"
    if entry.event == ENDED and (words["unknown"] or not words["keys"]):
        code += "-unknown"
    params: dict[str, Parameter] = {
        **words,
        "target": target,
        "reason": entry.reason,
        "how": entry.state,
    }
    return Moment(at, entry.event, Text(code, params), Source.AUDIT, altered=altered)


def lost_in(record: Record) -> dict[tuple[str, str], datetime]:
    """When this record's machines were seen to have lost their memory, by case and machine; a
    deleted image's path follows the machine."""
    entry, words = record.entry, words_in(record.entry)
    if entry.event == HOST_SAW and words["event"] == DISK_GONE:
        at = _moment(words["at"], record.at)
        return {(entry.case, f"{target} {words['detail']}"): at for target in entry.targets}
    if entry.event != f"{HELD}{MEMORY_LOST}":
        return {}
    at = _moment(words["at"], record.at)
    return {(entry.case, target): at for target in entry.targets}


def told_by_hosts(holds: Iterable[Hold]) -> Iterator[Moment]:
    """What hosts remember of machines that are held now."""
    for hold in holds:
        target = f"{hold.host}/{hold.name}"
        for gap in hold.gaps:
            yield Moment(gap.at, GAP, gap_text(target, gap.what, gap.seconds), Source.HOST)
        for each in hold.happened:
            params: dict[str, Parameter] = {
                "target": target,
                "event": each.what,
                "detail": each.detail,
            }
            text = Text(f"cases.moment.{HOST_SAW}", params)
            yield Moment(each.at, HOST_SAW, text, Source.HOST)


def each_once(moments: Iterable[Moment]) -> Iterator[Moment]:
    """A gap that the journal, the log and the host tell is one gap: who told it first stays."""
    known: set[tuple[datetime, str, str]] = set()
    for moment in moments:
        about = " ".join(str(moment.text.params.get(each, "")) for each in _ABOUT)
        key = (moment.at, moment.kind, about)
        if moment.kind in {GAP, HOST_SAW} and key in known:
            continue
        known.add(key)
        yield moment


def gap_text(target: str, what: str, seconds: float) -> Text:
    """A gap whose end nobody saw is said to be without a known end."""
    code = "cases.moment.gap" if seconds else "cases.moment.gap-open"
    return Text(code, {"target": target, "what": what, "seconds": f"{seconds:.3f}"})


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0.0 < found < float("inf") else 0.0


def _moment(text: str, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if found.tzinfo else otherwise
