"""One word for what a row says of its disks, its consoles and its worst finding.

Window, terminal, filter and exports all ask here, so that they never disagree.
"""

from enum import StrEnum

from core.facts import (
    Confinement,
    Console,
    ConsoleKind,
    Disk,
    EncryptionFormat,
    Exposure,
    Unknown,
)
from core.fleet.model import MachineView
from core.posture.model import Finding, Verdict

FAILING = frozenset({Verdict.FAIL, Verdict.WARN})
SEVERITIES = ("critical", "high", "medium", "low", "info")


class Encrypted(StrEnum):
    """The machine's disks together."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NO_DISKS = "no-disks"
    UNKNOWN = "unknown"


class Reach(StrEnum):
    """The widest of a machine's consoles, in the words of the filter."""

    OPEN = "open"  # from the network
    LOCAL = "local"
    OFF = "off"
    UNKNOWN = "unknown"


_REACH = {
    Exposure.OFF: Reach.OFF,
    Exposure.LOCAL: Reach.LOCAL,
    Exposure.UNKNOWN: Reach.UNKNOWN,
    Exposure.NETWORK: Reach.OPEN,
    Exposure.EVERYWHERE: Reach.OPEN,
}
_WIDTH = (Reach.OFF, Reach.LOCAL, Reach.UNKNOWN, Reach.OPEN)
_NO_LISTENER = frozenset({ConsoleKind.SDL, ConsoleKind.DBUS, ConsoleKind.EGL})


def disks_of(view: MachineView) -> tuple[Disk, ...] | Unknown | None:
    """The disks that can hold the machine's data; None before the machine was read."""
    if view.machine is None:
        return None
    disks = view.machine.disks
    if isinstance(disks, Unknown):
        return disks
    return tuple(disk for disk in disks if disk.device in {"disk", "lun"})


def encrypted(view: MachineView) -> Encrypted:
    disks = disks_of(view)
    if disks is None or isinstance(disks, Unknown):
        return Encrypted.UNKNOWN
    if not disks:
        return Encrypted.NO_DISKS
    if any(isinstance(disk.encryption, Unknown) for disk in disks):
        return Encrypted.UNKNOWN
    plain = sum(disk.encryption is EncryptionFormat.NONE for disk in disks)
    if plain == 0:
        return Encrypted.YES
    return Encrypted.NO if plain == len(disks) else Encrypted.PARTLY


def consoles_of(view: MachineView) -> tuple[Console, ...] | Unknown | None:
    """The consoles; None before the machine was read."""
    return None if view.machine is None else view.machine.consoles


def reach(view: MachineView) -> Reach:
    consoles = consoles_of(view)
    if consoles is None or isinstance(consoles, Unknown):
        return Reach.UNKNOWN
    widest = Reach.OFF
    for console in consoles:
        found = Reach.LOCAL if console.kind in _NO_LISTENER else _REACH[console.exposure]
        widest = max(widest, found, key=_WIDTH.index)
    return widest


def confinement(view: MachineView) -> Confinement:
    """The label's state as one value; Unknown with any reason is UNKNOWN."""
    found = view.label.confinement
    return Confinement.UNKNOWN if isinstance(found, Unknown) else found


def failing(view: MachineView) -> tuple[Finding, ...]:
    if view.failing is not None and not view.failing:
        return ()
    # a list first: asked of every row of a sort, and half as dear as a generator
    return tuple([each for each in view.findings if each.verdict in FAILING])


def failing_checks(view: MachineView) -> frozenset[str]:
    """The ids of the failing findings; counted once when the machine was judged."""
    if view.failing is not None:
        return view.failing
    return frozenset(each.check for each in failing(view))


def worst(view: MachineView) -> Finding | None:
    """The failing finding to look at first: the most severe, of these the surest."""
    return max(
        failing(view),
        key=lambda each: (each.severity, each.verdict is Verdict.FAIL),
        default=None,
    )


def zone_names(view: MachineView) -> tuple[str, ...] | Unknown:
    zones = view.zones
    return zones if isinstance(zones, Unknown) else tuple(each.zone.name for each in zones)
