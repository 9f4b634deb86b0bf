"""The words between the fleet and its judge: what is asked for, and what is kept of the answer."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from core.facts import (
    Confinement,
    Machine,
    MachineState,
    Reason,
    SecurityLabel,
    Unknown,
    confinement_of,
    mac_label,
)
from core.facts.label import MAC_MODELS
from core.fleet.model import Key, LabelView
from core.incidents.model import Quarantine
from core.posture.model import Finding, Score
from core.posture.subject import FleetSubject, HostSubject, MachineSubject, Sharing

# The third is whether the host cannot be asked now: a hold is then never shown as contained.
QuarantineOf = Callable[[Key, Machine | None, bool], Quarantine | None]


class Judge(Protocol):
    """What the fleet needs of core.posture.engine.Judge."""

    def judge_machine(self, subject: MachineSubject) -> tuple[Finding, ...]: ...
    def judge_host(self, subject: HostSubject) -> tuple[Finding, ...]: ...
    def judge_fleet(self, subject: FleetSubject) -> tuple[Finding, ...]: ...


class Trend(Protocol):
    """Remembers scores from day to day."""

    def change(self, key: Key, score: int | None) -> int | None:
        """How far the score is from yesterday's last one; None without one. Remembers it."""
        ...


class Judged(Struct, frozen=True, gc=False):
    """What the judge said of one machine, and on what."""

    placed: MachineSubject
    sharing: Sharing
    machine: Machine  # the newest observation; says what placed.machine says
    label: LabelView
    own: tuple[Finding, ...]
    shared: tuple[Finding, ...]  # of the fleet, that concern this machine
    failing: frozenset[str]
    score: Score
    trend: int | None
    quarantine: Quarantine | None


def label_view(
    machine: Machine,
    models: tuple[str, ...] | Unknown,
    permissive_types: tuple[str, ...] | Unknown = (),
) -> LabelView:
    """The state of the label, and the live label or what the next start asks for."""
    state = confinement_of(machine.labels, models, machine.active, permissive_types)
    if machine.state is MachineState.UNKNOWN and state is Confinement.NOT_RUNNING:
        state = Unknown(Reason.UNREADABLE)  # nobody could say whether it runs
    return LabelView(state, _shown(machine), models)


def _shown(machine: Machine) -> SecurityLabel | None:
    live = () if isinstance(machine.labels, Unknown) else machine.labels
    stored = () if isinstance(machine.stored_labels, Unknown) else machine.stored_labels
    return mac_label(live) or next((each for each in stored if each.model in MAC_MODELS), None)


def same_verdicts(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> bool:
    """Whether two judgements differ in more than their time."""
    return len(before) == len(after) and all(
        one.check == other.check
        and one.verdict is other.verdict
        and one.severity is other.severity
        and one.message == other.message
        and one.evidence == other.evidence
        for one, other in zip(before, after, strict=True)
    )
