"""Processor: hardware virtualization, mitigations inside the guest, and fair shares."""

from core.facts import Tuning, Unknown
from core.posture.checks.memory import tuning_of
from core.posture.model import Evidence, Outcome, Severity
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import host_os, not_qemu
from core.posture.subject import MachineSubject

CPU = "/domain/cpu"
_MITIGATIONS = frozenset(
    {
        "spec-ctrl",
        "stibp",
        "ssbd",
        "amd-ssbd",
        "virt-ssbd",
        "ibrs",
        "ibpb",
        "md-clear",
        "arch-capabilities",
        "pcid",
    }
)
_GENERIC = ("qemu64", "qemu32", "kvm64", "kvm32", "core2duo", "486", "pentium")
_OFF = frozenset({"disable", "forbid"})
_INHERITS = frozenset({"host-passthrough", "host-model", "maximum"})
_MODERN = ("q35", "microvm", "virt", "s390-ccw", "pseries")


def hardware_virtualization(subject: MachineSubject) -> Outcome:
    """VM-ACCEL-001: KVM, not emulation, which its authors call no security boundary."""
    driver = subject.machine.driver
    evidence = seen("/domain/@type", driver)
    if driver == "kvm":
        return passed("VM-ACCEL-001", evidence)
    if driver == "qemu":
        return failed("VM-ACCEL-001", "emulated", evidence)
    return not_qemu(subject.machine) or not_applicable("other-hypervisor")


def mitigations_reach_guest(subject: MachineSubject) -> Outcome:
    """VM-CPU-001: the CPU model shows the guest what it needs to protect itself."""
    tuning = _x86(subject)
    if isinstance(tuning, Outcome):
        return tuning
    features = tuning.cpu_features
    off = tuple(n for n, p in features.items() if n in _MITIGATIONS and p in _OFF)
    if off:
        return failed(
            "VM-CPU-001", "disabled", seen(f"{CPU}/feature", listed(off)), names=listed(off)
        )
    if tuning.cpu_mode in _INHERITS:
        return passed("VM-CPU-001", seen(f"{CPU}/@mode", tuning.cpu_mode))
    evidence = seen(f"{CPU}/model", tuning.cpu_model or "none")
    if not tuning.cpu_model or tuning.cpu_model.lower().startswith(_GENERIC):
        return failed("VM-CPU-001", "generic", evidence, model=tuning.cpu_model or "qemu64")
    given = any(n in _MITIGATIONS and p not in _OFF for n, p in features.items())
    if given or "IBRS" in tuning.cpu_model or "IBPB" in tuning.cpu_model:
        return passed("VM-CPU-001", evidence)
    return warned("VM-CPU-001", "no-flags", evidence, model=tuning.cpu_model)


def no_nesting(subject: MachineSubject) -> Outcome:
    """VM-CPU-002: the guest cannot run machines of its own unless that was wanted."""
    tuning = _x86(subject)
    if isinstance(tuning, Outcome):
        return tuning
    policies = {n: p for n, p in tuning.cpu_features.items() if n in {"vmx", "svm"}}
    evidence = seen(f"{CPU}/feature", listed([f"{n}={p}" for n, p in policies.items()]) or "none")
    if any(policy in {"require", "force"} for policy in policies.values()):
        return failed("VM-CPU-002", "required", evidence)
    if policies and all(policy in _OFF for policy in policies.values()):
        return passed("VM-CPU-002", evidence)
    return _inherited_nesting(subject, tuning, evidence)


def _inherited_nesting(subject: MachineSubject, tuning: Tuning, evidence: Evidence) -> Outcome:
    """A processor that is passed on brings the nesting that the host's KVM allows."""
    if tuning.cpu_mode not in _INHERITS:
        return passed("VM-CPU-002", evidence)
    os = host_os(subject.host)
    allowed = os if isinstance(os, Unknown) else os.nested
    if isinstance(allowed, Unknown):
        return unknown(allowed, "/sys/module/kvm_*/parameters/nested", Severity.LOW)
    proof = (seen(f"{CPU}/@mode", tuning.cpu_mode), seen("kvm nested", allowed))
    return warned("VM-CPU-002", "inherited", *proof) if allowed else passed("VM-CPU-002", *proof)


def _x86(subject: MachineSubject) -> Tuning | Outcome:
    if subject.machine.arch and subject.machine.arch not in {"x86_64", "i686"}:
        return not_applicable("not-x86")
    return tuning_of(subject)


def bounded_time(subject: MachineSubject) -> Outcome:
    """VM-CPU-004: a machine gone wild cannot take the host's processors."""
    tuning = tuning_of(subject)
    if isinstance(tuning, Outcome):
        return tuning
    evidence = (
        seen("/domain/cputune/quota", tuning.cpu_quota),
        seen("/domain/cputune/shares", tuning.cpu_shares),
    )
    if tuning.cpu_quota > 0 or tuning.cpu_shares > 0:
        return passed("VM-CPU-004", *evidence)
    return warned("VM-CPU-004", "unbounded", *evidence)


def no_real_time(subject: MachineSubject) -> Outcome:
    """VM-CPU-005: real-time threads are pinned, or they starve the host."""
    tuning = tuning_of(subject)
    if isinstance(tuning, Outcome):
        return tuning
    evidence = seen("/domain/cputune/vcpusched", listed(tuning.real_time) or "none")
    if tuning.real_time and not tuning.vcpu_pins:
        return failed("VM-CPU-005", "unpinned", evidence)
    return passed("VM-CPU-005", evidence)


def modern_board(subject: MachineSubject) -> Outcome:
    """VM-MACHINE-001: q35 and its like have no floppy controller and few old devices."""
    other = not_qemu(subject.machine)
    if other is not None:
        return other
    board = subject.machine.machine_type
    evidence = seen("/domain/os/type/@machine", board)
    if not board:
        return warned("VM-MACHINE-001", "old", seen("/domain/os/type/@machine", "pc"), board="pc")
    if board.startswith("isapc"):
        return failed("VM-MACHINE-001", "ancient", evidence, board=board)
    taints = subject.machine.taints
    if not isinstance(taints, Unknown) and "deprecated-config" in taints:
        return failed("VM-MACHINE-001", "deprecated", evidence, board=board)
    if isinstance(taints, Unknown) and subject.machine.active:
        return unknown(taints, "virDomainGetMessages")
    if any(name in board for name in _MODERN):
        return passed("VM-MACHINE-001", evidence, board=board)
    return warned("VM-MACHINE-001", "old", evidence, board=board)


CHECKS = (
    ("VM-ACCEL-001", hardware_virtualization),
    ("VM-CPU-001", mitigations_reach_guest),
    ("VM-CPU-002", no_nesting),
    ("VM-CPU-004", bounded_time),
    ("VM-CPU-005", no_real_time),
    ("VM-MACHINE-001", modern_board),
)
