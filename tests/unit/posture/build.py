"""Builders of facts: a machine and a host with nothing wrong, and the changes a case needs."""

from datetime import UTC, datetime
from typing import Any

from core.facts import (
    Console,
    ConsoleKind,
    CpuVulnerability,
    Daemon,
    Device,
    Disk,
    EncryptionFormat,
    Filter,
    Firmware,
    Host,
    HostOs,
    Identity,
    Ksm,
    LabelKind,
    Machine,
    MachineClaim,
    MachineState,
    Network,
    NetworkMode,
    Nic,
    NicKind,
    Reason,
    SecurityDriver,
    SecurityLabel,
    SshdSettings,
    Transport,
    Tuning,
    Unknown,
)
from core.posture.subject import FleetSubject, HostSubject, MachineSubject, Sharing, sharing_of
from core.settings.model import DataClass, Protection, ZoneEntry
from core.tenants.model import Ownership
from core.zones.model import Membership

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
UNREAD = Unknown(Reason.NOT_READ)
NO_SSH = Unknown(Reason.NO_SSH)

STOCK_PARTS = ("no-mac-spoofing", "no-ip-spoofing", "no-arp-spoofing", "no-other-l2-traffic")
QEMU_CONF = {
    "user": "qemu",
    "group": "qemu",
    "security_default_confined": "1",
    "security_require_confined": "1",
    "seccomp_sandbox": "1",
    "namespaces": '["mount"]',
    "sched_core": "none",
}
LIBVIRTD_CONF = {
    "access_drivers": '["polkit"]',
    "auth_unix_rw": "polkit",
    "tls_allowed_dn_list": '["CN=admin"]',
}
FILES = {
    "/etc/libvirt": "0755 root:root",
    "/etc/libvirt/secrets": "0700 root:root",
    "/dev/kvm": "0660 root:kvm",
    "/run/libvirt/libvirt-sock": "0666 root:root",
}
SSHD = {
    "permitrootlogin": "no",
    "passwordauthentication": "no",
    "kbdinteractiveauthentication": "no",
    "x11forwarding": "no",
    "permitemptypasswords": "no",
}


def selinux(
    categories: tuple[str, ...] = ("c120", "c207"), process_type: str = "svirt_t", **fields: Any
) -> SecurityLabel:
    level = "s0:" + ",".join(categories) if categories else "s0"
    values: dict[str, Any] = {
        "model": "selinux",
        "text": f"system_u:system_r:{process_type}:{level}",
        "live": True,
        "enforcing": True,
        "kind": LabelKind.DYNAMIC,
        "relabel": True,
        "type": process_type,
        "level": level,
        "categories": categories,
    }
    return SecurityLabel(**{**values, **fields})


def dac(owner: str = "+107:+107") -> SecurityLabel:
    return SecurityLabel("dac", owner, True, UNREAD, LabelKind.DYNAMIC, True)


def disk(**fields: Any) -> Disk:
    values: dict[str, Any] = {
        "target": "vda",
        "device": "disk",
        "bus": "virtio",
        "source_kind": "file",
        "source": "/var/lib/libvirt/images/web-01.qcow2",
        "format": "qcow2",
        "encryption": EncryptionFormat.LUKS,
        "read_only": False,
        "shareable": False,
        "cache": "none",
    }
    return Disk(**{**values, **fields})


def nic(**fields: Any) -> Nic:
    values: dict[str, Any] = {
        "mac": "52:54:00:aa:00:01",
        "kind": NicKind.NETWORK,
        "source": "dmz",
        "bridge": "br-dmz",
        "model": "virtio",
        "filter": "clean-traffic",
        "filter_parameters": {"IP": ("10.0.0.5",)},
        "isolated": True,
        "outbound_limited": True,
    }
    return Nic(**{**values, **fields})


