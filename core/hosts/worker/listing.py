"""Names, states and flags of all machines in a handful of calls, never one a machine."""

from collections.abc import Iterable

import libvirt
import msgspec

from core.facts import MachineRow, MachineState, Unknown
from core.hosts.worker.failures import unknown_of
from core.hosts.worker.link import Link
from core.hosts.worker.xml.document import MAX_NAME, bounded

STATES = {
    libvirt.VIR_DOMAIN_RUNNING: MachineState.RUNNING,
    libvirt.VIR_DOMAIN_BLOCKED: MachineState.BLOCKED,
    libvirt.VIR_DOMAIN_PAUSED: MachineState.PAUSED,
    libvirt.VIR_DOMAIN_SHUTDOWN: MachineState.SHUTTING_DOWN,
    libvirt.VIR_DOMAIN_SHUTOFF: MachineState.OFF,
    libvirt.VIR_DOMAIN_CRASHED: MachineState.CRASHED,
    libvirt.VIR_DOMAIN_PMSUSPENDED: MachineState.SUSPENDED,
}

# One filtered list each: the machines in it have the property.
FLAGS = {
    "persistent": libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT,
    "autostart": libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART,
    "managed_save": libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
    "has_snapshots": libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT,
}


def list_states(link: Link) -> tuple[MachineRow, ...]:
    """All names with exact states in one call, or in three where the driver has no statistics."""
    try:
        found = link.connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, 0)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
        return _states_by_lists(link)
    return tuple(
        row_of(link, domain, STATES.get(values.get("state.state", 0), MachineState.UNKNOWN))
        for domain, values in found
    )


def _states_by_lists(link: Link) -> tuple[MachineRow, ...]:
    """Running, paused and off by filtered lists; what is in none of them is unknown."""
    states: dict[str, MachineState] = {}
    for flag, state in (
        (libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING, MachineState.RUNNING),
        (libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED, MachineState.PAUSED),
        (libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF, MachineState.OFF),
    ):
        for domain in link.connection.listAllDomains(flag):
            states[domain.UUIDString()] = state
    return tuple(
        row_of(link, domain, states.get(domain.UUIDString(), MachineState.UNKNOWN))
        for domain in link.connection.listAllDomains(0)
    )


def row_of(link: Link, domain: libvirt.virDomain, state: MachineState) -> MachineRow:
    uuid = link.know(domain)
    return MachineRow(uuid=uuid, name=name_of(domain, uuid), state=state, id=domain.ID())


def name_of(domain: libvirt.virDomain, uuid: str) -> str:
    """The machine's name; its uuid where the host sent bytes that are no text."""
    try:
        return bounded(domain.name(), MAX_NAME)
    except UnicodeDecodeError:
        return uuid


def list_flagged(link: Link, flag: int) -> frozenset[str] | Unknown:
    """The uuids of the machines that have one property."""
    try:
        return frozenset(link.know(domain) for domain in link.connection.listAllDomains(flag))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
        return unknown_of(error)


def with_flags(
    rows: Iterable[MachineRow], flags: dict[str, frozenset[str] | Unknown]
) -> tuple[MachineRow, ...]:
    """Put the filtered lists into the rows; a list that is not there leaves NOT_READ."""
    return tuple(
        msgspec.structs.replace(
            row,
            **{
                name: uuids if isinstance(uuids, Unknown) else row.uuid in uuids
                for name, uuids in flags.items()
            },
        )
        for row in rows
    )


def fresh_row(link: Link, uuid: str) -> MachineRow:
    """One machine's row with calls of its own, for the few that an event names.

    Raises:
        libvirt.libvirtError: the machine is gone, or the call failed.
    """
    domain = link.look_up(uuid)
    state = STATES.get(int(link.domain(uuid).state()[0]), MachineState.UNKNOWN)
    row = row_of(link, domain, state)
    return msgspec.structs.replace(
        row,
        persistent=_flag(link, uuid, "isPersistent"),
        autostart=_flag(link, uuid, "autostart"),
        managed_save=_flag(link, uuid, "hasManagedSaveImage"),
        has_snapshots=_flag(link, uuid, "snapshotNum"),
    )


def _flag(link: Link, uuid: str, question: str) -> bool | Unknown:
    domain = link.domain(uuid)
    try:
        match question:
            case "isPersistent":
                return bool(domain.isPersistent())
            case "autostart":
                return bool(domain.autostart())
            case "hasManagedSaveImage":
                return bool(domain.hasManagedSaveImage(0))
            case _:
                return domain.snapshotNum(0) > 0
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return unknown_of(error)
