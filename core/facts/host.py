"""A host: what libvirt and (where we have a shell) the host itself say of it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.facts.host_network import HostNetwork
from core.facts.network import Filter, Network, Pool
from core.facts.preparation import HostPreparation
from core.facts.unknown import Reason, Unknown

NO_SSH = Unknown(Reason.NO_SSH)
NOT_READ = Unknown(Reason.NOT_READ)


class Transport(StrEnum):
    LOCAL = "local"
    TLS = "tls"
    SSH = "ssh"
    HTTPS = "https"  # ESX, vCenter
    IN_PROCESS = "in-process"  # test driver


class SecurityDriver(Struct, frozen=True, gc=False):
    """One `<secmodel>` of the capabilities, in the host's own order."""

    model: str
    doi: str = ""
    base_labels: dict[str, str] = {}


class Identity(Struct, frozen=True, gc=False, tag="identity"):
    """As whom we are on the host."""

    user: str  # unix user, certificate subject or ESX user
    how: str  # "ssh key SHA256:...", "client certificate", "local socket", "sasl", "password"
    uid: int | Unknown = NOT_READ
    groups: tuple[str, ...] | Unknown = NOT_READ
    root: bool | Unknown = NOT_READ


class CpuVulnerability(Struct, frozen=True, gc=False):
    """A file of /sys/devices/system/cpu/vulnerabilities with its one line."""

    name: str
    status: str

    @property
    def vulnerable(self) -> bool:
        """Also further right: "KVM: Vulnerable", "Mitigation: ...; BHI: Vulnerable"."""
        said = self.status
        return said.startswith(("Vulnerable", "Processor vulnerable")) or ": Vulnerable" in said

    @property
    def answered(self) -> bool:
        """Whether it says anything at all; some kernels write "Unknown: ..." here."""
        return self.vulnerable or self.status.startswith(
            ("Not affected", "Mitigation", "KVM: Mitigation")
        )


class Ksm(Struct, frozen=True, gc=False, tag="ksm"):
    run: int  # /sys/kernel/mm/ksm/run: 0 off, 1 on, 2 unmerging
    pages_shared: int


class SshdSettings(Struct, frozen=True, gc=False, tag="sshd"):
    """`sshd -T` as far as we may run it; keys and values in lower case."""

    values: dict[str, str]


class Daemon(Struct, frozen=True, gc=False, tag="daemon"):
    """One of libvirt's configuration files, parsed to its assignments."""

    name: str  # libvirtd.conf, qemu.conf, ...
    values: dict[str, str]


class HostOs(Struct, frozen=True, gc=False, tag="os"):
    """What only the host's shell tells."""

    kernel: str
    distribution: str
    selinux: str | Unknown  # enforcing, permissive, disabled
    apparmor: bool | Unknown
    ksm: Ksm | Unknown
    smt: str | Unknown  # on, off, forceoff, notsupported, notimplemented
    vulnerabilities: tuple[CpuVulnerability, ...] | Unknown
    sshd: SshdSettings | Unknown
    daemons: tuple[Daemon, ...] | Unknown
    listening: tuple[str, ...] | Unknown  # "tcp 0.0.0.0:16509"
    libvirt_group: tuple[str, ...] | Unknown
    boot_id: str
    uptime_seconds: float
    clock_offset_seconds: float | Unknown
    nested: bool | Unknown = NOT_READ
    iommu: bool | Unknown = NOT_READ
    svirt_permissive_types: tuple[str, ...] | Unknown = NOT_READ
    machine_processes: tuple[tuple[str, str], ...] | Unknown = NOT_READ  # (uuid, user) of QEMUs
    swap_encrypted: bool | Unknown = NOT_READ
    files: dict[str, str] = {}
    preparation: HostPreparation | Unknown = NOT_READ
    network: HostNetwork | Unknown = NOT_READ


class Host(Struct, frozen=True, gc=False):
    """One host as observed at `observed_at`."""

    name: str  # our name for it, from fleet.toml
    uri: str
    transport: Transport
    hostname: str
    driver: str  # QEMU, Test, ESX, Xen, LXC
    read_only: bool
    observed_at: datetime
    libvirt_version: str | Unknown
    hypervisor_version: str | Unknown
    security_drivers: tuple[SecurityDriver, ...] | Unknown
    cpu_model: str | Unknown
    cpus: int | Unknown
    memory_bytes: int | Unknown
    iommu: bool | Unknown
    encrypted_transport: bool | Unknown  # judged from the URI: libvirt's own flag lies
    verified_peer: bool | Unknown  # False with no_verify
    identity: Identity | Unknown
    os: HostOs | Unknown = NO_SSH
    networks: tuple[Network, ...] | Unknown = NOT_READ
    filters: tuple[Filter, ...] | Unknown = NOT_READ
    pools: tuple[Pool, ...] | Unknown = NOT_READ
    demo: bool = False

    @property
    def security_models(self) -> tuple[str, ...] | Unknown:
        """The models in the host's order: the order in which libvirt lists a machine's labels."""
        if isinstance(self.security_drivers, Unknown):
            return self.security_drivers
        return tuple(driver.model for driver in self.security_drivers)
