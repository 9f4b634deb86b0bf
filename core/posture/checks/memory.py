"""Memory: who else may see a machine's pages, and where they may end up."""

from core.facts import Ksm, NicKind, Tuning, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import flag, host_os, not_qemu
from core.posture.subject import MachineSubject
from core.settings.model import DataClass

BACKING = "/domain/memoryBacking"
_KSM = "/sys/kernel/mm/ksm/run"


def tuning_of(subject: MachineSubject) -> Tuning | Outcome:
    """CPU and memory settings, or the answer when there are none to judge."""
    other = not_qemu(subject.machine)
    if other is not None:
        return other
    tuning = subject.machine.tuning
    return unknown(tuning, "/domain") if isinstance(tuning, Unknown) else tuning


def pages_not_merged(subject: MachineSubject) -> Outcome:
    """VM-MEM-001: KSM does not merge its pages with a neighbour's."""
    tuning = tuning_of(subject)
    if isinstance(tuning, Outcome):
        return tuning
    if tuning.no_shared_pages:
        return passed("VM-MEM-001", seen(f"{BACKING}/nosharepages", True))
    if tuning.hugepages or tuning.access == "shared":
        return not_applicable("not-shareable-memory")
    ksm = ksm_of(subject)
    if isinstance(ksm, Unknown):
        return unknown(ksm, _KSM)
    evidence = (seen(_KSM, ksm.run), seen("pages_shared", ksm.pages_shared))
    if ksm.run == 1:
        say = warned if subject.sharing.alone else failed
        return say("VM-MEM-001", "merging", *evidence)
    if ksm.run == 0 and ksm.pages_shared:
        return warned("VM-MEM-001", "left-over", *evidence)
    return passed("VM-MEM-001", *evidence)


def ksm_of(subject: MachineSubject) -> Ksm | Unknown:
    os = host_os(subject.host)
    return os if isinstance(os, Unknown) else os.ksm


def encrypted_memory(subject: MachineSubject) -> Outcome:
    """VM-MEM-002: a machine of a secret zone runs with encrypted memory."""
    if isinstance(subject.zones, Unknown):
        return unknown(subject.zones, "zones")
    if subject.data_class is not DataClass.SECRET:
        return not_applicable("not-confidential")
    kind = subject.machine.launch_security
    evidence = seen("/domain/launchSecurity/@type", kind or "none")
    if not kind:
        return failed("VM-MEM-002", "none", evidence)
    if kind == "sev":
        return warned("VM-MEM-002", "registers", evidence)
    return passed("VM-MEM-002", evidence, kind=kind)


def locked_with_limit(subject: MachineSubject) -> Outcome:
    """VM-MEM-004: memory locked into RAM has a hard limit."""
    tuning = tuning_of(subject)
    if isinstance(tuning, Outcome):
        return tuning
    evidence = (seen(f"{BACKING}/locked", tuning.locked),)
    if tuning.locked and not tuning.hard_limit_bytes:
        return failed("VM-MEM-004", "no-limit", *evidence)
    return passed("VM-MEM-004", *evidence)


def not_dumped(subject: MachineSubject) -> Outcome:
    """VM-MEM-006: a crash does not write the guest's memory to a file."""
    tuning = tuning_of(subject)
    if isinstance(tuning, Outcome):
        return tuning
    if subject.machine.launch_security:
        return not_applicable("measured")
    crash = subject.machine.features.get("on_crash", "")
    if crash.startswith("coredump-"):
        return failed("VM-MEM-006", "on-crash", seen("/domain/on_crash", crash))
    evidence = seen("/domain/memory/@dumpCore", tuning.dump_core or "not set")
    if tuning.dump_core == "on":
        return failed("VM-MEM-006", "on", evidence)
    if tuning.dump_core == "off":
        return passed("VM-MEM-006", evidence)
    default = flag(subject.host, "qemu.conf", "dump_guest_core", False)
    if isinstance(default, Unknown):
        return unknown(default, "qemu.conf dump_guest_core")
    if default:
        return failed("VM-MEM-006", "default", evidence, seen("qemu.conf dump_guest_core", "1"))
    return passed("VM-MEM-006", evidence)


def not_shared_for_nothing(subject: MachineSubject) -> Outcome:
    """VM-MEM-007: memory is open to helper processes only where a device needs it."""
    tuning = tuning_of(subject)
    if isinstance(tuning, Outcome):
        return tuning
    evidence = seen(f"{BACKING}/access/@mode", tuning.access or "private")
    if tuning.access != "shared" and not tuning.numa_shared:
        return passed("VM-MEM-007", evidence)
    devices, nics = subject.machine.devices, subject.machine.nics
    if isinstance(devices, Unknown):
        return unknown(devices, "/domain/devices")
    if isinstance(nics, Unknown):
        return unknown(nics, "/domain/devices/interface")
    needed = any(each.kind is NicKind.VHOSTUSER for each in nics) or any(
        each.kind in {"filesystem", "crypto"} or each["driver.type"] == "virtiofs"
        for each in devices
    )
    if needed:
        return passed("VM-MEM-007", evidence)
    return failed("VM-MEM-007", "nobody-needs-it", evidence)


def no_window_between(subject: MachineSubject) -> Outcome:
    """VM-MEM-008: no memory is shared with another machine."""
    devices = subject.machine.devices
    if isinstance(devices, Unknown):
        return unknown(devices, "/domain/devices/shmem")
    for each in devices:
        if each.kind == "shmem":
            name = each["name"] or each.source
            return failed("VM-MEM-008", "shmem", seen("/domain/devices/shmem", name), name=name)
    return passed("VM-MEM-008", seen("/domain/devices/shmem", "none"))


def no_saved_memory(subject: MachineSubject) -> Outcome:
    """VM-MEM-009: no memory image of it lies on the host's disk."""
    saved = subject.machine.managed_save
    if isinstance(saved, Unknown):
        return unknown(saved, "virDomainHasManagedSaveImage")
    evidence = seen("virDomainHasManagedSaveImage", saved)
    return warned("VM-MEM-009", "saved", evidence) if saved else passed("VM-MEM-009", evidence)


CHECKS = (
    ("VM-MEM-001", pages_not_merged),
    ("VM-MEM-002", encrypted_memory),
    ("VM-MEM-004", locked_with_limit),
    ("VM-MEM-006", not_dumped),
    ("VM-MEM-007", not_shared_for_nothing),
    ("VM-MEM-008", no_window_between),
    ("VM-MEM-009", no_saved_memory),
)
