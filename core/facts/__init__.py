"""What was observed: frozen, typed values, the wire format of the workers at the same time.

Facts know nobody: no I/O, no libvirt, no Qt. A value that could not be read is `Unknown` with
the reason, never a default (house rule 2). Text inside facts came from hosts and guests and is
hostile until it is shown as plain text. Times are aware UTC, sizes bytes, durations seconds.
They form no cycles, so the collector need not walk them (`gc=False`): thousands of machines would
otherwise stop the window for a quarter of a second now and then.
"""

from core.facts.console import Console, ConsoleKind, Exposure
from core.facts.devices import Device, Disk, EncryptionFormat, ImageLabel, Nic, NicCut, NicKind
from core.facts.host import (
    CpuVulnerability,
    Daemon,
    Host,
    HostOs,
    Identity,
    Ksm,
    SecurityDriver,
    SshdSettings,
    Transport,
)
from core.facts.label import (
    Confinement,
    LabelKind,
    SecurityLabel,
    confinement_of,
    mac_label,
    product_name,
)
from core.facts.machine import (
    Difference,
    Firmware,
    Machine,
    MachineClaim,
    MachineRow,
    MachineState,
    Snapshot,
    Tuning,
)
from core.facts.network import Filter, Network, NetworkMode, Pool, PortGroup
from core.facts.preparation import HostPreparation, PreparedItem
from core.facts.unknown import Reason, Unknown

__all__ = [
    "Confinement",
    "Console",
    "ConsoleKind",
    "CpuVulnerability",
    "Daemon",
    "Device",
    "Difference",
    "Disk",
    "EncryptionFormat",
    "Exposure",
    "Filter",
    "Firmware",
    "Host",
    "HostOs",
    "HostPreparation",
    "Identity",
    "ImageLabel",
    "Ksm",
    "LabelKind",
    "Machine",
    "MachineClaim",
    "MachineRow",
    "MachineState",
    "Network",
    "NetworkMode",
    "Nic",
    "NicCut",
    "NicKind",
    "Pool",
    "PortGroup",
    "PreparedItem",
    "Reason",
    "SecurityDriver",
    "SecurityLabel",
    "Snapshot",
    "SshdSettings",
    "Transport",
    "Tuning",
    "Unknown",
    "confinement_of",
    "mac_label",
    "product_name",
]
