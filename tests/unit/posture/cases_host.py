"""For every check on a host: one that passes, ones that do not, one that nobody can judge."""

from typing import NamedTuple

from msgspec.structs import replace

from core.facts import (
    CpuVulnerability,
    HostPreparation,
    Ksm,
    NetworkMode,
    Pool,
    PreparedItem,
    SecurityDriver,
    SshdSettings,
)
from core.posture.subject import HostSubject
from core.settings.model import Protection
from tests.unit.posture.build import (
    NO_SSH,
    SSHD,
    UNREAD,
    device,
    host_os,
    host_subject,
    libvirtd_conf,
    neighbour,
    network,
    nic,
    qemu_conf,
    tuning,
    zone,
)


class Case(NamedTuple):
    passing: HostSubject
    failing: dict[str, HostSubject]
    unknown: HostSubject


def on(**fields: object) -> HostSubject:
    return host_subject(os=host_os(**fields))


def conf(**settings: str) -> HostSubject:
    return host_subject(os=qemu_conf(**settings))


def sshd(**settings: str) -> HostSubject:
    return on(sshd=SshdSettings({**SSHD, **settings}))


def images(mode: str, target: str = "/var/lib/libvirt/images") -> HostSubject:
    return host_subject(pools=(Pool("images", "p", "dir", True, target, True, mode=mode),))


def together(*isolated: bool, protection: Protection = Protection.NORMAL) -> HostSubject:
    return host_subject(
        *(
            neighbour(
                number,
                nics=(nic(mac=f"52:54:00:00:00:{number:02x}", isolated=alone),),
                zones=(zone(protection=protection),),
            )
            for number, alone in enumerate(isolated, 1)
        )
    )


def prepared(state: str = "ours", keeping: bool = True, **changes: object) -> HostSubject:
    hook = PreparedItem("qemu-hook", state, "/etc/libvirt/hooks/qemu.d/50-ringfence")
    told = HostPreparation(True, (hook,), ("anna ab54e2c09d7713f6",), False, keeping)
    nowhere: dict[str, object] = {
        "name": "ringfence-quarantine",
        "bridge": "rfq0",
        "isolated_ports": True,
        **changes,
    }
    return host_subject(os=host_os(preparation=told), networks=(network(**nowhere),))


GOOD = host_subject()
BLIND = host_subject(os=NO_SSH)
NO_DRIVER = (SecurityDriver("none"), SecurityDriver("dac", base_labels={"kvm": "+0:+0"}))
GPU = neighbour(1, devices=(device("hostdev", type="pci", source="0000:41:00:0"),))
GREEDY = neighbour(1, tuning=tuning(max_memory_bytes=2**40))

