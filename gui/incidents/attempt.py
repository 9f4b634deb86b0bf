"""One machine in an incident panel: planned, refused, running, proved."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import NamedTuple

from msgspec import structs
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.incidents.holds import QUARANTINE
from core.incidents.model import Containment
from core.incidents.quarantine import CUT_ANYWAY
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.changes.steps_view import StepsView
from gui.changes.work import Work
from gui.incidents.collecting import Collecting, Collector
from gui.incidents.course import bars_of
from gui.incidents.door import IncidentDoor
from gui.incidents.result import (
    OBSERVED,
    WAITING,
    missing_line,
    proved_cut_s,
    result_code,
    result_word,
)
from gui.incidents.sight import sight_lines
from gui.incidents.timeline import Timeline
from gui.incidents.yes_field import DEPENDENT
from gui.inspector.quantities import milliseconds
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.theme import Face, Theme

Planner = Callable[[MachineView], Awaitable[Plan]]


class Stage(StrEnum):
    OPEN = "open"  # a choice is not complete: there is nothing to plan yet
    PLANNING = "planning"
    READY = "ready"
    REFUSED = "refused"
    RUNNING = "running"
    ENDED = "ended"


LEFT = frozenset({Stage.OPEN, Stage.PLANNING, Stage.READY, Stage.RUNNING})  # not at its end

_ICONS = {
    Stage.OPEN: ("circle-dashed", "secondary"),
    Stage.PLANNING: ("loader", "secondary"),
    Stage.READY: ("scissors", "text"),
    Stage.REFUSED: ("ban", "high"),
    Stage.RUNNING: ("loader", "accent"),
}
_READY_ICONS = {"release": ("lock-open", "text")}
_MOST_WARNING_LINES = 24
_RESULT_ICONS = {
    "contained": ("lock", "quarantine"),
    OBSERVED: ("eye", "medium"),
    "partial": ("triangle-alert", "high"),
    "not-contained": ("circle-x", "critical"),
    "unknown": ("circle-help", "unknown"),
    "unfinished": ("circle-help", "unknown"),
    "released": ("lock-open", "good"),
    "released-partly": ("triangle-alert", "high"),
    "released-believed": ("lock-open", "medium"),
    "still-held": ("lock", "quarantine"),
    WAITING: ("users", "accent"),
}


class Confirmed(NamedTuple):
    """A person's yes: why, when, and to what else."""

    reason: str
    at: float
    agreed: frozenset[str]


