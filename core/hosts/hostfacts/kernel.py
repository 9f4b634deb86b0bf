"""Kernel and processor: SELinux, AppArmor, KSM, SMT, side channels, nesting, IOMMU, swap."""

from core.facts import CpuVulnerability, Ksm, Reason, Unknown
from core.hosts.hostfacts.sections import Sections, text_of

SELINUX_MODES = {"1": "enforcing", "0": "permissive"}


def selinux(sections: Sections) -> str | Unknown:
    """A kernel without the SELinux file system runs without SELinux: disabled."""
    enforce = text_of(sections, "/sys/fs/selinux/enforce")
    if isinstance(enforce, Unknown):
        return "disabled" if enforce.reason is Reason.NOT_SUPPORTED else enforce
    return SELINUX_MODES.get(enforce.strip(), Unknown(Reason.UNREADABLE, enforce[:40]))


def apparmor(sections: Sections) -> bool | Unknown:
    enabled = text_of(sections, "/sys/module/apparmor/parameters/enabled")
    if isinstance(enabled, Unknown):
        return False if enabled.reason is Reason.NOT_SUPPORTED else enabled
    return enabled.strip() == "Y"


def ksm(sections: Sections) -> Ksm | Unknown:
    run = _number(sections, "/sys/kernel/mm/ksm/run")
    shared = _number(sections, "/sys/kernel/mm/ksm/pages_shared")
    if isinstance(run, Unknown):
        return run
    return shared if isinstance(shared, Unknown) else Ksm(run, shared)


def smt(sections: Sections) -> str | Unknown:
    control = text_of(sections, "/sys/devices/system/cpu/smt/control")
    return control if isinstance(control, Unknown) else control.strip()[:40]


def vulnerabilities(sections: Sections) -> tuple[CpuVulnerability, ...] | Unknown:
    text = text_of(sections, "vulnerabilities")
    if isinstance(text, Unknown):
        return text
    pairs = (line.partition(":") for line in text.splitlines())
    return tuple(CpuVulnerability(name[:60], status.strip()[:300]) for name, _, status in pairs)


def nested(sections: Sections) -> bool | Unknown:
    for module in ("kvm_intel", "kvm_amd"):
        value = text_of(sections, f"/sys/module/{module}/parameters/nested")
        if not isinstance(value, Unknown):
            return value.strip() in ("Y", "1")
    return Unknown(Reason.NOT_SUPPORTED, "no kvm module")


def iommu(sections: Sections) -> bool | Unknown:
    groups = text_of(sections, "iommu")
    return groups if isinstance(groups, Unknown) else bool(groups.strip())


def permissive_types(sections: Sections) -> tuple[str, ...] | Unknown:
    """Types excused from SELinux: each is a policy module of that name."""
    text = text_of(sections, "permissive")
    if isinstance(text, Unknown):
        return Unknown(Reason.NOT_PERMITTED, text.detail)
    names = (line.rpartition("/permissive_")[2] for line in text.splitlines() if line)
    return tuple(sorted(set(names)))


def swap_encrypted(sections: Sections) -> bool | Unknown:
    """Whether no page of a machine can reach a disk in the clear. No swap cannot."""
    swaps = text_of(sections, "/proc/swaps")
    mapped = text_of(sections, "mapped")
    if isinstance(swaps, Unknown):
        return swaps
    crypted = set[str]()
    if not isinstance(mapped, Unknown):
        pairs = (line.partition(" ") for line in mapped.splitlines())
        crypted = {name for name, _, uuid in pairs if uuid.startswith("CRYPT-")}
    places = [line.split()[:2] for line in swaps.splitlines()[1:] if len(line.split()) > 1]
    if any(kind == "file" for _, kind in places):
        return Unknown(Reason.AMBIGUOUS, "swap in a file")
    names = [name.removeprefix("/dev/") for name, _ in places]
    return all(name.startswith("zram") or name in crypted for name in names)


def _number(sections: Sections, name: str) -> int | Unknown:
    text = text_of(sections, name)
    if isinstance(text, Unknown):
        return text
    number = text.strip()
    return int(number) if number.isdecimal() else Unknown(Reason.UNREADABLE, name)
