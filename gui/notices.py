"""What is worth telling an admin who is not looking: findings that appear, holds that end.

Pure: two views and what differs between them go in, notices come out. The first view of a host
is no news, and neither is a machine that was just read for the first time.
"""

from collections.abc import Iterator

from msgspec import Struct

from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.fleet.model import FleetChanges, FleetView, MachineView
from core.posture.model import Finding, Severity, Verdict
from core.text import Text
from core.text.message import Parameter

LOUD = Severity.HIGH


class Notice(Struct, frozen=True):
    """`subject` names a machine: hostile text, kept apart from our own sentence."""

    subject: str
    message: Text


def notices(old: FleetView, new: FleetView, changes: FleetChanges) -> Iterator[Notice]:
    for key in changes.changed:
        before, after = old.machines.get(key), new.machines.get(key)
        if before is None or after is None:
            continue
        if before.quarantine is not None and after.quarantine is None:
            yield Notice(after.target, Text("window.notice.left-quarantine"))
        yield from _appeared(before, after)


def complaints(old: FleetView, new: FleetView, changes: FleetChanges) -> Iterator[tuple[str, Text]]:
    """Hosts that have a failure they did not have before, in the words of its cause."""
    for name in changes.hosts:
        host, before = new.hosts.get(name), old.hosts.get(name)
        problem = host.problem if host else None
        if problem is not None and problem != (before.problem if before else None):
            params: dict[str, Parameter] = dict(problem.params)
            yield name, Text(f"error.{problem.code}.cause", params, problem.detail)


def finished(plan: Plan, outcome: PlanOutcome | None) -> Notice:
    """What to say of a plan that ended; no outcome means that it failed to run."""
    state = outcome.state.value if outcome else "failed"
    names = ", ".join(target.label for target in plan.targets)
    return Notice(names, Text(f"window.notice.plan.{state}"))


def _appeared(before: MachineView, after: MachineView) -> Iterator[Notice]:
    """Loud findings that were not failing before; a machine only just read brings no news."""
    if before.machine is None or not before.findings:
        return
    known = {one.check for one in before.findings if _loud(one)}
    fresh = [one for one in after.findings if _loud(one) and one.check not in known]
    if len(fresh) == 1:
        yield Notice(after.target, fresh[0].message)
    elif fresh:
        yield Notice(after.target, Text("window.notice.findings", {"count": len(fresh)}))


def _loud(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAIL and finding.severity >= LOUD
