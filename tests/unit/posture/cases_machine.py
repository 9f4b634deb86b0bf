"""For every check on a machine: one that passes, ones that do not, one that nobody can judge."""

from datetime import timedelta
from typing import NamedTuple

from core.facts import (
    Difference,
    EncryptionFormat,
    ImageLabel,
    Ksm,
    LabelKind,
    MachineClaim,
    MachineState,
    NicKind,
    Reason,
    SecurityDriver,
    SecurityLabel,
    Snapshot,
    Unknown,
)
from core.posture.subject import MachineSubject, Sharing
from core.settings.model import DataClass, Protection
from core.tenants.model import Ownership
from tests.unit.posture.build import (
    NO_SSH,
    NOW,
    TPM,
    UNREAD,
    dac,
    device,
    disk,
    firmware,
    host,
    host_os,
    machine,
    network,
    nic,
    on_host,
    qemu_conf,
    selinux,
    serial,
    spice,
    subject,
    tuning,
    vnc,
    with_machine,
    with_os,
    zone,
)


class Case(NamedTuple):
    passing: MachineSubject
    failing: dict[str, MachineSubject]  # by the case the finding names
    unknown: MachineSubject


GOOD = subject()
HIGH = (zone(protection=Protection.HIGH),)
SECRET = (zone(data_class=DataClass.SECRET),)
NO_DRIVER = (SecurityDriver("none"), SecurityDriver("dac"))
NO_NICS = with_machine(nics=UNREAD)
NO_DISKS = with_machine(disks=UNREAD)
NO_DEVICES = with_machine(devices=UNREAD)
NO_CONSOLES = with_machine(consoles=UNREAD)
NO_TUNING = with_machine(tuning=UNREAD)
NO_FIRMWARE = with_machine(firmware=UNREAD)
NO_LABELS = with_machine(labels=UNREAD)
PCI = device("hostdev", type="pci", source="0000:41:00:0")


def tuned(**fields: object) -> MachineSubject:
    return with_machine(tuning=tuning(**fields))


def booted(**fields: object) -> MachineSubject:
    return with_machine(firmware=firmware(**fields))


def stored(**fields: object) -> MachineSubject:
    return with_machine(disks=(disk(**fields),))


def wired(**fields: object) -> MachineSubject:
    return with_machine(nics=(nic(**fields),))


def fitted(*devices: object) -> MachineSubject:
    return with_machine(devices=devices)


def shown(*consoles: object) -> MachineSubject:
    return with_machine(consoles=consoles)


def label(kind: LabelKind, relabel: bool = True) -> SecurityLabel:
    return selinux(kind=kind, live=False, relabel=relabel)


def aged(days: int, with_memory: bool = False) -> MachineSubject:
    taken = Snapshot("before", NOW - timedelta(days=days), "off", True, with_memory=with_memory)
    return with_machine(snapshots=(taken,))


def merging(run: int, pages: int = 9) -> MachineSubject:
    facts = machine(tuning=tuning(no_shared_pages=False))
    return subject(facts, host=host(os=host_os(ksm=Ksm(run, pages))))


def mixed(subject_: MachineSubject) -> MachineSubject:
    return subject(subject_.machine, sharing=Sharing(frozenset({"acme", "bee"}), frozenset({"z"})))


