"""How a finding's severity follows its context.

One step up in a zone of high protection or for a machine tagged as a high risk. One step down,
for the checks on neighbours only, where fleet.toml says that all of them are of one tenant and
one zone. Never down for confinement, root, open consoles and doubly used disks. A machine's own
claim can only take it up (house rule 7).
"""

from core.posture.model import CheckInfo, Severity
from core.posture.subject import MachineSubject, Sharing

_RISKY = frozenset({"high", "critical"})
_LADDER = tuple(Severity)


class Context:
    """How the severities of one target are stepped; made once a target, asked once a check."""

    def __init__(self, sharing: Sharing, raised: bool = False) -> None:
        self._up = int(raised)
        self._alone = sharing.alone

    def of(self, info: CheckInfo, milder: Severity | None) -> Severity:
        """The check's severity, or the case's own when it is milder, in this context."""
        base = info.severity if milder is None else milder
        step = self._up - int(self._alone and info.eased_alone and not info.never_lower)
        return _LADDER[min(max(base + step, 0), Severity.CRITICAL)] if step else base


def context_of(subject: MachineSubject) -> Context:
    return Context(subject.sharing, subject.high or _risky(subject))


def _risky(subject: MachineSubject) -> bool:
    words = (subject.risk.declared, subject.risk.claimed, subject.machine.claim.risk)
    return not _RISKY.isdisjoint(words)
