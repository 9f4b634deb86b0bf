"""A drill: cut, evidence, release on a harmless machine, with the times reached against the goals.

Everything is real but the incident: the same planners, the same journal, and the word drill on
every plan. What a host cannot do is said to be not exercised; it is never counted as reached.
"""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, structs

from core.changes.course import Progress
from core.changes.history import PlanRecord
from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.facts import MachineState
from core.fleet.model import FleetView, Key, MachineView
from core.incidents.cases.timeline import CUT, PAUSED, PROVED, milestones
from core.incidents.model import EvidenceKind, How, Mode, Wish
from core.settings.model import Protection
from core.text import Catalogue, RingfenceError, Text

SMALL = (EvidenceKind.NETWORK, EvidenceKind.XML, EvidenceKind.RULES)
_SENSITIVE = frozenset({"high", "critical"})
_GUARDED = frozenset({Protection.HIGH, Protection.VERY_HIGH})


class Part(StrEnum):
    """What a drill exercises, in order."""

    CUT = "cut"
    PROOF = "proof"
    EVIDENCE = "evidence"
    RELEASE = "release"


SETTLE_S = 5.0  # for the hold to show before the machine is given back
GOALS_S = {Part.CUT: 0.1, Part.PROOF: 5.0, Part.EVIDENCE: 60.0, Part.RELEASE: 30.0}


class Line(Struct, frozen=True):
    """One part: how long it took, or why it was not exercised or not reached."""

    part: Part
    goal_s: float
    reached_s: float | None = None
    why: Text | None = None
    asked: bool = True  # False: a person left this part out

    @property
    def good(self) -> bool:
        return self.reached_s is not None and self.reached_s <= self.goal_s


class DrillReport(Struct, frozen=True):
    """`still_held`: it could not be given back, and somebody must."""

    case: str
    target: str
    mode: str
    lines: tuple[Line, ...]
    still_held: bool = False

    @property
    def good(self) -> bool:
        return not self.still_held and all(line.good for line in self.lines if line.asked)


class Desk(Protocol):
    """What of the incident desk a drill uses."""

    async def plan_quarantine(
        self, view: MachineView, reason: str, wish: Wish = ..., case: str = ""
    ) -> Plan: ...

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str = ""
    ) -> Plan: ...

    async def plan_release(
        self, view: MachineView, reason: str, how: How = ..., template: str = ""
    ) -> Plan: ...

    async def run(
        self, plan: Plan, progress: Progress = ..., confirmed_at: float | None = None
    ) -> PlanOutcome: ...


def refuse_drill(view: MachineView, anyway: bool) -> None:
    """A drill is for a harmless machine.

    Raises:
        RingfenceError: it is held, it cannot be reached, or, unless `anyway`, it stands in a
            guarded zone or carries a high risk.
    """
    if view.read_only:
        raise RingfenceError("host-read-only", host=view.host)
    if view.quarantine is not None:
        raise RingfenceError("drill-held", target=view.target)
    if view.stale:
        raise RingfenceError("drill-stale", target=view.target)
    zones = view.zones if isinstance(view.zones, tuple) else ()
    guarded = [member.zone.name for member in zones if member.zone.protection in _GUARDED]
    why = ", ".join(guarded) or (view.risk.value if view.risk.value in _SENSITIVE else "")
    if why and not anyway:
        raise RingfenceError("drill-not-harmless", target=view.target, why=why)


def is_held(fleet: FleetView, key: Key) -> bool:
    """Whether the cut shows on the machine: what a drill waits for before it gives it back. A
    frozen one shows as paused too, or its release would not know that it is to go on."""
    now = fleet.machines.get(key)
    if now is None or now.quarantine is None:
        return False
    runs = now.row.state is MachineState.RUNNING
    return not (runs and now.quarantine.mode is Mode.FREEZE)


def note_of(report: DrillReport, words: Catalogue) -> str:
    """The times on one line, as they are written down in the case."""
    return "; ".join(
        f"{words(f'drill.part.{line.part}')}: "
        + (words("drill.not-reached") if line.reached_s is None else f"{line.reached_s:.3f} s")
        for line in report.lines
    )


class Drill:
    """Runs one drill. `find` gives the machine as it is now; `record` a plan's journal."""

    def __init__(
        self,
        desk: Desk,
        find: Callable[[], MachineView],
        record: Callable[[str], Awaitable[PlanRecord]],
        progress: Progress,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._find = find
        self._record = record
        self._progress = progress
        self._settle = settle

    async def run(
        self, cut: Plan, kinds: tuple[EvidenceKind, ...], reason: str, confirmed_at: float
    ) -> DrillReport:
        """Carry out a plan that a person agreed to, take small evidence, and give back."""
        outcome = await self._desk.run(cut, self._progress, confirmed_at)
        lines = [*await self._of_cut(cut, outcome)]
        held = True
        if outcome.state is PlanState.UNFINISHED:
            why = Text("drill.why.unfinished", {"plan": cut.id})
            lines += [_not(Part.EVIDENCE, why), _not(Part.RELEASE, why)]
        else:
            await self._settle()
            lines.append(await self._evidence(cut, kinds, reason))
            release = await self._release(reason)
            lines.append(release)
            held = release.reached_s is None
        target = cut.targets[0].label
        return DrillReport(cut.case, target, cut.mode, tuple(lines), held)

    async def _of_cut(self, plan: Plan, outcome: PlanOutcome) -> tuple[Line, Line]:
        marks = {mark.kind: mark.ms / 1000 for mark in milestones(await self._record(plan.id))}
        cut, proof = marks.get(CUT), marks.get(PROVED)
        why = outcome.problem or Text("drill.why.not-proved")
        if cut is None and PAUSED in marks and not any(step.cuts for step in plan.steps):
            cut = marks[PAUSED]
        return (
            Line(Part.CUT, GOALS_S[Part.CUT], cut, None if cut is not None else why),
            Line(Part.PROOF, GOALS_S[Part.PROOF], proof, None if proof is not None else why),
        )

    async def _evidence(self, cut: Plan, kinds: tuple[EvidenceKind, ...], reason: str) -> Line:
        if not kinds:
            return structs.replace(_not(Part.EVIDENCE, Text("drill.why.not-asked")), asked=False)
        started = time.monotonic()
        try:
            plan = await self._desk.plan_evidence(self._find(), cut.case, kinds, reason)
            plan = structs.replace(plan, drill=True)
            outcome = await self._desk.run(plan, self._progress, started)
        except RingfenceError as error:
            return _not(Part.EVIDENCE, error.cause)
        return _ended(Part.EVIDENCE, outcome)

    async def _release(self, reason: str) -> Line:
        started = time.monotonic()
        try:
            plan = await self._desk.plan_release(self._find(), reason, How.RESUME)
            plan = structs.replace(plan, drill=True)
            outcome = await self._desk.run(plan, self._progress, started)
        except RingfenceError as error:
            return _not(Part.RELEASE, error.cause)
        return _ended(Part.RELEASE, outcome, partial_counts=True)


def _not(part: Part, why: Text) -> Line:
    return Line(part, GOALS_S[part], None, why)


def _ended(part: Part, outcome: PlanOutcome, *, partial_counts: bool = False) -> Line:
    """Only what was done whole is reached; a release that is done in part gave the machine back."""
    good = {PlanState.DONE, PlanState.PARTIAL} if partial_counts else {PlanState.DONE}
    if outcome.state in good:
        why = None if outcome.state is PlanState.DONE else Text("drill.why.in-part")
        return Line(part, GOALS_S[part], outcome.seconds, why)
    return _not(part, outcome.problem or Text("drill.why.in-part"))