CONFINEMENT = {
    "VM-SVIRT-001": Case(
        GOOD,
        {
            "unconfined": with_machine(labels=(dac(),)),
            "no-driver": subject(machine(labels=(dac(),)), host=host(security_drivers=NO_DRIVER)),
        },
        NO_LABELS,
    ),
    "VM-SVIRT-002": Case(
        GOOD, {"permissive": with_machine(labels=(selinux(enforcing=False),))}, NO_LABELS
    ),
    "VM-SVIRT-003": Case(
        GOOD,
        {
            "none": with_machine(stored_labels=(label(LabelKind.NONE),)),
            "no-relabel": with_machine(stored_labels=(label(LabelKind.STATIC, relabel=False),)),
            "disk": stored(labels=(ImageLabel("selinux", "", False),)),
        },
        with_machine(stored_labels=UNREAD),
    ),
    "VM-SVIRT-004": Case(
        GOOD,
        {
            "not-two": with_machine(labels=(selinux(("c7",)),)),
            "range": with_machine(labels=(selinux(("c0.c1023",)),)),
        },
        NO_LABELS,
    ),
    "VM-SVIRT-005": Case(
        GOOD,
        {"static": with_machine(stored_labels=(label(LabelKind.STATIC),))},
        with_machine(labels=UNREAD, stored_labels=UNREAD),
    ),
    "VM-SVIRT-007": Case(
        GOOD,
        {
            "other": with_machine(labels=(selinux(process_type="svirt_tcg_t"),)),
            "unconfined": with_machine(labels=(selinux(process_type="unconfined_t"),)),
        },
        NO_LABELS,
    ),
    "VM-DAC-001": Case(
        GOOD,
        {"root": with_machine(labels=(selinux(), dac("+0:+0")))},
        subject(machine(labels=UNREAD), host=host(os=NO_SSH)),
    ),
}

PROCESSOR_AND_MEMORY = {
    "VM-MEM-001": Case(
        GOOD,
        {"merging": merging(1), "left-over": merging(0)},
        subject(machine(tuning=tuning(no_shared_pages=False)), host=host(os=NO_SSH)),
    ),
    "VM-MEM-002": Case(
        subject(machine(launch_security="sev-snp"), zones=SECRET),
        {
            "none": subject(zones=SECRET),
            "registers": subject(machine(launch_security="sev"), zones=SECRET),
        },
        subject(zones=UNREAD),
    ),
    "VM-MEM-004": Case(GOOD, {"no-limit": tuned(locked=True)}, NO_TUNING),
    "VM-MEM-006": Case(
        GOOD,
        {
            "on": tuned(dump_core="on"),
            "on-crash": with_machine(features={"on_crash": "coredump-destroy"}),
            "default": subject(
                machine(tuning=tuning(dump_core="")), host=host(os=qemu_conf(dump_guest_core="1"))
            ),
        },
        subject(machine(tuning=tuning(dump_core="")), host=host(os=NO_SSH)),
    ),
    "VM-MEM-007": Case(GOOD, {"nobody-needs-it": tuned(access="shared")}, NO_TUNING),
    "VM-MEM-008": Case(
        GOOD, {"shmem": fitted(device("shmem", details={"name": "frames"}))}, NO_DEVICES
    ),
    "VM-MEM-009": Case(
        GOOD, {"saved": with_machine(managed_save=True)}, with_machine(managed_save=UNREAD)
    ),
    "VM-TAINT-001": Case(
        GOOD, {"tainted": with_machine(taints=("custom-argv",))}, with_machine(taints=UNREAD)
    ),
    "VM-ARGV-001": Case(
        GOOD,
        {
            "raw": with_machine(custom_arguments=("-qmp", "tcp::4444")),
            "mild": with_machine(custom_arguments=("-global", "x.y=1")),
        },
        with_machine(driver=""),
    ),
    "VM-DRIFT-001": Case(
        GOOD,
        {
            "differs": with_machine(differences=(Difference("vcpu", "2", "4"),)),
            "protection": with_machine(
                differences=(Difference("devices/interface[x]/filterref.filter", "", "clean"),)
            ),
        },
        with_machine(differences=UNREAD),
    ),
    "VM-ACCEL-001": Case(GOOD, {"emulated": with_machine(driver="qemu")}, with_machine(driver="")),
    "VM-CPU-001": Case(
        GOOD,
        {
            "disabled": tuned(cpu_features={"md-clear": "disable"}),
            "generic": tuned(cpu_mode="custom", cpu_model="qemu64"),
            "no-flags": tuned(cpu_mode="custom", cpu_model="Skylake-Server", cpu_features={}),
        },
        NO_TUNING,
    ),
    "VM-CPU-002": Case(
        GOOD,
        {
            "required": tuned(cpu_features={"vmx": "require"}),
            "inherited": tuned(cpu_mode="host-passthrough", cpu_features={}),
        },
        NO_TUNING,
    ),
    "VM-CPU-004": Case(GOOD, {"unbounded": tuned(cpu_quota=0)}, NO_TUNING),
    "VM-CPU-005": Case(GOOD, {"unpinned": tuned(real_time=("vcpusched fifo 1",))}, NO_TUNING),
    "VM-MACHINE-001": Case(
        GOOD,
        {
            "old": with_machine(machine_type="pc-i440fx-7.2"),
            "deprecated": with_machine(machine_type="pc-q35-2.0", taints=("deprecated-config",)),
            "ancient": with_machine(machine_type="isapc"),
        },
        with_machine(driver=""),
    ),
}

