"""Which hosts are believed. A host that a guest may have taken over proves nothing any more.

The mark is a signed record of the station, never a word of the host: the last one counts, and
only a person lifts it, with a reason. What a suspect host says against itself is still believed;
what it says for itself is a claim.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, structs

from core.audit.record import Record
from core.changes.plan import Plan
from core.incidents.cases.entries import CaseEvent
from core.incidents.model import Containment, Quarantine
from core.text import Text

WARNING = "incidents.warning.suspect-host"
SUSPECT_HOST = "suspect host"  # begins the item of `missing` that holds the claim


class Trust(StrEnum):
    SUSPECT = "suspect"  # asked and given orders, not believed
    CUT_OFF = "cut-off"  # no session is opened to it, no key and no order goes there


class HostTrust(Struct, frozen=True):
    """Why a host is not believed."""

    host: str
    trust: Trust
    case: str
    by: str
    at: datetime
    reason: str


_MARKS = {CaseEvent.SUSPECT.value: Trust.SUSPECT, CaseEvent.CUT_OFF.value: Trust.CUT_OFF}


def marked(known: dict[str, HostTrust], record: Record) -> dict[str, HostTrust]:
    """What one record makes of the marks that were known before it."""
    entry = record.entry
    if entry.event == CaseEvent.TRUSTED:
        return {host: mark for host, mark in known.items() if host not in entry.targets}
    if entry.event not in _MARKS:
        return known
    trust = _MARKS[entry.event]
    fresh = {
        host: HostTrust(host, trust, entry.case, entry.operator, record.at, entry.reason)
        for host in entry.targets
    }
    return {**known, **fresh}


def doubted(held: Quarantine | None, mark: HostTrust | None) -> Quarantine | None:
    """What may be said of a quarantine whose only witness is a host nobody believes."""
    if held is None or mark is None or held.state is Containment.NOT_CONTAINED:
        return held
    claim = f"{SUSPECT_HOST}: {held.state}"
    return structs.replace(held, state=Containment.UNKNOWN, missing=(claim, *held.missing))


def claim_in(missing: tuple[str, ...]) -> str:
    """What a suspect host says of the machine; "" when its host is believed."""
    first = missing[0] if missing else ""
    host, _, state = first.partition(": ")
    return state if host == SUSPECT_HOST and state in set(Containment) else ""


def warned(plan: Plan) -> Plan:
    """The same plan, saying that what its host reads back is a claim."""
    said = Text(WARNING, {"host": plan.targets[0].host})
    return structs.replace(plan, warnings=(said, *plan.warnings))


def only_claimed(plan: Plan) -> bool:
    """Whether a plan's proofs come from a host that nobody believed when it was made."""
    return any(warning.code == WARNING for warning in plan.warnings)
