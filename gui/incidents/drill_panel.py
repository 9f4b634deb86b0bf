"""A drill on one machine: the quarantine of every day, marked as a drill, and given back at once.

Everything is real but the incident, so the machine is meant by its name, typed, or not at all.
Once begun it goes on with the panel closed: nobody has to be there for the machine to come back.
Nothing is urgent here: keys that evidence needs are asked for before.
"""

import time
from itertools import pairwise

from msgspec import structs
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.incidents.drill import SMALL, DrillReport, refuse_drill
from core.incidents.model import Mode, Wish
from core.incidents.quarantine import CUT_ANYWAY
from core.incidents.words import mode_text
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.changes.steps_view import StepsView
from gui.changes.work import Work
from gui.incidents.choices import Choices, Way
from gui.incidents.drill_door import DrillDoor
from gui.incidents.drill_times import DrillTimes
from gui.incidents.evidence_field import EvidenceField
from gui.incidents.unlock import KeyDoor, UnlockField
from gui.incidents.yes_field import YesField, dependents_asked
from gui.inspector.fact_list import in_scroll
from gui.inspector.value_label import ValueLabel
from gui.next_step import said
from gui.plain import menu_text
from gui.theme import Face, Theme

MODES = tuple(mode for mode in Mode if mode is not Mode.FORENSIC)  # no door is known here
LONGEST_NAME = 255


