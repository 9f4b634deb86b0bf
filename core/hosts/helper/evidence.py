"""Orders about evidence on its host: a room for a collection, what is taken there, sealed, sent.

A collection has a case and an id of its own, both uuids, and belongs to one machine. Names of
files are from a closed set on the host; the station chooses where and as what it keeps them.
"""

from msgspec import Struct

from core.hosts.helper.orders import MachineOrder


class EvidenceOrder(MachineOrder, frozen=True):
    """Base: which collection it is about."""

    case: str
    collection: str


class BeginEvidence(EvidenceOrder, frozen=True, tag="begin-evidence"):
    """Make the room, and see that the host can seal to this certificate."""

    certificate: str  # PEM, the public half only


class CollectEvidence(EvidenceOrder, frozen=True, tag="collect-evidence"):
    """Take one kind, or take over what libvirt wrote, and hash it on the host. May take long."""

    # memory, disks, stopped-disks, saved, network, host, rules, logs, nvram, tpm, packets
    kind: str


class FetchEvidence(EvidenceOrder, frozen=True, tag="send-evidence"):
    """Seal one file on the host and write its parts below `folder` here. May take long.

    `folder` is the station's own directory; it is never told to the host.
    """

    name: str
    folder: str


class ReadEvidence(EvidenceOrder, frozen=True, tag="read-evidence"):
    """Which files lie there by now. Changes nothing."""


class DropEvidence(EvidenceOrder, frozen=True, tag="drop-evidence"):
    """Delete one file, or with an empty name the whole collection."""

    name: str = ""


class EvidenceRoom(Struct, frozen=True, tag="evidence-room"):
    """Bytes that are free there, what seals there, and the host's own time."""

    free: int
    openssl: str
    at: str


class TakenFile(Struct, frozen=True):
    """One file as its host hashed it before it left; times are the host's, UTC, ISO 8601."""

    name: str
    bytes: int
    sha256: str
    method: str
    started_at: str
    ended_at: str


class EvidenceTaken(Struct, frozen=True, tag="evidence-taken"):
    files: tuple[TakenFile, ...]
    missing: tuple[str, ...]  # what could not be had, with the reason


class SealedPart(Struct, frozen=True):
    """One sealed file here; both sides hashed the same bytes."""

    name: str
    bytes: int
    sha256: str
    plain_bytes: int


class EvidenceFetched(Struct, frozen=True, tag="evidence-fetched"):
    """`plain_sha256` is the host's hash over all parts, taken while they were sealed."""

    parts: tuple[SealedPart, ...]
    plain_bytes: int
    plain_sha256: str


class FileLying(Struct, frozen=True):
    name: str
    bytes: int


class EvidenceLying(Struct, frozen=True, tag="evidence-lying"):
    """`free`: bytes that are left there. `.partial`: libvirt still writes it, or failed."""

    free: int
    files: tuple[FileLying, ...]


class EvidenceGone(Struct, frozen=True, tag="evidence-gone"):
    """What was deleted there, and when by the host's clock."""

    gone: tuple[str, ...]
    at: str


# These have a channel of their own: the warm one must answer a barrier at any time.
LongOrder = CollectEvidence | FetchEvidence
