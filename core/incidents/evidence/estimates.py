"""How large each kind of evidence will be and how long it may take, before anything is taken.

Sizes are what the facts say or what the host measured just now; times are from rates seen on a
usual host and link. What nobody can tell is Unknown.
"""

from collections.abc import Iterable

from msgspec import Struct, structs

from core.facts import EncryptionFormat, Reason, Tuning, Unknown
from core.facts.machine import ACTIVE_STATES
from core.fleet.model import MachineView
from core.hosts.evidence_pool import PoolSeen
from core.incidents.evidence.kinds import (
    BY_POOL,
    OF_LIBVIRT,
    OF_RUNNING,
    EvidenceKind,
    in_order,
)
from core.incidents.evidence.measure import Measured
from core.text import Text

DUMP_BYTES_PER_S = 400e6  # host's memory to host's disk
SEAL_BYTES_PER_S = 90e6  # read, hashed, encrypted, sent over one SSH login, written
HASH_BYTES_PER_S = 500e6
SESSION_BYTES_PER_S = 50e6  # read in libvirt's own session, sealed here
OWN_POOL = "ringfence"  # an administrator made it for this
POOL_SPARE_BYTES = 1 << 30  # a pool that is full stops other machines
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
    pool: str = ""  # where libvirt writes it first; "": nowhere, or where ringfence-host says


def estimates(
    view: MachineView, kinds: Iterable[EvidenceKind], measured: Measured
) -> tuple[Estimate, ...]:
    """Estimate each kind from what is known of the machine and what its host said just now."""
    return tuple(_estimate(view, kind, measured) for kind in in_order(kinds))


def saved_of(view: MachineView) -> bool:
    """Whether its memory lies in a file: libvirt put it to sleep."""
    return view.row.state not in ACTIVE_STATES and view.row.managed_save is True


def room_needed(found: Iterable[Estimate]) -> int:
    """How many bytes must be free on the host and here, as far as anybody can tell."""
    sizes = (each.bytes for each in found if each.possible and isinstance(each.bytes, int))
    return int(sum(sizes) * SPARE)


def _estimate(view: MachineView, kind: EvidenceKind, measured: Measured) -> Estimate:
    running, shell = view.row.state in ACTIVE_STATES, measured.shell
    saved = kind is EvidenceKind.MEMORY and saved_of(view)
    if saved and not shell:
        return _impossible(kind, Text("evidence.note.saved-no-shell"))
    if not shell and kind not in OF_LIBVIRT | BY_POOL:
        return _impossible(kind, Text("evidence.note.no-shell", {"kind": kind.value}))
    if not running and kind in OF_RUNNING and not saved:
        return _impossible(kind, Text("evidence.note.not-running", {"kind": kind.value}))
    if kind is EvidenceKind.MEMORY:
        found = _memory(view, measured, saved)
        return found if shell else _through_pool(found, measured.pools)
    if kind is EvidenceKind.DISKS:
        if shell:
            return _disks(view, measured, running)
        if running:
            return _through_pool(_disks(view, measured, running), measured.pools)
        return _volumes(measured)
    if kind is EvidenceKind.PACKETS:
        return Estimate(kind, SMALL_BYTES, CAPTURE_S)
    return Estimate(kind, SMALL_BYTES, SMALL_S)


def _impossible(kind: EvidenceKind, why: Text) -> Estimate:
    nothing = Unknown(Reason.NOT_SUPPORTED)
    return Estimate(kind, nothing, nothing, why, possible=False)


def _memory(view: MachineView, measured: Measured, saved: bool) -> Estimate:
    """What libvirt saved is no larger than the memory was."""
    tuning = view.machine.tuning if view.machine is not None else Unknown(Reason.NOT_READ)
    note = Text("evidence.note.saved" if saved else "evidence.note.memory")
    if not isinstance(tuning, Tuning):
        return Estimate(EvidenceKind.MEMORY, tuning, tuning, note)
    size = tuning.memory_bytes + ELF_HEADS_BYTES
    seconds = _seconds(size, taken=not saved, shell=measured.shell)
    return Estimate(EvidenceKind.MEMORY, size, seconds, note)


def _through_pool(found: Estimate, pools: tuple[PoolSeen, ...] | None) -> Estimate:
    """Into the pool that was made for it, else the one with the most room. What nobody could
    measure is seen to before it is begun."""
    kind, size = found.kind, found.bytes if isinstance(found.bytes, int) else 0
    if pools is None:
        return _impossible(kind, Text("evidence.note.not-told", {"kind": kind.value}))
    if not pools:
        return _impossible(kind, Text("evidence.note.no-pool", {"kind": kind.value}))
    needed = in_pool_needed(size)
    made = [each for each in pools if each.name == OWN_POOL and each.available >= needed]
    pool = max(made or pools, key=lambda each: each.available)
    if pool.available < needed:
        told = {"kind": kind.value, "pool": pool.name, "free": pool.available}
        return _impossible(kind, Text("evidence.note.pool-too-small", {**told, "needed": needed}))
    return structs.replace(found, pool=pool.name)


def in_pool_needed(size: int) -> int:
    """How much must be free there before so many bytes are written."""
    return int(size * SPARE) + POOL_SPARE_BYTES


def _volumes(measured: Measured) -> Estimate:
    """A stopped machine's disks are read where they lie, if libvirt calls them volumes."""
    kind, seen = EvidenceKind.DISKS, measured.volumes
    if seen is None:
        return _impossible(kind, Text("evidence.note.not-told", {"kind": kind.value}))
    lost = Text("evidence.note.no-volume", {"disks": ", ".join(seen.missing)})
    if not seen.files:
        return _impossible(kind, lost)
    size = sum(file.bytes for file in seen.files)
    seconds = _seconds(size, taken=False, shell=False)
    return Estimate(kind, size, seconds, lost if seen.missing else None)


def _disks(view: MachineView, measured: Measured, running: bool) -> Estimate:
    kind, disks = EvidenceKind.DISKS, measured.disks
    if disks is None:
        unread = Unknown(Reason.NOT_READ)
        return Estimate(kind, unread, unread, _encrypted_note(view) if running else None)
    kept = [disk for disk in disks if disk.target]
    size = sum(disk.allocation for disk in kept)
    refused = [disk.target for disk in kept if disk.only_plain] if running else []
    note = Text("evidence.note.encrypted", {"disks": ", ".join(refused)}) if refused else None
    seconds = _seconds(size, taken=running, shell=measured.shell)
    return Estimate(kind, size, seconds, note)


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


def _seconds(size: int, taken: bool, shell: bool) -> float:
    """Taken on the host, hashed there, then read again while it is sealed and sent; where nothing
    of ours runs it is not hashed there, and goes the slower way."""
    first = size / DUMP_BYTES_PER_S if taken else 0.0
    first += size / HASH_BYTES_PER_S if taken and shell else 0.0
    rate = SEAL_BYTES_PER_S if shell else SESSION_BYTES_PER_S
    return round(1.0 + first + size / rate, 1)