class DrillPanel(QWidget):
    """Enter does it once the name stands there; a drill that runs is shown until it ended."""

    run_started = Signal(PlanRun)
    closed = Signal()

    def __init__(
        self,
        t: Catalogue,
        theme: Theme,
        door: DrillDoor,
        parent: QWidget | None = None,
        *,
        keys: KeyDoor | None = None,
    ) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setObjectName("drill-panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._t, self._theme, self._door = t, theme, door
        self._planning, self._drilling = Work(), Work()
        self._view: MachineView | None = None
        self._steps: StepsView | None = None
        self.plan: Plan | None = None
        self.run: PlanRun | None = None
        self.report: DrillReport | None = None
        self._make()
        self._lay_out()

    def open(self, view: MachineView) -> None:
        """Plan the cut of this machine; one whose drill runs is shown instead."""
        self.show()
        if self._drilling.busy:
            return
        self._view, self.run, self.report = view, None, None
        t = self._t
        self.title.set_text(t("panels.drill.title", name=view.name))
        self.note.set_text(t("panels.drill.note", target=view.target))
        self.name.setPlaceholderText(t("panels.drill.name.hint", name=menu_text(view.name)))
        self.name.clear()
        self.modes.set(Mode.FREEZE)
        self.evidence.choose(SMALL)
        self._ask_keys()
        self.anyway.ask(())
        self.times.show_report(None)
        self.plan_anew()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def plan_anew(self) -> None:
        """Another mode: another plan; nothing is done."""
        view = self._view
        if view is None or self._drilling.busy:
            return
        self._planning.cancel()
        self._forget_plan()
        self.problem.hide()
        self.line.set_text(self._t("panels.attempt.planning"))
        self._planning.start(self._plan(view), f"plan a drill on {view.target}")
        self._tell()

    def confirm(self) -> None:
        """The clock of the cut starts here."""
        at = time.monotonic()
        if self.report is not None:
            self.shut()
            return
        if self.plan is None or self._view is None or self._drilling.busy:
            return
        try:
            plan = self._agreed(self.plan, self._view)
        except RingfenceError as error:
            self._say(error)
            return
        self.problem.hide()
        self._drilling.start(self._drill(plan, self._view, at), f"drill on {self._view.target}")
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()

    def shut(self) -> None:
        """Close. A plan is forgotten; a drill that runs goes on until the machine is back."""
        if not self._drilling.busy:
            self._planning.cancel()
            self.unlock.forget()
        self.hide()
        self.closed.emit()

    @property
    def busy(self) -> bool:
        """Whether the machine is being drilled on."""
        return self._drilling.busy

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.shut()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():
                self.confirm()
        elif key in {Qt.Key.Key_Down, Qt.Key.Key_Up} and not self.busy:
            self.modes.step(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    # --- work ---------------------------------------------------------------------------------

    async def _plan(self, view: MachineView) -> None:
        observe = self._mode is Mode.OBSERVE
        wish = Wish(mode=self._mode, drill=True, observe_anyway=observe)
        reasons: tuple[Text, ...] = ()
        try:
            refuse_drill(view, anyway=True)
            reasons = _not_harmless(view)
            plan = await self._door.plan(view, self._t("drill.reason"), wish)
        except RingfenceError as error:
            self.line.set_text("")
            self._say(error)
            self._tell()
            return
        self.plan = plan
        self.anyway.ask((*reasons, *dependents_asked(plan)))
        self.line.set_text(self._t("panels.drill.ready", count=len(plan.steps)))
        self._show_steps(plan)
        self._tell()

    def _agreed(self, plan: Plan, view: MachineView) -> Plan:
        """The plan with the yes's that were given, once the machine was meant by its name.

        Raises:
            RingfenceError: another name, a yes that is wanted, or it is no longer as it was.
        """
        anyway = self.anyway.given
        if not self.anyway.isHidden() and not anyway:
            self.anyway.box.setFocus()
            raise RingfenceError("drill-anyway-needed")
        refuse_drill(self._door.find(view), anyway)
        if self.name.text() != view.name:
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            raise RingfenceError("drill-name", target=view.target)
        left = tuple(need for need in plan.needs if not (anyway and need == CUT_ANYWAY))
        return structs.replace(plan, needs=left)

    async def _drill(self, plan: Plan, view: MachineView, at: float) -> None:
        report, written = None, False
        try:
            report = await self._door.run(plan, self.evidence.kinds(), view, at, self._follow)
            await self._door.write_down(report, self._t)
            written = True
        except RingfenceError as error:
            self._say(error)
        self._ended(report, written)

    def _follow(self, run: PlanRun) -> None:
        """One of cut, evidence, release is about to begin; its looks come after its orders."""
        self.run = run
        run.begun.connect(lambda: self._begun(run))
        run.stepped.connect(self._stepped)

    def _begun(self, run: PlanRun) -> None:
        self.line.set_text(self._t(f"panels.drill.running.{run.plan.kind}"))
        if self.plan is not None and run.plan.id != self.plan.id:
            self._show_steps(run.plan)
        self.run_started.emit(run)

    def _stepped(self, index: int) -> None:
        step = None if self.run is None else self.run.steps[index]
        if step is not None and self._steps is not None:
            self._steps.show_progress(step)

    def _ended(self, report: DrillReport | None, written: bool) -> None:
        self.report, self.plan = report, None
        if report is not None:
            words = [self._t(f"panels.drill.{'good' if report.good else 'short'}")]
            words += [self._t("panels.drill.case", id=report.case)] if written else []
            self.line.set_text("\n".join(words))
            self._forget_steps()
            self.times.show_report(report)
            if report.still_held:
                self._say(RingfenceError("drill-still-held", target=report.target))
        else:
            self.line.set_text("")
        self._tell(ended=True)

    # --- looks --------------------------------------------------------------------------------

    def _ask_keys(self) -> None:
        """Only who takes evidence needs keys."""
        if self.evidence.kinds():
            self.unlock.ask()
        else:
            self.unlock.forget()

    @property
    def _mode(self) -> Mode:
        return Mode(self.modes.chosen)

    def _tell(self, *, ended: bool = False) -> None:
        t, busy = self._t, self._drilling.busy and not ended
        done = self.report is not None
        for part in (self.note, self.modes, self.evidence, self.name):
            part.setVisible(not done)
            part.setEnabled(not busy)
        self.anyway.setEnabled(not busy)
        if busy or done:
            self.anyway.hide()
            self.unlock.forget()
        name = "" if self._view is None else menu_text(self._view.name)
        self.go.setText(t("panels.close") if done else t("panels.drill.go", name=name))
        self.go.setEnabled(done or (self.plan is not None and not busy))
        self.go.setProperty("role", "" if done else "danger")
        self.go.style().polish(self.go)
        self.cancel.setText(t("panels.close" if busy else "panels.cancel"))
        self.cancel.setVisible(not done)

    def _say(self, error: RingfenceError) -> None:
        self.problem.set_text(said(error, self._t))
        self.problem.show()

    def _show_steps(self, plan: Plan) -> None:
        self._forget_steps()
        self._steps = StepsView(plan, self._t, self._theme, self)
        self._column.insertWidget(self._column.count() - 1, self._steps)

    def _forget_plan(self) -> None:
        self.plan = None
        self._forget_steps()

    def _forget_steps(self) -> None:
        if self._steps is not None:
            self._steps.hide()
            self._steps.deleteLater()
            self._steps = None

    def _make(self) -> None:
        t, theme = self._t, self._theme
        self.problem = ValueLabel(self, lines=6)
        self.problem.set_colour(theme.colour("critical"))
        self.problem.hide()
        self.title = ValueLabel(self, lines=2)
        self.title.setFont(theme.font(Face.TITLE))
        self.note = ValueLabel(self, lines=4)
        self.note.set_colour(theme.colour("secondary"))
        self.modes = Choices(t("panels.mode"), [_way(m, t) for m in MODES], theme, self)
        self.modes.changed.connect(self.plan_anew)
        self.anyway = YesField("drill-anyway", t, theme, self)
        self.anyway.changed.connect(self.problem.hide)
        self.evidence = EvidenceField(t, theme, self)
        self.evidence.changed.connect(self._ask_keys)
        self.unlock = UnlockField(self._keys, t, theme, self)
        self.name = QLineEdit(self)
        self.name.setObjectName("drill-name")
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName(t("panels.drill.name"))
        self.name.textEdited.connect(self.problem.hide)
        self.line = ValueLabel(self, lines=4)
        self.line.setFont(theme.font(Face.STRONG))
        self.times = DrillTimes(t, theme, self)
        self.go, self.cancel = QPushButton(self), QPushButton(self)
        self.go.setObjectName("confirm")
        self.go.clicked.connect(self.confirm)
        self.cancel.setObjectName("cancel")
        self.cancel.clicked.connect(self.shut)

    def _lay_out(self) -> None:
        inner = QWidget(self)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(16, 0, 12, 8)
        self._column.setSpacing(8)
        above = (self.note, self.modes, self.anyway, self.evidence, self.unlock, self.name)
        for part in (*above, self.line, self.times):
            self._column.addWidget(part)
        self._column.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 12, 12)
        foot.setSpacing(8)
        for button in (self.go, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.title.setContentsMargins(16, 12, 12, 8)
        self.problem.setContentsMargins(16, 6, 12, 0)
        outer.addWidget(self.title)
        outer.addWidget(in_scroll(inner), 1)
        outer.addWidget(self.problem)
        outer.addLayout(foot)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """From the top down, and the act last."""
        kinds = (line.box for line in self.evidence.lines)
        keys = (self.unlock.secret, self.unlock.again, self.unlock.go)
        above = (self, self.modes, self.anyway.box, self.evidence.fold, *kinds, *keys)
        for before, after in pairwise((*above, self.name, self.go, self.cancel)):
            QWidget.setTabOrder(before, after)


def _not_harmless(view: MachineView) -> tuple[Text, ...]:
    try:
        refuse_drill(view, anyway=False)
    except RingfenceError as error:
        return (error.cause,)
    return ()


def _way(mode: Mode, t: Catalogue) -> Way:
    what, notice = mode_text(mode)
    code = f"panels.mode.{mode.value}"
    return Way(mode.value, t(f"{code}.name"), t(f"{code}.words"), t.say(notice), t.say(what))
