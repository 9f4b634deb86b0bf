"""The evidence of one machine: its plan beside the cut's, run by the same yes, after the cut.

Nothing here delays a cut: what cannot be planned is said, and the cut goes on without it.
"""

from collections.abc import Awaitable, Callable

from msgspec import structs
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.changes.steps_view import StepsView
from gui.changes.work import Work
from gui.incidents.course import EVIDENCE, Bar
from gui.incidents.door import IncidentDoor
from gui.inspector.value_label import ValueLabel
from gui.next_step import step_of
from gui.theme import Face, Theme

UNSIGNED = "evidence: unsigned"  # as the step that closes a collection names it
Collector = Callable[[MachineView, str, str], Awaitable[Plan]]  # machine, case, reason


class Collecting(QWidget):
    """Shows the steps before; `started` when its run begins, `ended` with it."""

    started = Signal(PlanRun)
    ended = Signal()

    def __init__(self, door: IncidentDoor, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._door, self._t, self._theme = door, t, theme
        self._work = Work()
        self._steps: StepsView | None = None
        self._opened = False
        self.plan: Plan | None = None
        self.run: PlanRun | None = None
        self._yes_at = 0.0
        self.without_key = False  # refused because there is no key to seal to
        self.line = ValueLabel(self, lines=6)
        self.line.setFont(theme.font(Face.STRONG))
        self.warnings = ValueLabel(self, lines=8)
        self.warnings.set_colour(theme.colour("high"))
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 4, 0, 0)
        self._box.setSpacing(2)
        self._box.addWidget(self.line)
        self._box.addWidget(self.warnings)
        self.warnings.hide()
        self.hide()

    # --- before -------------------------------------------------------------------------------

    def preview(self, collector: Collector | None, view: MachineView, case: str) -> None:
        """Plan what would be taken, in the background; None: nothing is wanted."""
        self._work.cancel()
        self.plan = None
        self._drop_steps()
        self.warnings.hide()
        self.setVisible(collector is not None)
        if collector is None:
            return
        self.line.set_text(self._t("panels.collect.planning"))
        self._work.start(self._preview(collector, view, case), f"plan evidence {view.target}")

    async def _preview(self, collector: Collector, view: MachineView, case: str) -> None:
        plan = await self._planned(collector, view, case, self._t("panels.collect.reason"))
        if plan is None:
            return
        self.plan = plan
        self._show(plan)
        self.line.set_text(self._t("panels.collect.ready", count=len(plan.steps)))

    async def _planned(
        self, collector: Collector, view: MachineView, case: str, reason: str
    ) -> Plan | None:
        self.without_key = False
        try:
            return await collector(view, case, reason)
        except RingfenceError as error:
            self.without_key = error.code == "key-none"
            self.line.set_text(self._t("panels.collect.refused"))
            self._warn((error.cause, step_of(error, self._t)))
            return None

    # --- after the cut ------------------------------------------------------------------------

    def collect(
        self, collector: Collector, view: MachineView, case: str, reason: str, yes_at: float
    ) -> None:
        """Take it: planned anew, for the cut has changed what there is."""
        self._yes_at = yes_at
        self._work.cancel()
        self._work.start(self._collect(collector, view, case, reason), f"evidence {view.target}")

    async def _collect(
        self, collector: Collector, view: MachineView, case: str, reason: str
    ) -> None:
        plan = await self._planned(collector, view, case, reason)
        if plan is None:
            self.ended.emit()
            return
        self.plan = structs.replace(plan, reason=reason)
        self._show(self.plan)
        run = PlanRun(self.plan)
        self.run = run
        run.stepped.connect(self._stepped)
        run.ended.connect(self._ended)
        wanted = self.plan
        run.start(lambda progress: self._door.run(wanted, progress))
        self.line.set_text(self._t("panels.collect.running", done=0, all=len(run.steps)))
        self.started.emit(run)

    def abandon(self) -> None:
        """Nobody looks any more; what runs goes on in the tasks."""
        self._work.cancel()

    def bar(self) -> Bar | None:
        """When it was taken, from the yes; None while it is not at its end."""
        run = self.run
        if run is None or not run.finished_at:
            return None
        begin, end = run.started_at - self._yes_at, run.finished_at - self._yes_at
        good = {PlanState.DONE: True, PlanState.UNFINISHED: None}
        state = run.outcome.state if run.outcome is not None else PlanState.FAILED
        return Bar(EVIDENCE, begin * 1000, end * 1000, good.get(state, False))

    def _stepped(self, index: int) -> None:
        run = self.run
        step = run.steps[index] if run is not None else None
        if run is None or step is None:
            return
        if self._steps is not None:
            self._steps.show_progress(step)
        self.line.set_text(
            self._t("panels.collect.running", done=run.done_steps, all=len(run.steps))
        )

    def _ended(self) -> None:
        run = self.run
        if run is None:
            return
        if run.problem is not None:
            self.line.set_text(self._t("panels.collect.refused"))
            self._warn((run.problem.cause, step_of(run.problem, self._t)))
        elif run.outcome is not None:
            self._tell_outcome(run.outcome)
        self.ended.emit()

    def _tell_outcome(self, outcome: PlanOutcome) -> None:
        self.line.set_text(self._t(f"panels.held.evidence.{outcome.state.value}.long"))
        problems = [step.problem for step in outcome.steps if step.problem is not None]
        if UNSIGNED in outcome.missing and self.plan is not None:
            problems.append(Text("panels.collect.unsigned", {"case": self.plan.case}))
        if problems:
            self._warn(tuple(problems))

    # --- looks --------------------------------------------------------------------------------

    def unfold(self, opened: bool) -> None:
        self._opened = opened
        if self._steps is not None:
            self._steps.setVisible(opened)

    def _show(self, plan: Plan) -> None:
        self._drop_steps()
        self._steps = StepsView(plan, self._t, self._theme, self)
        self._steps.setVisible(self._opened)
        self._box.addWidget(self._steps)
        self._warn(plan.warnings)

    def _drop_steps(self) -> None:
        if self._steps is not None:
            self._steps.hide()
            self._steps.deleteLater()
            self._steps = None

    def _warn(self, said: tuple[Text, ...]) -> None:
        self.warnings.set_text("\n".join(f"▲ {self._t.say(text)}" for text in said))
        self.warnings.setVisible(bool(said))
