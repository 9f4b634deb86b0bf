"""What the screen may say: from our own record of the hold and what was observed, nothing else.

Held machines are read every two seconds. An observation that is older than `FRESH_FOR_S`, or from
a time that has not come, proves nothing any more: a read that hangs must not look contained.
"""

from datetime import datetime

from core.changes.side_ways import HOST_SHARES
from core.changes.steps.barrier import (
    BARRIER,
    NOT_OBSERVING,
    BarrierKind,
    barrier_missing,
)
from core.changes.steps.prove_cut import RUNNING
from core.facts import Machine, MachineState, Nic, NicCut, Unknown
from core.facts.devices import ON_THE_HOST, STOPPED_BY_PAUSE
from core.hosts.helper.orders import BarrierSeen
from core.incidents.holds import Hold
from core.incidents.model import Containment, Mode, Quarantine
from core.incidents.ways_out import MANAGED_SAVE, opening_argument

CLAIMED = "claimed"  # the reason shown for a mark we have no record of
UNREAD = "stored: unread"
FRESH_FOR_S = 20.0


def observed(
    hold: Hold | None,
    machine: Machine | None,
    stale: bool,
    now: datetime,
    barrier: BarrierSeen | None = None,
) -> Quarantine | None:
    """Return the state of one machine's quarantine; None when nobody says it is held.

    `barrier` is what was read on its host; None when it could not be.
    """
    if hold is None:
        return _claimed(machine, now) if machine is not None else None
    if machine is None:
        return _quarantine(hold, Containment.UNKNOWN, (), hold.since)
    if stale or not is_fresh(machine.observed_at, now) or (hold.barrier and barrier is None):
        return _quarantine(hold, Containment.UNKNOWN, (), machine.observed_at)
    state, missing = _doubted(hold, *_judged(hold, machine, barrier))
    lost = memory_lost(hold, machine)
    return _quarantine(hold, state, missing, machine.observed_at, lost)


def _doubted(
    hold: Hold, state: Containment, missing: tuple[str, ...]
) -> tuple[Containment, tuple[str, ...]]:
    """A hold its host does not know as we do is not contained silently."""
    if not hold.trouble:
        return state, missing
    weaker = Containment.PARTIAL if state is Containment.CONTAINED else state
    return weaker, (hold.trouble, *missing)


def memory_lost(hold: Hold, machine: Machine) -> datetime | None:
    """When the memory that was cut off was seen to be gone: it is off, or runs anew."""
    if hold.lost_at is not None or not hold.run or machine.state is MachineState.UNKNOWN:
        return hold.lost_at
    same = _has_process(machine) and machine.id == hold.run
    return None if same else machine.observed_at


def is_fresh(observed_at: datetime, now: datetime) -> bool:
    """Whether an observation still proves anything; one from the future does not."""
    return abs((now - observed_at).total_seconds()) <= FRESH_FOR_S


def _judged(
    hold: Hold, machine: Machine, barrier: BarrierSeen | None
) -> tuple[Containment, tuple[str, ...]]:
    if isinstance(machine.nics, Unknown) or isinstance(machine.devices, Unknown):
        return Containment.UNKNOWN, ()
    if machine.state is MachineState.UNKNOWN:  # nobody knows whether its live side is the one read
        return Containment.UNKNOWN, ()
    if hold.mode is Mode.OBSERVE:
        return _observed(barrier)
    live = machine.nics if _has_process(machine) else ()
    ways = _ways(machine)
    behind = (*_missing_barrier(hold, barrier), *_unseen_by_barrier(hold, live, barrier))
    cards = _open_live(hold, machine, live, barrier)
    running = (RUNNING,) if hold.paused and _goes(machine) else ()
    missing = tuple(dict.fromkeys((*behind, *cards, *running, *_stored(machine), *ways)))
    if not missing:
        return Containment.CONTAINED, ()
    open_now = _has_process(machine) and bool(live or ways)
    held = bool(hold.barrier) and not behind
    stopped = hold.paused and not running
    cut = held or stopped or any(map(_is_cut, live))
    if open_now and not cut:
        return Containment.NOT_CONTAINED, missing
    return Containment.PARTIAL, missing


def _observed(barrier: BarrierSeen | None) -> tuple[Containment, tuple[str, ...]]:
    """A machine that is only watched is never contained."""
    watched = barrier is not None and barrier.observing
    return Containment.NOT_CONTAINED, () if watched else (NOT_OBSERVING,)


def _missing_barrier(hold: Hold, barrier: BarrierSeen | None) -> tuple[str, ...]:
    """What of the barrier is not as it was ordered: cards, doors, or that it blocks at all."""
    if not hold.barrier or barrier is None:
        return ()
    return barrier_missing(barrier, BarrierKind(hold.doors), hold.barrier)


