"""What goes past libvirt: taints, raw arguments, and a machine that runs unlike it is stored."""

from core.facts import Difference, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import not_qemu, not_running
from core.posture.subject import MachineSubject

_MILD = frozenset(
    {
        "host-cpu",
        "cdrom-passthrough",
        "deprecated-config",
        "custom-monitor",
        "custom-ga-command",
        "external-launch",
    }
)
_HARMLESS = ("-cpu", "-global", "-smbios", "-rtc", "-name", "-msg")
_PROTECTS = (
    "seclabel",
    "filterref",
    "isolated",
    "vlan",
    "graphics",
    "listen",
    "tpm",
    "encryption",
    "loader",
    "secure",
    "nosharepages",
    "launchSecurity",
    "hostdev",
    "shareable",
    "readonly",
    "link",
)


def not_tainted(subject: MachineSubject) -> Outcome:
    """VM-TAINT-001: libvirt itself has nothing to say against how the machine runs."""
    idle = not_running(subject.machine)
    if idle is not None:
        return idle
    taints = subject.machine.taints
    if isinstance(taints, Unknown):
        return unknown(taints, "virDomainGetMessages")
    evidence = seen("virDomainGetMessages", listed(taints) or "none")
    if any(taint not in _MILD for taint in taints):
        return failed("VM-TAINT-001", "tainted", evidence, taints=listed(taints))
    if taints:
        return warned("VM-TAINT-001", "tainted", evidence, taints=listed(taints))
    return passed("VM-TAINT-001", evidence)


def no_raw_arguments(subject: MachineSubject) -> Outcome:
    """VM-ARGV-001: nothing is handed to QEMU behind libvirt's back."""
    other = not_qemu(subject.machine)
    if other is not None:
        return other
    arguments = subject.machine.custom_arguments
    if not arguments:
        return passed("VM-ARGV-001", seen("/domain/qemu:commandline", "none"))
    evidence = seen("/domain/qemu:commandline", listed(arguments))
    words = [word for argument in arguments for word in argument.split() if word[:1] == "-"]
    if words and all(word.startswith(_HARMLESS) for word in words):
        return warned("VM-ARGV-001", "mild", evidence, count=len(arguments))
    return failed("VM-ARGV-001", "raw", evidence, count=len(arguments))


def runs_as_stored(subject: MachineSubject) -> Outcome:
    """VM-DRIFT-001: the running machine is the stored one, at least in what protects it."""
    idle = not_running(subject.machine)
    if idle is not None:
        return idle
    if subject.machine.persistent is False:
        return not_applicable("transient")
    differences = subject.machine.differences
    if isinstance(differences, Unknown):
        return unknown(differences, "virDomainGetXMLDesc (live, inactive)")
    one_sided = [each for each in differences if _protection_on_one_side(each)]
    shown = (one_sided or list(differences))[:6]
    evidence = tuple(seen(e.path, f"{e.live or '-'} / {e.stored or '-'}") for e in shown)
    if one_sided:
        return failed("VM-DRIFT-001", "protection", *evidence, count=len(one_sided))
    if differences:
        return warned("VM-DRIFT-001", "differs", *evidence, count=len(differences))
    return passed("VM-DRIFT-001", seen("virDomainGetXMLDesc", "equal"))


def _protection_on_one_side(difference: Difference) -> bool:
    one_sided = bool(difference.live) != bool(difference.stored)
    return one_sided and any(word in difference.path for word in _PROTECTS)


CHECKS = (
    ("VM-TAINT-001", not_tainted),
    ("VM-ARGV-001", no_raw_arguments),
    ("VM-DRIFT-001", runs_as_stored),
)