class Attempt(QWidget):
    """Knows its plan, shows its steps, and starts them when told; the hatch marks a cut."""

    changed = Signal()
    started = Signal(PlanRun)
    asked = Signal()  # its plan needs a yes that was not given; nothing was begun

    def __init__(
        self,
        view: MachineView,
        door: IncidentDoor,
        t: Catalogue,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.view = view
        self.stage = Stage.PLANNING
        self.plan: Plan | None = None
        self.run: PlanRun | None = None
        self.result = ""
        self._door, self._t, self._theme = door, t, theme
        self._work = Work()
        self._collector: Collector | None = None
        self.collecting = Collecting(door, t, theme, self)
        self.collecting.started.connect(self.started)
        self.collecting.ended.connect(self._collected)
        self._confirmed: Confirmed | None = None
        self._icon = QLabel(self)
        self.name = ValueLabel(self)
        self.name.setFont(theme.font(Face.STRONG))
        self.name.set_text(view.target)
        self.line = ValueLabel(self, lines=12)
        self.warnings = ValueLabel(self, lines=_MOST_WARNING_LINES)
        self.warnings.set_colour(theme.colour("high"))
        self.warnings.hide()
        self.picture = Timeline(t, theme, self)
        self.sight = ValueLabel(self, lines=8)
        self.sight.setFont(theme.font(Face.SECONDARY))
        self.sight.hide()
        self.fold = QToolButton(self)
        self.fold.setCheckable(True)
        self.fold.setProperty("role", "fold")
        self.fold.toggled.connect(self._unfold)
        self._steps: StepsView | None = None
        self._lay_out()
        self._tell()

    @property
    def steps(self) -> StepsView | None:
        return self._steps

    @property
    def needs(self) -> tuple[str, ...]:
        """The yes's its plan wants beside the first."""
        return () if self.plan is None else self.plan.needs

    def prepare(self, planner: Planner, collector: Collector | None = None) -> None:
        """Read the machine and make its plan; nothing is changed. The latest call wins."""
        self._work.cancel()
        self._collector = collector
        self.plan, self.result = None, ""
        if self.stage is not Stage.PLANNING:
            self._enter(Stage.PLANNING)
        if self.view.read_only:
            self._refuse(RingfenceError("host-read-only", host=self.view.host))
            return
        self._work.start(self._plan(planner), f"plan {self.view.target}")

    def collect_with(self, collector: Collector | None) -> None:
        """Another choice of evidence: the plan of the cut stays."""
        self._collector = collector
        if self.plan is not None and self.stage is Stage.READY:
            self.collecting.preview(collector, self.view, self.plan.case)

    def wait_for_choice(self) -> None:
        """Forget the plan: what is chosen now is not what it was made for."""
        self._work.cancel()
        self.plan = None
        self._drop_steps()
        self.warnings.hide()
        self.collecting.preview(None, self.view, "")
        self._enter(Stage.OPEN)

    def go(self, reason: str, confirmed_at: float, agreed: frozenset[str] = frozenset()) -> None:
        """Run as soon as there is a plan."""
        self._confirmed = Confirmed(reason, confirmed_at, agreed)
        if self.stage is Stage.READY:
            self._start()

    def keys_given(self) -> None:
        """Take the evidence that could not be planned for want of a key."""
        run = self.run
        if run is not None and run.outcome is not None and self.collecting.without_key:
            self._collect(run, run.outcome)

    @property
    def going(self) -> bool:
        """Whether a yes was given that is being carried out, or waits for the plan."""
        waits = self.stage is Stage.PLANNING and self._confirmed is not None
        return waits or self.stage is Stage.RUNNING

    def observe(self, view: MachineView) -> None:
        """What was read of the machine since."""
        self.view = view
        self._tell_sight()

    def abandon(self) -> None:
        """Nobody wants the plan any more; a run that began goes on, and its evidence follows."""
        self._work.cancel()
        if not self.going:
            self.collecting.abandon()

    # --- planning and running -----------------------------------------------------------------

    async def _plan(self, planner: Planner) -> None:
        try:
            plan = await planner(self.view)
        except RingfenceError as error:
            silent = error.code == "order-timeout"  # of a reading: nothing was ordered
            self._refuse(RingfenceError("plan-no-answer", host=self.view.host) if silent else error)
            return
        self.plan = plan
        self.stage = Stage.READY
        if self._confirmed is not None:
            self._start()
        self._show_plan(plan)
        if not self.going:
            self.collecting.preview(self._collector, self.view, plan.case)
        self._tell()
        self.changed.emit()

    def _show_plan(self, plan: Plan) -> None:
        self._drop_steps()
        self._steps = StepsView(plan, self._t, self._theme, self)
        self._steps.setVisible(self.fold.isChecked())
        self._box.insertWidget(self._box.indexOf(self.collecting), self._steps)
        warnings = (each for each in plan.warnings if not self._asked_about(each))
        words = [f"▲ {self._t.say(warning)}" for warning in warnings]
        self.warnings.set_text("\n".join(words))
        self.warnings.setVisible(bool(words))

    def _asked_about(self, warning: Text) -> bool:
        """Who depends on it stands beside the box that is to be ticked."""
        return CUT_ANYWAY in self.needs and warning.code.startswith(DEPENDENT)

    def _drop_steps(self) -> None:
        """The steps of a plan that nobody wants any more."""
        if self._steps is not None:
            self._steps.hide()
            self._steps.deleteLater()
            self._steps = None

    def _refuse(self, error: RingfenceError) -> None:
        self._confirmed = None
        self._drop_steps()
        self.warnings.hide()
        self.collecting.preview(None, self.view, "")
        self.line.set_text(said(error, self._t), error.detail)
        self._enter(Stage.REFUSED)

    def _start(self) -> None:
        if self.plan is None or self._confirmed is None:
            return
        reason, confirmed_at, agreed = self._confirmed
        if not agreed.issuperset(self.plan.needs):
            self._confirmed = None
            self.asked.emit()
            return
        plan = structs.replace(self.plan, reason=reason, needs=())
        self.plan = plan
        run = PlanRun(plan)
        self.run = run
        run.begun.connect(self._begun)
        run.stepped.connect(self._stepped)
        run.ended.connect(self._ended)
        run.start(lambda progress: self._door.run(plan, progress, confirmed_at))
        self.stage = Stage.RUNNING

    def _begun(self) -> None:
        """The orders are out: now it may show. What is resumed later is the tasks' own."""
        self._tell()
        self.changed.emit()
        if self.run is not None:
            self.run.begun.disconnect(self._begun)
            self.started.emit(self.run)

    def _stepped(self, index: int) -> None:
        step = self.run.steps[index] if self.run else None
        if step is not None and self._steps is not None:
            self._steps.show_progress(step)
        self._tell()

    def _ended(self) -> None:
        run = self.run
        if run is None:
            return
        if run.outcome is None:
            self.result = "unfinished" if run.problem is None else "not-started"
            problem = run.problem
            if problem is not None:
                self._refuse(problem)
                return
        else:
            self.result = result_word(run.plan, run.outcome)
            cut_s = proved_cut_s(run.plan, run.outcome)
            bars = bars_of(run.plan, run.outcome) if run.plan.kind == QUARANTINE else ()
            self.picture.show_bars(bars, None if cut_s is None else cut_s * 1000)
            self._collect(run, run.outcome)
        self._enter(Stage.ENDED)

    def _collect(self, run: PlanRun, outcome: PlanOutcome) -> None:
        """The same yes was for the evidence; a host that fell silent is not asked again."""
        if self._collector is None or self._confirmed is None:
            return
        if outcome.state in {PlanState.UNFINISHED, PlanState.ROLLED_BACK}:
            return
        plan, yes_at = run.plan, self._confirmed.at
        self.collecting.show()
        self.collecting.collect(self._collector, self.view, plan.case, plan.reason, yes_at)

    def _collected(self) -> None:
        """Evidence has its bar in the same picture."""
        bar = self.collecting.bar()
        if bar is not None and self.picture.bars():
            self.picture.add(bar)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._tell()
        self.changed.emit()

    # --- looks --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.line)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        top.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignTop)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(12, 8, 8, 8)
        self._box.setSpacing(4)
        self._box.addLayout(top)
        for part in (self.picture, self.sight, self.warnings, self.collecting):
            self._box.addWidget(part)
        self._unfold(False)

    def _unfold(self, opened: bool) -> None:
        self.fold.setIcon(
            self._theme.icon("chevron-down" if opened else "chevron-right", "secondary")
        )
        words = self._t("panels.steps.hide" if opened else "panels.steps.show")
        self.fold.setToolTip(words)
        self.fold.setAccessibleName(words)
        if self._steps is not None:
            self._steps.setVisible(opened)
        self.collecting.unfold(opened)

    def _tell(self) -> None:
        kind = self.plan.kind if self.plan is not None and self.stage is Stage.READY else ""
        usual = _READY_ICONS.get(kind) or _ICONS.get(self.stage, ("info", "secondary"))
        icon = _RESULT_ICONS.get(self.result) or usual
        self._icon.setPixmap(self._theme.pixmap(*icon))
        words = self._words()
        if words:
            self.line.set_text(words)
        self._tell_sight()
        self.update()

    def _tell_sight(self) -> None:
        """After the run: what the host shows now, which may be worse than what was proved."""
        lines = sight_lines(self.view, self._t) if self.stage is Stage.ENDED else ()
        self.sight.set_text("\n".join(lines))
        self.sight.setVisible(bool(lines))

    def _words(self) -> str:
        t, run = self._t, self.run
        if self.stage is Stage.READY and self.plan is not None:
            return t(f"panels.{self.plan.kind}.ready", count=len(self.plan.steps))
        if self.stage is Stage.RUNNING and run is not None:
            return t("panels.attempt.running", done=run.done_steps, all=len(run.steps))
        if self.stage is Stage.ENDED and run is not None and run.outcome is not None:
            return self._result_words(run)
        told = {Stage.PLANNING: "planning", Stage.OPEN: "open"}.get(self.stage, "")
        return t(f"panels.attempt.{told}") if told else ""

    def _result_words(self, run: PlanRun) -> str:
        t, outcome = self._t, run.outcome
        if outcome is None:
            return ""
        lines = [t(result_code(run.plan, outcome))]
        cut = proved_cut_s(run.plan, outcome)
        if cut is not None:
            lines.append(t("panels.attempt.cut-in", time=milliseconds(cut)))
        if outcome.missing:
            lines.append(missing_line(outcome.missing, t, run.plan))
        if outcome.problem is not None:
            lines.append(t.say(outcome.problem))
        return "\n".join(lines)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.result in {Containment.CONTAINED.value, Containment.PARTIAL.value}:
            head = QRectF(0, 0, self.width(), self.line.geometry().bottom() + 8)
            self._theme.paint_band(painter, head, self.result == "contained")
        painter.fillRect(
            QRectF(0, self.height() - 1, self.width(), 1), self._theme.colour("hairline")
        )
        painter.end()
