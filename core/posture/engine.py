"""Judge: facts in, findings out, every check of the catalogue once a target.

Judging is pure and linear: a machine is judged from its own subject, so that a change on one
costs one; the fleet checks share one index. A check that breaks on a hostile fact becomes an
UNKNOWN of that check and never costs another one. On a machine whose XML could be read only in
part nothing passes: what was not read may be what is wrong.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar

from core.posture.catalogue import load_catalogue
from core.posture.checks.registry import (
    FLEET_CHECKS,
    HOST_CHECKS,
    MACHINE_CHECKS,
    FleetCheck,
)
from core.posture.fleet_index import FleetCase, FleetIndex
from core.posture.model import CheckInfo, Evidence, Finding, Outcome, Verdict, Waiver
from core.posture.outcome import not_applicable
from core.posture.severity import Context, context_of
from core.posture.subject import FleetSubject, HostSubject, MachineSubject, Sharing
from core.posture.waivers import WAIVABLE, Waivers
from core.text import Text

log = logging.getLogger(__name__)
FLEET_TARGET = "fleet"
MAX_CASES = 200  # of one fleet check: a host can make up as many clashes as it likes
_NOT_PROVEN = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


class _Frame(NamedTuple):
    """What all findings of one target have in common."""

    target: str
    uuid: str
    host: str
    now: datetime
    observed_at: datetime | None


_Subject = TypeVar("_Subject")
_Answer = TypeVar("_Answer")


class Judge:
    """All checks with their metadata, and the waivers in force.

    Args:
        catalogue: metadata by id; a registered check without it is a mistake of ours.
        waivers: from fleet.toml.
    """

    def __init__(
        self, catalogue: dict[str, CheckInfo] | None = None, waivers: Iterable[Waiver] = ()
    ) -> None:
        infos = load_catalogue() if catalogue is None else catalogue
        self._waivers = Waivers(waivers)
        self._machine = tuple((infos[name], check) for name, check in MACHINE_CHECKS)
        self._host = tuple((infos[name], check) for name, check in HOST_CHECKS)
        self._fleet = tuple((infos[name], check) for name, check in FLEET_CHECKS)

    def judge_machine(self, subject: MachineSubject) -> tuple[Finding, ...]:
        context = context_of(subject)
        frame = _Frame(
            subject.target,
            subject.machine.uuid,
            subject.on,
            subject.now,
            subject.machine.observed_at,
        )
        findings: list[Finding] = []
        for info, check in self._machine:
            try:
                outcome = check(subject)
            except Exception as error:  # the boundary to the checks: one costs only itself
                log.exception("check %s broke", info.id)
                outcome = _broken(error)
            if subject.machine.partial and outcome.verdict in _NOT_PROVEN:
                outcome = _half_read(subject.machine.parse_error)
            findings.append(self._finding(info, outcome, context, frame))
        return tuple(findings)

    def judge_host(self, subject: HostSubject) -> tuple[Finding, ...]:
        context = Context(subject.sharing)
        name = subject.host.name
        frame = _Frame(name, "", name, subject.now, subject.host.observed_at)
        return tuple(
            self._finding(info, _ask(info.id, check, subject, _broken), context, frame)
            for info, check in self._host
        )

    def judge_fleet(self, subject: FleetSubject) -> tuple[Finding, ...]:
        context = Context(Sharing())
        frame = _Frame(FLEET_TARGET, "", "", subject.now, None)
        index = _ask("the fleet's index", _indexed, subject, _broken)
        return tuple(
            self._finding(info, case.outcome, context, frame, case.machines)
            for info, check in self._fleet
            for case in _cases(info.id, check, index)
        )

    def _finding(
        self,
        info: CheckInfo,
        outcome: Outcome,
        context: Context,
        frame: _Frame,
        concerns: tuple[MachineSubject, ...] = (),
    ) -> Finding:
        verdict, waiver = outcome.verdict, None
        if verdict in WAIVABLE:
            waiver = self._waiver(info.id, frame, concerns)
            verdict = verdict if waiver is None else Verdict.WAIVED
        return Finding(
            info.id,
            frame.target,
            frame.uuid,
            frame.host,
            verdict,
            context.of(info, outcome.severity),
            outcome.message,
            outcome.evidence,
            frame.now,
            frame.observed_at,
            waiver,
            concerns=tuple((each.on, each.machine.uuid) for each in concerns) if concerns else (),
        )

    def _waiver(
        self, check: str, frame: _Frame, concerns: tuple[MachineSubject, ...]
    ) -> Waiver | None:
        """One for the target itself, or one that covers every machine it is about."""
        waiver = self._waivers.find(check, (frame.target,), frame.now)
        if waiver is None and concerns:
            names = tuple(each.target for each in concerns)
            waiver = self._waivers.find(check, names, frame.now)
        return waiver


def _ask(
    name: str,
    check: Callable[[_Subject], _Answer],
    subject: _Subject,
    broken: Callable[[Exception], _Answer],
) -> _Answer:
    try:
        return check(subject)
    except Exception as error:  # the boundary to the checks: one that breaks costs only itself
        log.exception("check %s broke", name)
        return broken(error)


def _broken(error: Exception) -> Outcome:
    evidence = Evidence(type(error).__name__, str(error)[:200])
    return Outcome(Verdict.UNKNOWN, Text("finding.unknown.check-broke"), (evidence,))


def _indexed(subject: FleetSubject) -> FleetIndex | Outcome:
    return FleetIndex(subject)


def _cases(name: str, check: FleetCheck, index: FleetIndex | Outcome) -> tuple[FleetCase, ...]:
    if isinstance(index, Outcome):
        return (FleetCase(index),)
    if not index.machines:
        return (FleetCase(not_applicable("no-machine")),)
    return _ask(name, check, index, _broken_case)[:MAX_CASES]


def _broken_case(error: Exception) -> tuple[FleetCase, ...]:
    return (FleetCase(_broken(error)),)


def _half_read(parse_error: str) -> Outcome:
    evidence = Evidence("virDomainGetXMLDesc", parse_error[:200])
    return Outcome(Verdict.UNKNOWN, Text("finding.unknown.half-read"), (evidence,))
