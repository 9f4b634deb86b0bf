"""A hold that another station ended, as it goes on record: by whose word, signed with which keys.

A host says so and shows the signatures. Whether a key is one we know is another question, and the
record says that too: a host can sign with keys it made up.
"""

from datetime import UTC, datetime

from core.audit.record import Entry
from core.hosts.helper.holds import Released
from core.incidents.believed import KEY_LETTERS
from core.incidents.documents import order_in, signers_of
from core.incidents.hold import Hold
from core.incidents.holds import HoldBook
from core.incidents.host_memory import moment

ENDED = "hold-released"
NOTICED = "ringfence"  # who noticed: the program, not a person
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


class Endings:
    """Tells each release by others once a run; the log keeps it once for ever."""

    def __init__(self, holds: HoldBook) -> None:
        self._holds = holds
        self._told: set[tuple[str, Released]] = set()

    def news(self) -> tuple[Entry, ...]:
        ended = tuple(self._holds.ended_elsewhere())
        fresh = [each for each in ended if (each[0].host, each[1]) not in self._told]
        if not fresh:
            return ()
        self._told.update((hold.host, told) for hold, told in fresh)
        return tuple(ended_entry(hold, told, self._holds.known) for hold, told in fresh)


def ended_entry(hold: Hold, told: Released, known: dict[str, str]) -> Entry:
    """The same release makes the same entry, whenever it is seen."""
    order, signers = order_in(told), signers_of(told)
    names = sorted(f"{known[key]} ({key[:KEY_LETTERS]})" for key in signers if key in known)
    strange = sorted(key[:KEY_LETTERS] for key in signers if key not in known)
    words = {
        "at": moment(told.at, _UNDATED).isoformat(),
        "keys": ", ".join(names),
        "unknown": ", ".join(strange),
        "who": "" if order is None else f"{order.asked_by}, {order.station}",
    }
    return Entry(
        ENDED,
        NOTICED,
        case=hold.case,
        targets=(f"{hold.host}/{hold.name}",),
        state="" if order is None else order.how.value,
        reason="" if order is None else order.reason,
        detail="; ".join(f"{name}={value}" for name, value in words.items()),
    )
