"""Cases of the checks on a machine itself: confinement, processor, memory, boot, devices."""

from core.facts import (
    Difference,
    ImageLabel,
    LabelKind,
)
from tests.unit.posture.build import (
    NO_SSH,
    TPM,
    UNREAD,
    dac,
    device,
    host,
    host_os,
    machine,
    qemu_conf,
    selinux,
    subject,
    tuning,
    with_machine,
)
from tests.unit.posture.variants import (
    GOOD,
    NO_DEVICES,
    NO_DISKS,
    NO_DRIVER,
    NO_FIRMWARE,
    NO_LABELS,
    NO_NICS,
    NO_TUNING,
    PCI,
    SECRET,
    Case,
    booted,
    fitted,
    label,
    merging,
    stored,
    tuned,
    wired,
)

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
            "inherited": subject(
                machine(tuning=tuning(cpu_mode="host-passthrough", cpu_features={})),
                host=host(os=host_os(nested=True)),
            ),
        },
        subject(machine(tuning=tuning(cpu_features={})), host=host(os=NO_SSH)),
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
