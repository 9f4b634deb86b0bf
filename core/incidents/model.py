"""What the screen may say about a quarantine: what was observed, never what was ordered."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.hosts.helper.orders import Door

__all__ = [
    "FREEZE",
    "Containment",
    "Door",
    "EvidenceKind",
    "Gap",
    "Happening",
    "How",
    "Mode",
    "Quarantine",
    "Wish",
]


class Containment(StrEnum):
    CONTAINED = "contained"
    PARTIAL = "partial"  # some way out is still open; `missing` names it
    NOT_CONTAINED = "not-contained"  # the hold stands, the machine is not cut off
    UNKNOWN = "unknown"  # the host cannot be asked


class Mode(StrEnum):
    FREEZE = "freeze"  # vCPUs paused behind the barrier
    STRICT = "strict"  # barrier and link down; it runs
    FORENSIC = "forensic"  # barrier with doors, link up; it runs
    OBSERVE = "observe"  # nothing blocked: counted, and a ring of packets kept


class How(StrEnum):
    """How a released machine goes on."""

    RESUME = "resume"  # as it is
    RESTART = "restart"  # a power cycle: its memory is given up
    REBUILD = "rebuild"  # its boot disk comes from a template; the old one is kept


class EvidenceKind(StrEnum):
    """In the order they are taken: what is lost first comes first."""

    MEMORY = "memory"
    NETWORK = "network"  # the host's view of its flows, before and after
    PACKETS = "packets"  # a capture around the cut
    SCREENSHOT = "screenshot"
    DISKS = "disks"
    XML = "xml"
    SNAPSHOTS = "snapshots"
    NVRAM = "nvram"
    TPM = "tpm"
    RULES = "rules"
    LOGS = "logs"


class Wish(Struct, frozen=True, kw_only=True):
    """What a person asks for when a machine is cut off; the reason is asked for apart.

    `cut_anyway`: yes to what depends on the machine. `observe_anyway`: the second yes of observe.
    """

    mode: Mode = Mode.FREEZE
    doors: tuple[Door, ...] = ()
    evidence: tuple[EvidenceKind, ...] = ()
    cut_anyway: bool = False
    observe_anyway: bool = False
    drill: bool = False


FREEZE = Wish()  # what is wished when nobody says more


class Gap(Struct, frozen=True):
    """How long frames of a held machine could pass. `seconds` is 0 while that is not known."""

    at: datetime
    seconds: float
    what: str


class Happening(Struct, frozen=True):
    """Something else that a host saw of a held machine while nobody looked."""

    at: datetime
    what: str  # start-refused, card-refused, stopped, barrier-gone or -back, disk-gone, ...
    detail: str


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
    memory_lost: datetime | None = None  # when it was seen to be another run than the one cut
    drill: bool = False
    foreign: bool = False  # another station cut it; what it was before lies on its host
    gaps: tuple[Gap, ...] = ()
    happened: tuple[Happening, ...] = ()
    asked_by: str = ""  # who asked for its release and waits for a second person
    kept: bool = False  # its host holds it with nobody connected
