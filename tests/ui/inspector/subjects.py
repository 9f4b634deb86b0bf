"""A machine and a host on which every page of the inspector has something to say."""

from datetime import timedelta

import msgspec

from core.facts import (
    Console,
    ConsoleKind,
    CpuVulnerability,
    Device,
    Difference,
    Disk,
    EncryptionFormat,
    Firmware,
    Host,
    HostOs,
    Identity,
    Ksm,
    Machine,
    Nic,
    NicKind,
    Reason,
    SecurityDriver,
    Snapshot,
    SshdSettings,
    Transport,
    Tuning,
    Unknown,
)
from core.fleet.model import FleetView, HostView, MachineView, Ownership
from core.posture.model import Evidence, Finding, Severity, Verdict, Waiver
from core.text import Text
from tests.ui.fleets import DMZ, HOSTILE, NOW, changed, fleet, host, machine, view

CARDS = (
    Nic(
        mac="52:54:00:00:00:01",
        kind=NicKind.NETWORK,
        source="dmz",
        bridge="virbr1",
        port_group="web",
        model="virtio",
        filter="clean-traffic",
        filter_parameters={"IP": ("192.0.2.10", "192.0.2.11")},
        vlans=(20,),
        isolated=True,
        target="vnet3",
    ),
    Nic(mac="52:54:00:00:00:02", kind=NicKind.HOSTDEV, source="0000:3b:00.1"),
)
DISKS = (
    Disk(
        target="vda",
        device="disk",
        bus="virtio",
        source_kind="file",
        source="/var/lib/libvirt/images/production/web-03-with-a-long-name.qcow2",
        format="qcow2",
        encryption=EncryptionFormat.LUKS,
        read_only=False,
        shareable=False,
        chain=("/var/lib/libvirt/images/base.qcow2",),
        chain_formats=("qcow2",),
    ),
    Disk(
        target="sda",
        device="cdrom",
        bus="sata",
        source_kind="file",
        source="",
        format="",
        encryption=EncryptionFormat.NONE,
        read_only=True,
        shareable=False,
    ),
)


def one_finding(
    check: str,
    severity: Severity,
    verdict: Verdict = Verdict.FAIL,
    *,
    value: str = "type='none'",
    waiver: Waiver | None = None,
) -> Finding:
    return Finding(
        check=check,
        target="hv1/web-03",
        uuid="00000000-0000-4000-8000-000000000003",
        host="hv1",
        verdict=verdict,
        severity=severity,
        message=Text("finding.unknown.not-read"),
        evidence=(Evidence("/domain/seclabel", value),),
        judged_at=NOW,
        observed_at=NOW - timedelta(seconds=3),
        waiver=waiver,
    )


WAIVER = Waiver("VM-DISK-003", "hv1/web-03", "Replaced in March", "kim", NOW + timedelta(days=30))
FINDINGS = (
    one_finding("VM-CON-001", Severity.HIGH),
    one_finding("VM-SVIRT-001", Severity.CRITICAL, value=HOSTILE),
    one_finding("VM-NET-002", Severity.MEDIUM, Verdict.WARN),
    one_finding("VM-FW-001", Severity.HIGH, Verdict.UNKNOWN),
    one_finding("VM-DISK-003", Severity.LOW, Verdict.WAIVED, waiver=WAIVER),
    one_finding("VM-DISK-001", Severity.HIGH, Verdict.PASS),
    one_finding("VM-SVIRT-002", Severity.HIGH, Verdict.NOT_APPLICABLE),
)


def rich_machine() -> Machine:
    return msgspec.structs.replace(
        machine(3, "web-03"),
        title="Public web server",
        description="Serves the shop.\nOwner: the web group",
        firmware=Firmware("efi", secure_boot=True, enrolled_keys=True, loader="OVMF_CODE.fd"),
        tuning=Tuning(4, 8, 4 << 30, 8 << 30, vcpu_pins={"0": "2-3"}, cpu_quota=50000),
        nics=CARDS,
        stored_nics=CARDS[:1],
        disks=DISKS,
        consoles=(
            Console(ConsoleKind.SERIAL, ("pty",), 0, back_end="pty"),
            Console(
                ConsoleKind.VNC,
                ("0.0.0.0",),
                5903,
                password_set=Unknown(Reason.NOT_PERMITTED, "read-only connection"),
            ),
        ),
        devices=(Device("hostdev", "pci", source="0000:3b:00.1"),),
        snapshots=(Snapshot("before-update", NOW, "running", current=True),),
        differences=(Difference("/domain/vcpu", "4", "8"),),
        started_at=NOW - timedelta(days=3),
        custom_arguments=("-device ivshmem-plain",),
        taints=("custom-argv",),
    )


def rich_view() -> MachineView:
    return changed(
        view(3, "web-03", zones=(DMZ,), points=31, findings=FINDINGS, risk="high"),
        machine=rich_machine(),
        tenant=Ownership("", "acme"),
    )


def hostile_view() -> MachineView:
    """Every text a guest or its admin can choose carries markup, control and direction marks."""
    bad = f"{HOSTILE}\x1b[31m\u202etxt.exe\n=cmd()"
    facts = msgspec.structs.replace(
        rich_machine(), name=bad, title=bad, description=bad * 2000, emulator=bad
    )
    return changed(
        view(4, bad, findings=(one_finding("VM-SVIRT-001", Severity.CRITICAL, value=bad),)),
        machine=facts,
        tenant=Ownership("", bad),
    )


def rich_host() -> HostView:
    os = HostOs(
        kernel="6.1.0-28-amd64",
        distribution="Debian GNU/Linux 12",
        selinux="disabled",
        apparmor=True,
        ksm=Ksm(1, 12040),
        smt="on",
        vulnerabilities=(
            CpuVulnerability("meltdown", "Mitigation: PTI"),
            CpuVulnerability("mds", "Vulnerable: Clear CPU buffers attempted, no microcode"),
        ),
        sshd=SshdSettings({"permitrootlogin": "no", "passwordauthentication": "yes"}),
        daemons=Unknown(Reason.NOT_PERMITTED, "/etc/libvirt/qemu.conf: Permission denied"),
        listening=("tcp 0.0.0.0:16514", "tcp [::]:22"),
        libvirt_group=("kim", "ops"),
        boot_id="b",
        uptime_seconds=4.2e6,
        clock_offset_seconds=0.013,
    )
    facts = Host(
        name="hv1",
        uri="qemu+ssh://admin@hv1/system",
        transport=Transport.SSH,
        hostname="hv1.example.net",
        driver="QEMU",
        read_only=False,
        observed_at=NOW,
        libvirt_version="9.0.0",
        hypervisor_version="7.2.15",
        security_drivers=(
            SecurityDriver("selinux", "0", {"kvm": "system_u:system_r:svirt_t:s0"}),
            SecurityDriver("dac", "0", {"kvm": "+64055:+106"}),
        ),
        cpu_model="EPYC-Milan",
        cpus=64,
        memory_bytes=512 << 30,
        iommu=True,
        encrypted_transport=True,
        verified_peer=True,
        identity=Identity("admin", "ssh key SHA256:uNiVztksCsDhcc0u9e8BrqQ", 1000, ("libvirt",)),
        os=os,
    )
    shown: HostView = msgspec.structs.replace(host("hv1", 5), facts=facts)
    return shown


def rich_fleet() -> FleetView:
    return fleet([rich_view(), view(5, "web-04"), hostile_view()], [rich_host()])
