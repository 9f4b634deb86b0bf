"""What machines of one processor can learn of each other: side channels, threads, merged pages."""

from core.facts import HostOs, NicKind, Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import host_os, setting
from core.posture.subject import HostSubject, MachineSubject

FILES = "/sys/devices/system/cpu/vulnerabilities"
_SMT = "/sys/devices/system/cpu/smt/control"
_NO_THREADS = frozenset({"off", "forceoff", "notsupported", "notimplemented"})
_NESTED = "/sys/module/kvm_*/parameters/nested"
_KSM = "/sys/kernel/mm/ksm/run"
_NO_FILES = Unknown(Reason.NOT_SUPPORTED)  # a kernel that does not know the question


def mitigated(subject: HostSubject) -> Outcome:
    """HOST-CPU-001: no file says "Vulnerable", not even further right in its line."""
    os = host_os(subject.host)
    files = os if isinstance(os, Unknown) else os.vulnerabilities
    if isinstance(files, Unknown):
        return unknown(files, FILES)
    if not files:
        return unknown(_NO_FILES, FILES)
    bad = [each for each in files if each.vulnerable]
    if bad:
        evidence = tuple(seen(f"{FILES}/{each.name}", each.status) for each in bad)
        return failed("HOST-CPU-001", "vulnerable", *evidence, names=listed([b.name for b in bad]))
    unclear = next((each for each in files if not each.answered), None)
    if unclear is not None:
        return unknown(Unknown(Reason.UNREADABLE, unclear.status), f"{FILES}/{unclear.name}")
    threads = [each for each in files if "SMT vulnerable" in each.status]
    if threads:
        evidence = tuple(seen(f"{FILES}/{each.name}", each.status) for each in threads)
        names = listed([each.name for each in threads])
        return warned("HOST-CPU-001", "threads", *evidence, names=names)
    return passed("HOST-CPU-001", seen(FILES, f"{len(files)} files"))


def threads_apart(subject: HostSubject) -> Outcome:
    """HOST-CPU-002: two machines do not share a core's threads, or core scheduling parts them."""
    os = host_os(subject.host)
    if isinstance(os, Unknown):
        return unknown(os, _SMT)
    if isinstance(os.smt, Unknown):
        return unknown(os.smt, _SMT)
    evidence = seen(_SMT, os.smt)
    if os.smt in _NO_THREADS:
        return passed("HOST-CPU-002", evidence)
    if os.smt != "on":
        return unknown(Unknown(Reason.UNREADABLE, os.smt), _SMT)
    parted = setting(subject.host, "qemu.conf", "sched_core")
    if isinstance(parted, str) and parted not in {"", "none"}:
        return passed("HOST-CPU-002", evidence, seen("qemu.conf sched_core", parted))
    proof = seen("qemu.conf sched_core", parted if isinstance(parted, str) else "not set")
    if _leaks_between_threads(os) and not subject.sharing.alone:
        return failed("HOST-CPU-002", "leaking", evidence, proof)
    return warned("HOST-CPU-002", "on", evidence, proof)


def _leaks_between_threads(os: HostOs) -> bool:
    files = os.vulnerabilities
    return not isinstance(files, Unknown) and any("SMT vulnerable" in e.status for e in files)


def no_merging(subject: HostSubject) -> Outcome:
    """HOST-KSM-001: the kernel does not merge equal pages of different machines."""
    os = host_os(subject.host)
    ksm = os if isinstance(os, Unknown) else os.ksm
    if isinstance(ksm, Unknown):
        return unknown(ksm, _KSM)
    evidence = (seen(_KSM, ksm.run), seen("pages_shared", ksm.pages_shared))
    if ksm.run == 1:
        say = warned if subject.sharing.alone else failed
        return say("HOST-KSM-001", "on", *evidence)
    if ksm.run == 0 and ksm.pages_shared:
        return warned("HOST-KSM-001", "left-over", *evidence)
    return passed("HOST-KSM-001", *evidence)


def no_nesting(subject: HostSubject) -> Outcome:
    """HOST-KVM-001: guests may not run machines of their own unless that is wanted."""
    os = host_os(subject.host)
    nested = os if isinstance(os, Unknown) else os.nested
    if isinstance(nested, Unknown):
        return unknown(nested, _NESTED)
    if nested:
        return warned("HOST-KVM-001", "on", seen(_NESTED, nested))
    return passed("HOST-KVM-001", seen(_NESTED, nested))


def iommu_where_needed(subject: HostSubject) -> Outcome:
    """HOST-IOMMU-001: where machines have host devices, an IOMMU stands between."""
    users = [each.machine.name for each in subject.machines if _has_host_device(each)]
    iommu = subject.host.iommu
    if isinstance(iommu, Unknown):
        os = host_os(subject.host)
        iommu = iommu if isinstance(os, Unknown) else os.iommu
    if not users:
        unread = next(filter(None, map(_unread_devices, subject.machines)), None)
        return unknown(unread, "/domain/devices") if unread else not_applicable("no-passthrough")
    where = "/capabilities/host/iommu/@support"
    if isinstance(iommu, Unknown):
        return unknown(iommu, where)
    evidence = (seen(where, iommu), seen("machines", listed(users)))
    if iommu:
        return passed("HOST-IOMMU-001", *evidence)
    return failed("HOST-IOMMU-001", "none", *evidence, names=listed(users))


def _unread_devices(subject: MachineSubject) -> Unknown | None:
    facts = (subject.machine.devices, subject.machine.nics)
    return next((each for each in facts if isinstance(each, Unknown)), None)


def _has_host_device(subject: MachineSubject) -> bool:
    devices, nics = subject.machine.devices, subject.machine.nics
    by_device = not isinstance(devices, Unknown) and any(
        each.kind == "hostdev" and each.type == "pci" for each in devices
    )
    by_card = not isinstance(nics, Unknown) and any(e.kind is NicKind.HOSTDEV for e in nics)
    return by_device or by_card


CHECKS = (
    ("HOST-CPU-001", mitigated),
    ("HOST-CPU-002", threads_apart),
    ("HOST-KSM-001", no_merging),
    ("HOST-KVM-001", no_nesting),
    ("HOST-IOMMU-001", iommu_where_needed),
)
