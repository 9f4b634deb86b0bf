"""Does libvirt on this host confine its machines, and can somebody switch that off?"""

from core.facts import Machine, Unknown, mac_label
from core.facts.label import MAC_MODELS
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import flag, host_os
from core.posture.subject import HostSubject

CAPABILITIES = "/capabilities/host/secmodel"


def driver_active(subject: HostSubject) -> Outcome:
    """HOST-MAC-001: libvirt has SELinux or AppArmor, and it is not permissive."""
    models = subject.host.security_models
    if isinstance(models, Unknown):
        return unknown(models, CAPABILITIES)
    evidence = seen(CAPABILITIES, " ".join(models))
    if not MAC_MODELS.intersection(models):
        return failed("HOST-MAC-001", "none", evidence)
    if "selinux" not in models:
        return passed("HOST-MAC-001", evidence, models=" ".join(models))
    mode = _selinux_mode(subject)
    if isinstance(mode, Unknown):
        return unknown(mode, "getenforce")
    if mode != "enforcing":
        return failed("HOST-MAC-001", "permissive", evidence, seen("getenforce", mode))
    return passed("HOST-MAC-001", evidence, models=" ".join(models))


def _selinux_mode(subject: HostSubject) -> str | Unknown:
    """The host's word; without a shell there, the flag that libvirt puts beside a live label."""
    os = host_os(subject.host)
    mode = os if isinstance(os, Unknown) else os.selinux
    if not isinstance(mode, Unknown):
        return mode
    flags = [_flag(each.machine) for each in subject.machines]
    if False in flags:
        return "permissive"
    return "enforcing" if True in flags else mode


def _flag(machine: Machine) -> bool | Unknown | None:
    label = None if isinstance(machine.labels, Unknown) else mac_label(machine.labels)
    return label.enforcing if label is not None and label.model == "selinux" else None


def refuses_unconfined(subject: HostSubject) -> Outcome:
    """HOST-MAC-002: a machine that asks for no label does not start."""
    default = flag(subject.host, "qemu.conf", "security_default_confined", True)
    required = flag(subject.host, "qemu.conf", "security_require_confined", False)
    if isinstance(default, Unknown):
        return unknown(default, "qemu.conf security_default_confined")
    if isinstance(required, Unknown):
        return unknown(required, "qemu.conf security_require_confined")
    if not default:
        return failed("HOST-MAC-002", "off", seen("qemu.conf", "security_default_confined=0"))
    if not required:
        return warned("HOST-MAC-002", "allowed", seen("qemu.conf", "security_require_confined=0"))
    return passed("HOST-MAC-002", seen("qemu.conf", "security_require_confined=1"))


def no_permissive_types(subject: HostSubject) -> Outcome:
    """HOST-MAC-003: no sVirt type is excused from SELinux."""
    models, os = subject.host.security_models, host_os(subject.host)
    if not isinstance(models, Unknown) and "selinux" not in models:
        return not_applicable("not-selinux")
    if isinstance(os, Unknown):
        return unknown(os, "semanage permissive -l")
    types = os.svirt_permissive_types
    if isinstance(types, Unknown):
        return unknown(types, "semanage permissive -l")
    if types:
        evidence = seen("semanage permissive -l", listed(types))
        return failed("HOST-MAC-003", "excused", evidence, types=listed(types))
    return passed("HOST-MAC-003", seen("semanage permissive -l", "none"))


CHECKS = (
    ("HOST-MAC-001", driver_active),
    ("HOST-MAC-002", refuses_unconfined),
    ("HOST-MAC-003", no_permissive_types),
)