def vnc(*listen: str, **fields: Any) -> Console:
    values: dict[str, Any] = {
        "kind": ConsoleKind.VNC,
        "listen": listen or ("/run/libvirt/qemu/web-01.vnc",),
        "port": 5900,
        "tls": Unknown(Reason.NOT_KNOWN_TO_LIBVIRT),
        "password_set": True,
        "password_expires": "2026-11-22T12:00:00",
        "clipboard": False,
        "file_transfer": False,
    }
    return Console(**{**values, **fields})


def spice(*listen: str, **fields: Any) -> Console:
    values: dict[str, Any] = {
        "kind": ConsoleKind.SPICE,
        "listen": listen or ("127.0.0.1",),
        "port": 5901,
        "tls": False,
        "password_set": True,
        "clipboard": False,
        "file_transfer": False,
    }
    return Console(**{**values, **fields})


def serial(*listen: str, **fields: Any) -> Console:
    values: dict[str, Any] = {
        "kind": ConsoleKind.SERIAL,
        "listen": listen or ("pty",),
        "port": 0,
        "back_end": "pty",
    }
    return Console(**{**values, **fields})


def tuning(**fields: Any) -> Tuning:
    values: dict[str, Any] = {
        "vcpus": 2,
        "max_vcpus": 2,
        "memory_bytes": 2**31,
        "max_memory_bytes": 2**31,
        "cpu_quota": 150_000,
        "cpu_period": 100_000,
        "cpu_mode": "host-model",
        "cpu_features": {"vmx": "disable"},
        "no_shared_pages": True,
        "dump_core": "off",
    }
    return Tuning(**{**values, **fields})


def firmware(**fields: Any) -> Firmware:
    values: dict[str, Any] = {
        "kind": "efi",
        "secure_boot": True,
        "enrolled_keys": True,
        "loader_read_only": True,
        "boot_order": ("hd",),
    }
    return Firmware(**{**values, **fields})


def device(kind: str, **fields: Any) -> Device:
    return Device(kind, **fields)


TPM = Device("tpm", type="emulator", model="tpm-crb", details={"version": "2.0"})


def machine(**fields: Any) -> Machine:
    """A running machine with nothing wrong."""
    values: dict[str, Any] = {
        "uuid": "11111111-2222-4333-8444-555555555555",
        "name": "web-01",
        "state": MachineState.RUNNING,
        "observed_at": NOW,
        "id": 1,
        "persistent": True,
        "autostart": True,
        "managed_save": False,
        "title": "",
        "description": "",
        "driver": "kvm",
        "machine_type": "pc-q35-7.2",
        "arch": "x86_64",
        "emulator": "/usr/bin/qemu-system-x86_64",
        "os_type": "hvm",
        "firmware": firmware(),
        "tuning": tuning(),
        "disks": (disk(),),
        "nics": (nic(),),
        "consoles": (vnc(),),
        "devices": (TPM,),
        "labels": (selinux(), dac()),
        "stored_labels": (),
        "launch_security": "",
        "taints": (),
        "snapshots": (),
        "claim": MachineClaim(),
        "differences": (),
    }
    return Machine(**{**values, **fields})


def host_os(**fields: Any) -> HostOs:
    values: dict[str, Any] = {
        "kernel": "6.1.0-28",
        "distribution": "Rocky Linux 9.5",
        "selinux": "enforcing",
        "apparmor": False,
        "ksm": Ksm(0, 0),
        "smt": "off",
        "vulnerabilities": (CpuVulnerability("mds", "Not affected"),),
        "sshd": SshdSettings(SSHD),
        "daemons": (Daemon("qemu.conf", QEMU_CONF), Daemon("libvirtd.conf", LIBVIRTD_CONF)),
        "listening": ("tcp 0.0.0.0:22", "tcp 0.0.0.0:16514"),
        "libvirt_group": ("anna",),
        "boot_id": "b",
        "uptime_seconds": 1000.0,
        "clock_offset_seconds": 0.004,
        "nested": False,
        "iommu": True,
        "svirt_permissive_types": (),
        "machine_processes": (),
        "swap_encrypted": True,
        "files": FILES,
    }
    return HostOs(**{**values, **fields})


