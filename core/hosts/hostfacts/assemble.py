"""Sections to facts: what the host is, and as whom we read it."""

from core.facts import HostOs, Identity, Reason, Unknown
from core.hosts.hostfacts import kernel, services
from core.hosts.hostfacts.network import host_network
from core.hosts.hostfacts.preparation import preparation
from core.hosts.hostfacts.sections import Sections, is_whole, text_of


def host_os(sections: Sections, clock_offset_seconds: float | Unknown) -> HostOs:
    return HostOs(
        kernel=_word(sections, "kernel"),
        distribution=distribution(sections),
        selinux=kernel.selinux(sections),
        apparmor=kernel.apparmor(sections),
        ksm=kernel.ksm(sections),
        smt=kernel.smt(sections),
        vulnerabilities=kernel.vulnerabilities(sections),
        sshd=services.sshd(sections),
        daemons=services.daemons(sections),
        listening=services.listening(sections),
        libvirt_group=services.libvirt_group(sections),
        boot_id=_word(sections, "/proc/sys/kernel/random/boot_id"),
        uptime_seconds=uptime(sections),
        clock_offset_seconds=clock_offset_seconds,
        nested=kernel.nested(sections),
        iommu=kernel.iommu(sections),
        svirt_permissive_types=kernel.permissive_types(sections),
        machine_processes=services.machine_processes(sections),
        swap_encrypted=kernel.swap_encrypted(sections),
        files=services.file_modes(sections),
        preparation=preparation(sections),
        network=host_network(sections),
    )


def identity(sections: Sections, how: str) -> Identity:
    """As whom the shell runs."""
    uid, groups = text_of(sections, "uid"), text_of(sections, "groups")
    number = int(uid) if isinstance(uid, str) and uid.isdecimal() else _unknown(uid)
    return Identity(
        user=_word(sections, "user"),
        how=how,
        uid=number,
        groups=groups if isinstance(groups, Unknown) else tuple(groups.split()[:100]),
        root=number if isinstance(number, Unknown) else number == 0,
    )


def readable(sections: Sections) -> bool:
    """Whether this is the script's output at all, whole, of a system we understand."""
    return is_whole(sections) and isinstance(text_of(sections, "kernel"), str)


def distribution(sections: Sections) -> str:
    """PRETTY_NAME of os-release; "" when it has none."""
    text = text_of(sections, "/etc/os-release")
    for line in "" if isinstance(text, Unknown) else text.splitlines():
        key, _, value = line.partition("=")
        if key == "PRETTY_NAME":
            return value.strip().strip("\"'")[:200]
    return ""


def uptime(sections: Sections) -> float:
    text = text_of(sections, "/proc/uptime")
    try:
        return float(text.split()[0]) if isinstance(text, str) else 0.0
    except (ValueError, IndexError):
        return 0.0


def _word(sections: Sections, name: str) -> str:
    text = text_of(sections, name)
    return "" if isinstance(text, Unknown) else text.strip()[:200]


def _unknown(value: str | Unknown) -> Unknown:
    return value if isinstance(value, Unknown) else Unknown(Reason.UNREADABLE, value[:40])
