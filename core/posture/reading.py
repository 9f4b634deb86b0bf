"""How checks read a subject: the value, or the Unknown that travels to the verdict."""

from core.facts import Daemon, Host, HostOs, Machine, MachineState, Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import not_applicable, unknown
from core.posture.subject import NO_HOST, MachineSubject

STATE_NOT_TOLD = Unknown(Reason.NOT_READ)
FILE_NOT_READ = Unknown(Reason.NOT_PERMITTED)
TRUE_WORDS = frozenset({"1", "yes", "true", "on"})
_KVM_LIKE = frozenset({"kvm", "qemu", "test"})  # XML of the QEMU kind


def host_os(host: Host | None) -> HostOs | Unknown:
    return NO_HOST if host is None else host.os


def setting(host: Host | None, file: str, name: str) -> str | Unknown | None:
    """One assignment of a daemon's file: its value without quotes, None when it is not set."""
    os = host_os(host)
    if isinstance(os, Unknown):
        return os
    if isinstance(os.daemons, Unknown):
        return os.daemons
    daemon = next((each for each in os.daemons if each.name == file), None)
    return FILE_NOT_READ if daemon is None else assignment(daemon, name)


def assignment(daemon: Daemon, name: str) -> str | None:
    value = daemon.values.get(name)
    return None if value is None else value.strip().strip('"').strip()


def flag(host: Host | None, file: str, name: str, default: bool) -> bool | Unknown:
    """A yes/no assignment; `default` is what the daemon does when it is not set."""
    value = setting(host, file, name)
    if isinstance(value, Unknown):
        return value
    return default if value is None else value.lower() in TRUE_WORDS


def not_running(machine: Machine) -> Outcome | None:
    """The answer of a check that needs a process, when there is none."""
    if machine.state is MachineState.UNKNOWN:
        return unknown(STATE_NOT_TOLD, "virDomainGetState")
    return None if machine.active else not_applicable("not-running")


def not_qemu(machine: Machine) -> Outcome | None:
    """The answer of a check on QEMU's own settings for a machine of another hypervisor."""
    if not machine.driver:
        return unknown(STATE_NOT_TOLD, "/domain/@type")
    return None if machine.driver in _KVM_LIKE else not_applicable("other-hypervisor")


def labelled_by(subject: MachineSubject) -> tuple[str, ...] | Unknown:
    """The host's security models."""
    return NO_HOST if subject.host is None else subject.host.security_models
