"""How large each kind of evidence will be and how long it may take, before anything is taken.

Sizes are what the facts say or what the host measured just now; times are from rates seen on a
usual host and link. What nobody can tell is Unknown.
"""

from collections.abc import Iterable

from msgspec import Struct

from core.facts import EncryptionFormat, Reason, Tuning, Unknown
from core.facts.machine import ACTIVE_STATES
from core.fleet.model import MachineView
from core.hosts.evidence import DiskSize
from core.incidents.evidence.kinds import OF_LIBVIRT, OF_RUNNING, EvidenceKind, in_order
from core.text import Text

DUMP_BYTES_PER_S = 400e6  # host's memory to host's disk
SEAL_BYTES_PER_S = 90e6  # read, hashed, encrypted, sent over one SSH login, written
HASH_BYTES_PER_S = 500e6
SPARE = 1.1  # room asked for beyond what is expected
SMALL_BYTES = 1_000_000
SMALL_S = 2.0
CAPTURE_S = 5.0
ELF_HEADS_BYTES = 16_384


class Estimate(Struct, frozen=True):
    """What one kind will cost. `note`: what has to be known before the yes."""

    kind: EvidenceKind
    bytes: int | Unknown
    seconds: float | Unknown
    note: Text | None = None
    possible: bool = True  # False: it cannot be had of this machine here; `note` says why


def estimates(
    view: MachineView,
    kinds: Iterable[EvidenceKind],
    disks: tuple[DiskSize, ...] | None = None,
    shell: bool = True,
) -> tuple[Estimate, ...]:
    """Estimate each kind. `disks`: as the host measured them; `shell`: ringfence-host works."""
    return tuple(_estimate(view, kind, disks, shell) for kind in in_order(kinds))


def room_needed(found: Iterable[Estimate]) -> int:
    """How many bytes must be free on the host and here, as far as anybody can tell."""
    sizes = (each.bytes for each in found if each.possible and isinstance(each.bytes, int))
    return int(sum(sizes) * SPARE)


def _estimate(
    view: MachineView, kind: EvidenceKind, disks: tuple[DiskSize, ...] | None, shell: bool
) -> Estimate:
    running = view.row.state in ACTIVE_STATES
    if not shell and kind not in OF_LIBVIRT:
        return _impossible(kind, Text("evidence.note.no-shell", {"kind": kind.value}))
    if not running and kind in OF_RUNNING:
        return _impossible(kind, Text("evidence.note.not-running", {"kind": kind.value}))
    if kind is EvidenceKind.MEMORY:
        return _memory(view)
    if kind is EvidenceKind.DISKS:
        return _disks(view, disks, running)
    if kind is EvidenceKind.PACKETS:
        return Estimate(kind, SMALL_BYTES, CAPTURE_S)
    return Estimate(kind, SMALL_BYTES, SMALL_S)


def _impossible(kind: EvidenceKind, why: Text) -> Estimate:
    nothing = Unknown(Reason.NOT_SUPPORTED)
    return Estimate(kind, nothing, nothing, why, possible=False)


def _memory(view: MachineView) -> Estimate:
    tuning = view.machine.tuning if view.machine is not None else Unknown(Reason.NOT_READ)
    note = Text("evidence.note.memory")
    if not isinstance(tuning, Tuning):
        return Estimate(EvidenceKind.MEMORY, tuning, tuning, note)
    size = tuning.memory_bytes + ELF_HEADS_BYTES
    return Estimate(EvidenceKind.MEMORY, size, _seconds(size, taken=True), note)


def _disks(view: MachineView, disks: tuple[DiskSize, ...] | None, running: bool) -> Estimate:
    kind = EvidenceKind.DISKS
    if disks is None:
        unread = Unknown(Reason.NOT_READ)
        return Estimate(kind, unread, unread, _encrypted_note(view) if running else None)
    kept = [disk for disk in disks if disk.target]
    size = sum(disk.allocation for disk in kept)
    refused = [disk.target for disk in kept if disk.only_plain] if running else []
    note = Text("evidence.note.encrypted", {"disks": ", ".join(refused)}) if refused else None
    return Estimate(kind, size, _seconds(size, taken=running), note)


def _encrypted_note(view: MachineView) -> Text | None:
    disks = view.machine.disks if view.machine is not None else ()
    if isinstance(disks, Unknown):
        return None
    names = [
        disk.target
        for disk in disks
        if not isinstance(disk.encryption, Unknown) and disk.encryption != EncryptionFormat.NONE
    ]
    return Text("evidence.note.encrypted", {"disks": ", ".join(names)}) if names else None


def _seconds(size: int, taken: bool) -> float:
    """Taken on the host, hashed there, then read again while it is sealed and sent."""
    first = size / DUMP_BYTES_PER_S + size / HASH_BYTES_PER_S if taken else 0.0
    return round(1.0 + first + size / SEAL_BYTES_PER_S, 1)