BOOT_AND_DEVICES = {
    "VM-FW-001": Case(
        GOOD,
        {
            "off": booted(kind="bios", secure_boot=False),
            "no-keys": booted(enrolled_keys=False),
        },
        NO_FIRMWARE,
    ),
    "VM-FW-002": Case(
        GOOD, {"writable": booted(loader="/x.fd", loader_read_only=False)}, NO_FIRMWARE
    ),
    "VM-BOOT-001": Case(
        GOOD,
        {
            "network": booted(boot_order=("network", "hd")),
            "removable": booted(boot_order=("cdrom", "hd")),
            "menu": booted(boot_menu=True),
        },
        NO_FIRMWARE,
    ),
    "VM-BOOT-002": Case(
        GOOD, {"found": with_machine(description="admin password: hunter2")}, NO_FIRMWARE
    ),
    "VM-TPM-001": Case(
        GOOD,
        {
            "none": fitted(),
            "old": fitted(device("tpm", type="emulator", details={"backend.version": "1.2"})),
            "host": fitted(device("tpm", type="passthrough")),
        },
        NO_DEVICES,
    ),
    "VM-HOSTDEV-001": Case(
        GOOD,
        {
            "given": fitted(PCI),
            "no-iommu": subject(machine(devices=(PCI,)), host=host(iommu=False)),
        },
        subject(machine(devices=(PCI,)), host=host(iommu=UNREAD)),
    ),
    "VM-HOSTDEV-002": Case(
        GOOD,
        {
            "given": fitted(device("hostdev", type="usb", source="0403:6001")),
            "whole": fitted(device("hostdev", type="scsi_host", source="host2")),
        },
        NO_DEVICES,
    ),
    "VM-USBREDIR-001": Case(
        fitted(device("redirdev"), device("redirfilter")),
        {"unfiltered": fitted(device("redirdev"))},
        NO_DEVICES,
    ),
    "VM-DEV-001": Case(GOOD, {"floppy": stored(device="floppy")}, NO_DISKS),
    "VM-DEV-002": Case(
        GOOD, {"emulated": wired(model="e1000e"), "old": wired(model="rtl8139")}, NO_NICS
    ),
    "VM-DEV-006": Case(
        fitted(device("video", model="virtio")),
        {
            "old": fitted(device("video", model="cirrus")),
            "gpu": fitted(device("video", details={"model.acceleration.accel3d": "yes"})),
        },
        NO_DEVICES,
    ),
    "VM-DEV-008": Case(GOOD, {"vsock": fitted(TPM, device("vsock"))}, NO_DEVICES),
}

OWNERSHIP = {
    "VM-META-001": Case(
        GOOD,
        {
            "neither": subject(tenant=Ownership("", "acme"), zones=()),
            "no-tenant": subject(tenant=Ownership("", "acme")),
            "no-zone": subject(zones=(zone(proposed=True),)),
        },
        subject(zones=UNREAD),
    ),
    "VM-CLAIM-001": Case(
        GOOD,
        {"differs": subject(machine(claim=MachineClaim(zone="mgmt")))},
        subject(machine(claim=MachineClaim(zone="mgmt")), zones=UNREAD),
    ),
    "VM-PERSIST-001": Case(
        GOOD, {"transient": with_machine(persistent=False)}, with_machine(persistent=UNREAD)
    ),
    "NET-ZONE-001": Case(
        GOOD,
        {
            "two": subject(zones=(zone("dmz"), zone("internal"))),
            "proposed": subject(zones=(zone("dmz"), zone("internal", proposed=True))),
        },
        subject(zones=UNREAD),
    ),
}