def _unseen_by_barrier(
    hold: Hold, live: tuple[Nic, ...], barrier: BarrierSeen | None
) -> tuple[str, ...]:
    """Running cards of which its host's kernel found no device: a barrier around fewer than there
    are stops none but their addresses."""
    if not hold.barrier or barrier is None:
        return ()
    cards = [nic for nic in live if nic.kind in ON_THE_HOST]
    if len(cards) <= len(barrier.cards):
        return ()
    seen = {card.mac for card in barrier.cards}
    macs = [nic.mac.lower() for nic in cards]
    return tuple(f"{mac}: {BARRIER}" for mac in macs if mac not in seen or macs.count(mac) > 1)


def _open_live(
    hold: Hold, machine: Machine, live: tuple[Nic, ...], barrier: BarrierSeen | None
) -> tuple[str, ...]:
    """Live cards that pass frames. Before a door the link is up, if the barrier stands; some
    kinds are stopped with the processors."""
    doors = hold.mode is Mode.FORENSIC and not _missing_barrier(hold, barrier)
    stopped = not _goes(machine)
    return _open(
        tuple(
            nic
            for nic in live
            if not (doors and nic.kind in ON_THE_HOST)
            and not (stopped and nic.kind in STOPPED_BY_PAUSE)
        ),
        "live",
    )


def _goes(machine: Machine) -> bool:
    """Whether its processors may run; one that the guest put to sleep wakes by itself."""
    return machine.active and machine.state is not MachineState.PAUSED


def _has_process(machine: Machine) -> bool:
    """A crashed machine may be kept for its memory, with its cards plugged in."""
    return machine.active or (machine.state is MachineState.CRASHED and machine.id > 0)


def _stored(machine: Machine) -> tuple[str, ...]:
    """What a start would open again; a configuration nobody could read is not a pass."""
    if isinstance(machine.stored_nics, Unknown):
        return () if machine.persistent is False else (UNREAD,)
    return _open(machine.stored_nics, "stored")


def _is_cut(nic: Nic) -> bool:
    return nic.cut is NicCut.LINK and not nic.link_up


def _open(nics: tuple[Nic, ...], side: str) -> tuple[str, ...]:
    return tuple(
        f"{nic.mac.lower()}: {side if nic.cut is NicCut.LINK else nic.kind}"
        for nic in nics
        if not _is_cut(nic)
    )


def _ways(machine: Machine) -> tuple[str, ...]:
    """Passed-through devices and arguments past libvirt: each may be a network card. Those of a
    machine that is off would be there at its next start."""
    devices = () if isinstance(machine.devices, Unknown) else machine.devices
    kinds = ("hostdev", "redirdev")
    passed_through = [
        f"{device.kind} {device.type} {device.source}".strip()
        for device in devices
        if device.kind in kinds and device.type != "scsi"
    ]
    values = (argument.partition("value=")[2] for argument in machine.custom_arguments)
    arguments = [f"emulator argument {value}" for value in values if opening_argument(value)]
    saved = machine.managed_save is True and not _has_process(machine)
    shared = _shared(machine) if _goes(machine) else ()
    return (*passed_through, *shared, *arguments, *((MANAGED_SAVE,) if saved else ()))


def _shared(machine: Machine) -> tuple[str, ...]:
    """What a running machine shares with its host or with other machines, past the network."""
    devices = () if isinstance(machine.devices, Unknown) else machine.devices
    disks = () if isinstance(machine.disks, Unknown) else machine.disks
    beside = (f"{each.kind} {each.target}".strip() for each in devices if each.kind in HOST_SHARES)
    shareable = (f"shared disk {disk.target}" for disk in disks if disk.shareable)
    return (*beside, *shareable)


def _claimed(machine: Machine, now: datetime) -> Quarantine | None:
    claim = machine.claim
    if not claim.hold_case:
        return None
    return Quarantine(
        state=Containment.UNKNOWN,
        mode=Mode.STRICT,
        case=claim.hold_case,
        owner=claim.hold_owner,
        since=_time(claim.hold_since, now),
        reason=CLAIMED,
        missing=(),
        observed_at=machine.observed_at,
    )


def _time(text: str, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if found.tzinfo else otherwise


def _quarantine(
    hold: Hold,
    state: Containment,
    missing: tuple[str, ...],
    at: datetime,
    lost: datetime | None = None,
) -> Quarantine:
    return Quarantine(
        state=state,
        mode=hold.mode,
        case=hold.case,
        owner=hold.owner,
        since=hold.since,
        reason=hold.reason,
        missing=missing,
        observed_at=at,
        memory_lost=lost or hold.lost_at,
        drill=hold.drill,
        foreign=hold.foreign,
        gaps=hold.gaps,
        happened=hold.happened,
        asked_by=hold.asked_by,
        kept=hold.kept,
    )
