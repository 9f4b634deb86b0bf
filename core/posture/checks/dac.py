"""As which user the machine's process runs."""

from core.facts import Machine, Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, passed, seen, unknown
from core.posture.reading import host_os, not_running
from core.posture.subject import MachineSubject

NOT_FOUND = Unknown(Reason.AMBIGUOUS)
_ROOT = frozenset({"0", "+0", "root"})


def not_root(subject: MachineSubject) -> Outcome:
    """VM-DAC-001: neither user nor group of the process is root."""
    idle = not_running(subject.machine)
    if idle is not None:
        return idle
    owner = _owner(subject.machine)
    evidence = [seen("/domain/seclabel[@model='dac']", owner)] if owner else []
    process = _process_user(subject)
    if isinstance(process, str):
        evidence.append(seen("ps", process))
    if _is_root(owner) or process in _ROOT or _tainted(subject.machine):
        return failed("VM-DAC-001", "root", *evidence, user=owner or str(process))
    if not owner and isinstance(process, Unknown):
        labels = subject.machine.labels
        return unknown(labels if isinstance(labels, Unknown) else process, "ps")
    return passed("VM-DAC-001", *evidence, user=owner or str(process))


def _owner(machine: Machine) -> str:
    """user:group of the live DAC label, "" when it is not known."""
    if isinstance(machine.labels, Unknown):
        return ""
    return next((e.text for e in machine.labels if e.model == "dac" and e.live), "")


def _process_user(subject: MachineSubject) -> str | Unknown:
    os = host_os(subject.host)
    if isinstance(os, Unknown):
        return os
    if isinstance(os.machine_processes, Unknown):
        return os.machine_processes
    found = dict(os.machine_processes).get(subject.machine.uuid)
    return NOT_FOUND if found is None else found


def _is_root(owner: str) -> bool:
    return any(part.strip() in _ROOT for part in owner.split(":")) if owner else False


def _tainted(machine: Machine) -> bool:
    return not isinstance(machine.taints, Unknown) and "high-privileges" in machine.taints


CHECKS = (("VM-DAC-001", not_root),)