CARDS = {
    "NET-FILTER-001": Case(
        GOOD,
        {
            "none": wired(filter=""),
            "missing": wired(filter="gone"),
            "partly": wired(filter="no-mac-spoofing"),
            "own": wired(filter="no-other-l2-traffic"),
        },
        subject(machine(nics=(nic(filter="site"),)), host=host(filters=UNREAD)),
    ),
    "NET-FILTER-003": Case(GOOD, {"learnt": wired(filter_parameters={})}, NO_NICS),
    "NET-FILTER-005": Case(GOOD, {"beyond": wired(kind=NicKind.VHOSTUSER)}, NO_NICS),
    "NET-TRUST-001": Case(
        GOOD,
        {
            "card": wired(trust_guest_rx_filters=True),
            "network": on_host(networks=(network(trust_guest_rx_filters=True),)),
        },
        on_host(networks=UNREAD),
    ),
    "NET-VLAN-001": Case(GOOD, {"trunk": wired(vlans=(1, 2), vlan_trunk=True)}, NO_NICS),
    "NET-USER-001": Case(GOOD, {"user": wired(kind=NicKind.USER)}, NO_NICS),
    "NET-MACVTAP-001": Case(
        wired(kind=NicKind.DIRECT, mode="private"),
        {
            "joined": wired(kind=NicKind.DIRECT, mode="vepa"),
            "bridge": mixed(wired(kind=NicKind.DIRECT, mode="bridge")),
        },
        NO_NICS,
    ),
    "NET-TUN-001": Case(GOOD, {"tunnel": wired(kind=NicKind.MCAST)}, NO_NICS),
    "NET-QOS-001": Case(GOOD, {"unbounded": wired(outbound_limited=False)}, NO_NICS),
}

DISKS = {
    "STO-FMT-001": Case(
        GOOD,
        {"none": stored(format=""), "probed": with_machine(taints=("disk-probing",))},
        NO_DISKS,
    ),
    "STO-FMT-002": Case(
        stored(chain=("/base.qcow2",), chain_formats=("qcow2",)),
        {
            "no-format": stored(chain=("/base.qcow2",), chain_formats=("",)),
            "elsewhere": stored(chain=("https:base.qcow2",), chain_formats=("raw",)),
        },
        stored(chain=UNREAD),
    ),
    "STO-ENC-001": Case(
        GOOD, {"plain": stored(encryption=EncryptionFormat.NONE)}, stored(encryption=UNREAD)
    ),
    "STO-ENC-002": Case(
        GOOD, {"qcow": stored(encryption=EncryptionFormat.QCOW)}, stored(encryption=UNREAD)
    ),
    "STO-SHARE-001": Case(
        GOOD,
        {
            "shared": stored(shareable=True, format="raw"),
            "ruinous": stored(shareable=True, format="qcow2"),
        },
        NO_DISKS,
    ),
    "STO-RAWIO-001": Case(
        GOOD, {"raw": stored(raw_io=True), "lun": stored(device="lun")}, NO_DISKS
    ),
    "STO-CACHE-001": Case(GOOD, {"unsafe": stored(cache="unsafe")}, NO_DISKS),
    "STO-FS-001": Case(
        GOOD,
        {
            "shared": fitted(device("filesystem", source="/srv/exports")),
            "system": fitted(device("filesystem", source="/etc/pki")),
        },
        NO_DEVICES,
    ),
    "STO-NET-001": Case(
        stored(source_kind="network", source="rbd:pool/disk", secret="s"),
        {
            "clear": stored(source_kind="network", source="http:iso"),
            "open": stored(source_kind="network", source="nbd:export"),
            "login-only": stored(source_kind="network", source="iscsi:iqn/1", secret="s"),
        },
        stored(source_kind="network", source="nbd:export", network_tls=UNREAD),
    ),
    "STO-SNAP-001": Case(
        aged(2),
        {"old": aged(40), "deep": stored(chain=("/b",) * 11, chain_formats=("qcow2",) * 11)},
        with_machine(snapshots=UNREAD),
    ),
    "STO-SNAP-002": Case(
        aged(2), {"memory": aged(2, with_memory=True)}, with_machine(snapshots=UNREAD)
    ),
    "STO-CD-001": Case(
        GOOD,
        {
            "medium": stored(device="cdrom", source="/iso/debian.iso", target="sda"),
            "seed": stored(device="cdrom", source="/iso/web-cidata.iso", target="sda"),
        },
        NO_DISKS,
    ),
}