HOST_CASES: dict[str, Case] = {
    "HOST-MAC-001": Case(
        GOOD,
        {
            "none": host_subject(security_drivers=NO_DRIVER),
            "permissive": on(selinux="permissive"),
        },
        host_subject(security_drivers=UNREAD),
    ),
    "HOST-MAC-002": Case(
        GOOD,
        {
            "allowed": conf(security_require_confined="0"),
            "off": conf(security_default_confined="0"),
        },
        BLIND,
    ),
    "HOST-MAC-003": Case(GOOD, {"excused": on(svirt_permissive_types=("svirt_t",))}, BLIND),
    "HOST-API-001": Case(
        GOOD,
        {
            "open": on(listening=("tcp 0.0.0.0:16509",)),
            "loopback": on(listening=("tcp 127.0.0.1:16509",)),
        },
        BLIND,
    ),
    "HOST-API-002": Case(
        GOOD,
        {
            "unverified": host_subject(os=libvirtd_conf(tls_no_verify_certificate="1")),
            "any-name": host_subject(os=libvirtd_conf()),
        },
        BLIND,
    ),
    "HOST-API-003": Case(
        GOOD,
        {
            "open": host_subject(os=libvirtd_conf(auth_unix_rw="none", unix_sock_rw_perms="0777")),
            "by-group": host_subject(os=replace(libvirtd_conf(auth_unix_rw="none"), files={})),
        },
        BLIND,
    ),
    "HOST-API-004": Case(
        GOOD,
        {
            "many": on(libvirt_group=("a", "b", "c", "d", "e", "f")),
            "service": on(libvirt_group=("anna", "jenkins")),
        },
        BLIND,
    ),
    "HOST-LINK-001": Case(
        GOOD,
        {
            "clear": host_subject(encrypted_transport=False),
            "unverified": host_subject(verified_peer=False),
        },
        host_subject(verified_peer=UNREAD),
    ),
    "HOST-CPU-001": Case(
        GOOD,
        {
            "vulnerable": on(
                vulnerabilities=(CpuVulnerability("spectre_v2", "Mitigation; BHI: Vulnerable"),)
            ),
            "threads": on(
                vulnerabilities=(CpuVulnerability("mds", "Mitigation: Clear; SMT vulnerable"),)
            ),
        },
        on(vulnerabilities=()),
    ),
    "HOST-CPU-002": Case(
        GOOD,
        {
            "on": on(smt="on"),
            "leaking": on(
                smt="on", vulnerabilities=(CpuVulnerability("mds", "Mitigation; SMT vulnerable"),)
            ),
        },
        BLIND,
    ),
    "HOST-KSM-001": Case(GOOD, {"on": on(ksm=Ksm(1, 5)), "left-over": on(ksm=Ksm(0, 5))}, BLIND),
    "HOST-KVM-001": Case(GOOD, {"on": on(nested=True)}, BLIND),
    "HOST-FS-001": Case(
        GOOD,
        {
            "writable": on(files={"/etc/libvirt/hooks": "0777 root:root"}),
            "readable": on(files={"/etc/libvirt/secrets": "0755 root:root"}),
        },
        on(files={}),
    ),
    "HOST-DEVKVM-001": Case(GOOD, {"open": on(files={"/dev/kvm": "0666 root:kvm"})}, BLIND),
    "HOST-API-005": Case(
        GOOD, {"all-or-nothing": host_subject(os=libvirtd_conf(auth_unix_rw="polkit"))}, BLIND
    ),
    "HOST-IOMMU-001": Case(
        host_subject(GPU),
        {"none": host_subject(GPU, iommu=False)},
        host_subject(GPU, iommu=UNREAD, os=NO_SSH),
    ),
    "HOST-QEMU-001": Case(
        GOOD,
        {"root": host_subject(security_drivers=NO_DRIVER)},
        host_subject(security_drivers=UNREAD, os=NO_SSH),
    ),
    "HOST-QEMU-002": Case(GOOD, {"off": conf(seccomp_sandbox="0")}, BLIND),
    "HOST-QEMU-003": Case(GOOD, {"off": conf(namespaces="[]")}, BLIND),
    "HOST-QEMU-008": Case(GOOD, {"relaxed": conf(relaxed_acs_check="1")}, BLIND),
    "HOST-QEMU-010": Case(
        GOOD,
        {
            "everywhere": conf(vnc_listen="0.0.0.0"),
            "network": conf(spice_listen="10.0.0.1"),
            "network-tls": conf(vnc_listen="0.0.0.0", vnc_tls="1"),
            "one-password": conf(vnc_password="x"),
        },
        BLIND,
    ),
    "HOST-SSH-001": Case(
        GOOD,
        {
            "root": sshd(permitrootlogin="yes"),
            "password": sshd(passwordauthentication="yes"),
            "empty": sshd(permitemptypasswords="yes"),
            "root-key": sshd(permitrootlogin="prohibit-password"),
        },
        BLIND,
    ),
    "HOST-TIME-001": Case(GOOD, {"off": on(clock_offset_seconds=-7.4)}, BLIND),
    "HOST-SWAP-001": Case(GOOD, {"plain": on(swap_encrypted=False)}, BLIND),
    "HOST-PREP-001": Case(
        prepared(),
        {
            "changed": prepared(state="drifted"),
            "unwatched": prepared(keeping=False),
            "outdated": prepared(state="outdated"),
        },
        BLIND,
    ),
    "HOST-PREP-002": Case(
        prepared(), {"unprepared": on(preparation=HostPreparation(False))}, BLIND
    ),
    "NET-ISO-001": Case(
        together(True, True),
        {"partly": together(True, False), "open": together(False, False)},
        host_subject(neighbour(1, nics=UNREAD)),
    ),
    "NET-FWD-001": Case(
        GOOD,
        {
            "open": host_subject(networks=(network(mode=NetworkMode.OPEN),)),
            "route": host_subject(networks=(network(mode=NetworkMode.ROUTE),)),
        },
        host_subject(networks=UNREAD),
    ),
    "STO-PERM-002": Case(
        images("0711"),
        {"open": images("0777"), "wide": images("0755")},
        host_subject(pools=UNREAD),
    ),
    "FLEET-OVER-001": Case(
        host_subject(neighbour(1)),
        {"over": host_subject(GREEDY)},
        host_subject(memory_bytes=UNREAD),
    ),
}
