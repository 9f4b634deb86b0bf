"""What the screen may say about a quarantine: what was observed, never what was ordered."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Containment(StrEnum):
    CONTAINED = "contained"
    PARTIAL = "partial"  # some way out is still open; `missing` names it
    NOT_CONTAINED = "not-contained"  # the hold stands, the machine is not cut off
    UNKNOWN = "unknown"  # the host cannot be asked


class Mode(StrEnum):
    STRICT = "strict"


class Quarantine(Struct, frozen=True):
    """The state of one held machine as last observed."""

    state: Containment
    mode: Mode
    case: str
    owner: str
    since: datetime
    reason: str
    missing: tuple[str, ...]  # "52:54:00:...: hostdev", in the words of the facts
    observed_at: datetime
