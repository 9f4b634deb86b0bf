"""Orders about what a prepared host itself remembers: holds, releases, heads of audit logs.

A document is canonical JSON (keys sorted, no spaces, UTF-8) and its bytes are what is signed;
`core.incidents.documents` knows its fields, the host checks them again. Generations count up; a
station that did not see the last one is refused with what stands (`hold-stale`).
"""

from msgspec import Struct

from core.hosts.helper.orders import HelperOrder, MachineOrder


class Signature(Struct, frozen=True):
    """Ed25519 over a domain prefix and a document's bytes; both as lower hex."""

    key: str  # the public key
    value: str


class ReadHolds(HelperOrder, frozen=True, tag="read-holds"):
    """Every document there is, with what happened to its machine. Changes nothing."""


class WriteHold(MachineOrder, frozen=True, tag="write-hold"):
    """Put a document in the place of generation `expected` (0: there was none)."""

    document: str
    signature: Signature
    expected: int


class AskRelease(MachineOrder, frozen=True, tag="ask-release"):
    """Lay down a release order, or add a signature to the one that lies there, word for word."""

    release: str
    signature: Signature


class ClearHold(MachineOrder, frozen=True, tag="clear-hold"):
    """Forget a hold; only with a release order that has the signatures the host demands."""

    expected: int


class WriteAnchor(HelperOrder, frozen=True, tag="write-anchor"):
    """Remember how long a station's audit log was and what its last record's hash is."""

    count: int
    sha256: str
    signature: Signature


class ReadAnchors(HelperOrder, frozen=True, tag="read-anchors"):
    """The last and the longest anchor of each key."""


class HoldEvent(Struct, frozen=True):
    """What the host saw happen to a held machine while nobody looked."""

    at: str  # UTC, ISO 8601
    what: (
        str  # gap, card, start-refused, card-refused, stopped, barrier-gone, barrier-back, disk-...
    )
    detail: str
    seconds: float  # of a gap: how long frames could pass; else 0


class DiskSeen(Struct, frozen=True):
    """An image of a held machine. `why` it has no second name, or not its own; "": it has both."""

    path: str
    why: str  # disk-gone, disk-replaced, or words of the host


class HoldFile(Struct, frozen=True):
    """One document as it lies there. `valid`: signed by a key the host was given."""

    uuid: str
    generation: int
    document: str
    signature: Signature
    valid: bool
    release: str  # the order that lies there; "": none
    release_signatures: tuple[Signature, ...]
    events: tuple[HoldEvent, ...]
    disks: tuple[DiskSeen, ...] = ()


class Released(Struct, frozen=True):
    """A hold that ended as ordered: what tells it from one that somebody took away."""

    uuid: str
    case: str
    generation: int
    at: str
    release: str
    release_signatures: tuple[Signature, ...]
    left: tuple[str, ...] = ()  # images that could not be given back as they were: where they lie


class HoldsSeen(Struct, frozen=True, tag="holds"):
    """`prepared`: ringfence-host is installed; `keeping`: it watches while nobody is connected."""

    prepared: bool
    keeping: bool
    two_people: bool
    holds: tuple[HoldFile, ...]
    released: tuple[Released, ...] = ()  # the last of each machine


class Anchor(Struct, frozen=True):
    at: str
    count: int
    sha256: str
    signature: Signature


class AnchorsSeen(Struct, frozen=True, tag="anchors"):
    anchors: tuple[Anchor, ...]