def qemu_conf(**settings: str) -> HostOs:
    """Host facts with these assignments of qemu.conf in place of ours."""
    files = (Daemon("qemu.conf", {**QEMU_CONF, **settings}), Daemon("libvirtd.conf", LIBVIRTD_CONF))
    return host_os(daemons=files)


def libvirtd_conf(**settings: str) -> HostOs:
    files = (Daemon("qemu.conf", QEMU_CONF), Daemon("libvirtd.conf", settings))
    return host_os(daemons=files)


def network(**fields: Any) -> Network:
    values: dict[str, Any] = {
        "name": "dmz",
        "uuid": "n1",
        "active": True,
        "persistent": True,
        "autostart": True,
        "mode": NetworkMode.ISOLATED,
        "bridge": "br-dmz",
    }
    return Network(**{**values, **fields})


def host(**fields: Any) -> Host:
    values: dict[str, Any] = {
        "name": "hv1",
        "uri": "qemu+tls://hv1/system",
        "transport": Transport.TLS,
        "hostname": "hv1",
        "driver": "QEMU",
        "read_only": False,
        "observed_at": NOW,
        "libvirt_version": "9.0.0",
        "hypervisor_version": "7.2.22",
        "security_drivers": (
            SecurityDriver("selinux"),
            SecurityDriver("dac", base_labels={"kvm": "+107:+107"}),
        ),
        "cpu_model": "EPYC",
        "cpus": 32,
        "memory_bytes": 2**36,
        "iommu": True,
        "encrypted_transport": True,
        "verified_peer": True,
        "identity": Identity("CN=anna", "client certificate"),
        "os": host_os(),
        "networks": (network(),),
        "filters": (
            Filter("clean-traffic", "f1", STOCK_PARTS),
            *(Filter(name, name, (), 2) for name in STOCK_PARTS),
        ),
        "pools": (),
    }
    return Host(**{**values, **fields})


def zone(
    name: str = "dmz",
    protection: Protection = Protection.NORMAL,
    data_class: DataClass = DataClass.INTERNAL,
    proposed: bool = False,
) -> Membership:
    entry = ZoneEntry(name, protection=protection, data_class=data_class, proposed=proposed)
    return Membership(entry, (f"52:54:00:aa:00:01 network {name}",))


def subject(machine_facts: Machine | None = None, **fields: Any) -> MachineSubject:
    values: dict[str, Any] = {
        "host": host(),
        "machine": machine_facts or machine(),
        "zones": (zone(),),
        "tenant": Ownership("acme", ""),
        "now": NOW,
    }
    return MachineSubject(**{**values, **fields})


def with_machine(**fields: Any) -> MachineSubject:
    return subject(machine(**fields))


def on_host(**fields: Any) -> MachineSubject:
    return subject(host=host(**fields))


def neighbour(number: int, **fields: Any) -> MachineSubject:
    """One of several machines that have nothing in common but the host."""
    facts: dict[str, Any] = {
        "uuid": f"11111111-2222-4333-8444-{number:012d}",
        "name": f"web-{number:02d}",
        "labels": (selinux((f"c{number}", f"c{number + 500}")), dac()),
        "disks": (disk(source=f"/var/lib/libvirt/images/{number}.qcow2"),),
        "nics": (nic(mac=f"52:54:00:00:00:{number:02x}"),),
    }
    tenant = fields.pop("tenant", Ownership("acme", ""))
    zones = fields.pop("zones", (zone(),))
    on = fields.pop("host", host())
    return subject(machine(**{**facts, **fields}), tenant=tenant, zones=zones, host=on)


def fleet(*machines: MachineSubject) -> FleetSubject:
    hosts = {each.on: each.host for each in machines if each.host is not None}
    return FleetSubject(tuple(hosts.values()), machines, NOW)


def host_subject(*machines: MachineSubject, **fields: Any) -> HostSubject:
    sharing: Sharing = sharing_of(machines)
    return HostSubject(host(**fields), machines, NOW, sharing)