OPEN_VNC = vnc("0.0.0.0", password_set=False, password_expires="")
TLS_ONLY = qemu_conf(vnc_tls="1")
NO_PASSWORD_TOLD = Unknown(Reason.NOT_PERMITTED)
CONSOLES = {
    "CON-VNC-001": Case(
        GOOD,
        {
            "open": shown(OPEN_VNC),
            "tls-only": subject(machine(consoles=(OPEN_VNC,)), host=host(os=TLS_ONLY)),
        },
        subject(machine(consoles=(OPEN_VNC,)), host=host(os=NO_SSH)),
    ),
    "CON-VNC-002": Case(
        GOOD,
        {
            "nobody-asked": shown(OPEN_VNC),
            "local": shown(vnc("127.0.0.1", password_set=False)),
        },
        shown(vnc("127.0.0.1", password_set=NO_PASSWORD_TOLD, password_expires="")),
    ),
    "CON-VNC-003": Case(
        GOOD,
        {
            "never": shown(vnc("127.0.0.1", password_expires="")),
            "long": shown(vnc("127.0.0.1", password_expires="2028-01-01T00:00:00")),
        },
        shown(vnc("127.0.0.1", password_set=NO_PASSWORD_TOLD, password_expires="")),
    ),
    "CON-VNC-005": Case(
        GOOD,
        {
            "ignore": shown(vnc(share_policy="ignore")),
            "shared": shown(vnc(share_policy="force-shared")),
        },
        NO_CONSOLES,
    ),
    "CON-VNC-006": Case(
        GOOD,
        {
            "local": shown(vnc("127.0.0.1", websocket_port=5700)),
            "wide": shown(vnc("0.0.0.0", websocket_port=5700)),
        },
        NO_CONSOLES,
    ),
    "CON-SPICE-001": Case(
        shown(spice()),
        {
            "open": shown(spice("0.0.0.0")),
            "clear-allowed": shown(spice("0.0.0.0", tls_port=5902)),
        },
        subject(machine(consoles=(spice("0.0.0.0", tls=UNREAD),)), host=host(os=NO_SSH)),
    ),
    "CON-SER-001": Case(
        shown(serial()),
        {
            "network": shown(serial("0.0.0.0", back_end="tcp", port=4555)),
            "loopback": shown(serial("127.0.0.1", back_end="tcp", port=4555)),
        },
        NO_CONSOLES,
    ),
    "CON-CLIP-001": Case(GOOD, {"open": shown(spice(clipboard=True))}, NO_CONSOLES),
}

MACHINE_CASES: dict[str, Case] = {
    **CONFINEMENT,
    **PROCESSOR_AND_MEMORY,
    **BOOT_AND_DEVICES,
    **OWNERSHIP,
    **CARDS,
    **DISKS,
    **CONSOLES,
}
OFF = with_machine(state=MachineState.OFF, id=-1, labels=())
UNTOLD = with_machine(state=MachineState.UNKNOWN)
WITHOUT_HOST_SHELL = with_os(NO_SSH)
HIGH_ZONE = subject(zones=HIGH)
