"""One machine (libvirt: domain) as its host described it at one moment."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.facts.console import Console
from core.facts.devices import Device, Disk, Nic
from core.facts.label import SecurityLabel
from core.facts.unknown import Reason, Unknown

NOT_READ = Unknown(Reason.NOT_READ)


class MachineState(StrEnum):
    RUNNING = "running"
    BLOCKED = "blocked"
    PAUSED = "paused"
    SHUTTING_DOWN = "shutting-down"
    OFF = "off"
    CRASHED = "crashed"
    SUSPENDED = "suspended"  # by the guest's power management
    UNKNOWN = "unknown"


ACTIVE_STATES = frozenset(
    {
        MachineState.RUNNING,
        MachineState.BLOCKED,
        MachineState.PAUSED,
        MachineState.SHUTTING_DOWN,
        MachineState.SUSPENDED,
    }
)


class MachineRow(Struct, frozen=True, gc=False):
    """The first thing a host tells: enough for a row while the rest is read."""

    uuid: str
    name: str
    state: MachineState
    id: int = -1
    persistent: bool | Unknown = NOT_READ
    autostart: bool | Unknown = NOT_READ
    managed_save: bool | Unknown = NOT_READ
    has_snapshots: bool | Unknown = NOT_READ


class Firmware(Struct, frozen=True, gc=False, tag="firmware"):
    kind: str  # "bios", "efi", "direct-kernel", "container"
    secure_boot: bool | Unknown
    enrolled_keys: bool | Unknown
    loader: str = ""
    loader_read_only: bool | Unknown = NOT_READ
    nvram: str = ""
    boot_menu: bool = False
    boot_order: tuple[str, ...] = ()
    kernel: str = ""
    kernel_args: str = ""
    smm: bool = False


class Tuning(Struct, frozen=True, gc=False, tag="tuning"):
    """CPU and memory settings that isolate, or fail to isolate, neighbours."""

    vcpus: int
    max_vcpus: int
    memory_bytes: int
    max_memory_bytes: int
    vcpu_pins: dict[str, str] = {}
    emulator_pin: str = ""
    cpu_quota: int = 0  # microseconds a period; 0: none
    cpu_period: int = 0
    cpu_shares: int = 0
    cpu_mode: str = ""
    cpu_model: str = ""
    cpu_features: dict[str, str] = {}
    real_time: tuple[str, ...] = ()
    hugepages: bool = False
    no_shared_pages: bool = False
    locked: bool = False
    hard_limit_bytes: int = 0
    access: str = ""  # memoryBacking access mode: shared, private, ""
    dump_core: str = ""  # memory dumpCore attribute
    numa_shared: bool = False
    cache_tune: bool = False


class Snapshot(Struct, frozen=True, gc=False):
    name: str
    created_at: datetime | Unknown
    state: str
    current: bool
    external: bool = False
    with_memory: bool = False


class Difference(Struct, frozen=True, gc=False):
    """One place where the running machine is not what is stored."""

    path: str
    live: str
    stored: str


class MachineClaim(Struct, frozen=True, gc=False, tag="claim"):
    """What the machine's own metadata says of it. A claim anybody with libvirt access can write:
    it may raise a severity, never lower one, and never alone shows contained (house rule 7)."""

    zone: str = ""
    tenant: str = ""
    risk: str = ""
    hold_case: str = ""
    hold_mode: str = ""
    hold_since: str = ""
    hold_owner: str = ""


class Machine(Struct, frozen=True, gc=False):
    """Everything read of one machine.

    `live_*` facts come from the running XML when the machine runs, else from the stored one.
    """

    uuid: str
    name: str
    state: MachineState
    observed_at: datetime
    id: int
    persistent: bool | Unknown
    autostart: bool | Unknown
    managed_save: bool | Unknown
    title: str
    description: str
    driver: str  # <domain type>: kvm, qemu, test, vmware, ...
    machine_type: str
    arch: str
    emulator: str
    os_type: str
    firmware: Firmware | Unknown
    tuning: Tuning | Unknown
    disks: tuple[Disk, ...] | Unknown
    nics: tuple[Nic, ...] | Unknown
    consoles: tuple[Console, ...] | Unknown
    devices: tuple[Device, ...] | Unknown
    labels: tuple[SecurityLabel, ...] | Unknown
    stored_labels: tuple[SecurityLabel, ...] | Unknown
    launch_security: str  # "", sev, sev-snp, tdx, s390-pv
    taints: tuple[str, ...] | Unknown
    snapshots: tuple[Snapshot, ...] | Unknown
    claim: MachineClaim
    differences: tuple[Difference, ...] | Unknown
    stored_nics: tuple[Nic, ...] | Unknown = NOT_READ
    started_at: datetime | Unknown = NOT_READ
    custom_arguments: tuple[str, ...] = ()  # <qemu:commandline>, overrides: each a short text
    features: dict[str, str] = {}
    metadata_namespaces: tuple[str, ...] = ()
    xml_bytes: int = 0
    partial: bool = False  # the XML could not be parsed whole; see `parse_error`
    parse_error: str = ""
    demo: bool = False

    @property
    def active(self) -> bool:
        """A process exists for it on the host."""
        return self.state in ACTIVE_STATES
