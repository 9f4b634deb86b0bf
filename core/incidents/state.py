"""What the screen may say: from our own record of the hold and what was observed, nothing else."""

from datetime import datetime

from core.facts import Machine, Nic, NicCut, Unknown
from core.incidents.holds import Hold
from core.incidents.model import Containment, Mode, Quarantine

CLAIMED = "claimed"  # the reason shown for a mark we have no record of
UNREAD = "stored: unread"


def observed(
    hold: Hold | None, machine: Machine | None, stale: bool, now: datetime
) -> Quarantine | None:
    """Return the state of one machine's quarantine; None when nobody says it is held."""
    if hold is None:
        return _claimed(machine, now) if machine is not None else None
    if machine is None or stale:
        return _quarantine(hold, Containment.UNKNOWN, (), now)
    state, missing = _judged(hold, machine)
    return _quarantine(hold, state, missing, machine.observed_at)


def _judged(hold: Hold, machine: Machine) -> tuple[Containment, tuple[str, ...]]:
    if isinstance(machine.nics, Unknown):
        return Containment.UNKNOWN, ()
    live = machine.nics if machine.active else ()
    missing = tuple(dict.fromkeys((*_open(live, "live"), *_stored(machine), *_ways(machine))))
    cut = [nic for nic in live if _is_cut(nic)]
    if not missing:
        return Containment.CONTAINED, ()
    if live and not cut and not _driver_refused(hold, live):
        return Containment.NOT_CONTAINED, missing
    return Containment.PARTIAL, missing


def _stored(machine: Machine) -> tuple[str, ...]:
    """What a start would open again; a configuration nobody could read is not a pass."""
    if isinstance(machine.stored_nics, Unknown):
        return () if machine.persistent is False else (UNREAD,)
    return _open(machine.stored_nics, "stored")


def _is_cut(nic: Nic) -> bool:
    return nic.cut is NicCut.LINK and not nic.link_up


def _driver_refused(hold: Hold, live: tuple[Nic, ...]) -> bool:
    """Only the configuration could be cut: every card that is up was refused by the driver."""
    return all(nic.mac.lower() in hold.refused_live for nic in live)


def _open(nics: tuple[Nic, ...], side: str) -> tuple[str, ...]:
    return tuple(
        f"{nic.mac.lower()}: {side if nic.cut is NicCut.LINK else nic.kind}"
        for nic in nics
        if not _is_cut(nic)
    )


def _ways(machine: Machine) -> tuple[str, ...]:
    """Passed-through devices while it runs: each may be a network card."""
    if isinstance(machine.devices, Unknown) or not machine.active:
        return ()
    kinds = ("hostdev", "redirdev")
    return tuple(
        f"{device.kind} {device.type} {device.source}".strip()
        for device in machine.devices
        if device.kind in kinds and device.type != "scsi"
    )


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
    hold: Hold, state: Containment, missing: tuple[str, ...], at: datetime
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
    )
