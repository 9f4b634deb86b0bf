"""One plan in the task panel: where it is, how long it will take, and the ways out of it."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.changes.outcome import PlanState
from core.text import Catalogue
from gui.changes.plan_run import PlanRun, RunnerDoor
from gui.changes.steps_view import StepsView, far_words
from gui.incidents.result import missing_line
from gui.inspector.fact_list import put_on_clipboard
from gui.inspector.quantities import milliseconds
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme

_TICK_MS = 500
_ICONS = {
    PlanState.DONE: ("circle-check", "good"),
    PlanState.PARTIAL: ("triangle-alert", "high"),
    PlanState.UNFINISHED: ("circle-help", "unknown"),
    PlanState.FAILED: ("circle-x", "critical"),
    PlanState.ROLLED_BACK: ("undo-2", "secondary"),
}


class TaskCard(QWidget):
    """Follows a PlanRun; an unfinished plan offers to go on or to undo, and says what each does."""

    dismissed = Signal()

    def __init__(
        self, run: PlanRun, runner: RunnerDoor, t: Catalogue, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.run = run
        self._runner, self._t, self._theme = runner, t, theme
        self._icon = QLabel(self)
        self.title = ValueLabel(self, lines=2)
        self.title.set_text(t.say(run.plan.describe()))
        self.line = ValueLabel(self, lines=4)
        self.line.setFont(theme.font(Face.SECONDARY))
        self.line.set_colour(theme.colour("secondary"))
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setRange(0, max(1, len(run.plan.steps)))
        self.steps = StepsView(run.plan, t, theme, self)
        self.steps.hide()
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._tell)
        run.stepped.connect(self._stepped)
        run.ended.connect(self._ended)
        self._begin()

    def text(self) -> str:
        """The whole course in lines, for copying."""
        steps = [line.accessibleName() for line in self.steps.lines]
        proofs = [line.proof.text() for line in self.steps.lines]
        lines = [f"{a}\n  {b}" if b else a for a, b in zip(steps, proofs, strict=True)]
        return "\n".join((self.title.text(), self.line.text(), *lines))

    # --- laying out ---------------------------------------------------------------------------

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.line)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._icon)
        top.addLayout(words, 1)
        for name, icon, act in self._acts():
            button = QPushButton(self._theme.icon(icon), self._t(f"panels.task.{name}"), self)
            button.setObjectName(f"task-{name}")
            button.clicked.connect(act)
            self.buttons[name] = button
            top.addWidget(button)
        self.buttons["log"].setCheckable(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 6, 12, 6)
        outer.setSpacing(4)
        outer.addLayout(top)
        outer.addWidget(self.bar)
        outer.addWidget(self.steps)

    def _acts(self) -> tuple[tuple[str, str, Callable[[], None]], ...]:
        return (
            ("resume", "play", self.resume),
            ("rollback", "undo-2", self._ask_roll_back),
            ("confirm", "undo-2", self.roll_back),
            ("cancel", "x", self._cancel),
            ("log", "list", self._show_log),
            ("copy", "copy", self._copy),
            ("dismiss", "x", self.dismissed.emit),
        )

    def _show_log(self) -> None:
        self.steps.setVisible(self.buttons["log"].isChecked())

    def _copy(self) -> None:
        put_on_clipboard(self.text())

    # --- the run ------------------------------------------------------------------------------

    def resume(self) -> None:
        plan = self.run.plan
        self.run.start(lambda progress: self._runner.resume(plan.id, progress))
        self._begin()

    def roll_back(self) -> None:
        plan = self.run.plan
        self.run.start(lambda progress: self._runner.roll_back(plan.id, progress))
        self._begin()

    def _ask_roll_back(self) -> None:
        """A roll-back of a cut gives the machine its links back: the next button says so."""
        names = ", ".join(target.name or target.host for target in self.run.plan.targets)
        self.line.set_text(self._t(f"panels.task.rollback.{self.run.plan.kind}", names=names))
        self.buttons["confirm"].setText(self._t("panels.task.confirm.names", names=names))
        self.buttons["confirm"].setProperty("role", "danger")
        self._show_buttons("confirm", "resume", "log")

    def _cancel(self) -> None:
        self._runner.cancel(self.run.plan.id)
        self.buttons["cancel"].setEnabled(False)
        self.line.set_text(self._t("panels.task.cancelling"))

    def _begin(self) -> None:
        for step in self.run.steps:
            if step is not None:
                self.steps.show_progress(step)
        if self.run.running:
            self._clock.start()
            self.buttons["cancel"].setEnabled(True)
        self._tell()

    def _stepped(self, index: int) -> None:
        step = self.run.steps[index]
        if step is not None:
            self.steps.show_progress(step)
        self._tell()

    def _ended(self) -> None:
        self._clock.stop()
        self._tell()

    # --- what it says -------------------------------------------------------------------------

    def _tell(self) -> None:
        run = self.run
        self.bar.setVisible(run.running)
        self.bar.setValue(run.done_steps)
        if run.running:
            self._icon.setPixmap(self._theme.pixmap("loader", "accent"))
            self.line.set_text(self._running_words())
            self._show_buttons("cancel", "log")
        elif run.problem is not None:
            self._icon.setPixmap(self._theme.pixmap("circle-x", "critical"))
            problem = run.problem
            self.line.set_text(f"{self._t.say(problem.cause)}\n{self._t.say(problem.step)}")
            self._show_buttons("resume", "rollback", "log", "copy")
        else:
            self._tell_outcome()

    def _tell_outcome(self) -> None:
        outcome = self.run.outcome
        state = outcome.state if outcome else PlanState.UNFINISHED
        self._icon.setPixmap(self._theme.pixmap(*_ICONS[state]))
        words = self._t(f"panels.task.state.{state.value}")
        if outcome is not None:
            words += f" · {milliseconds(outcome.seconds)}"
            if outcome.missing:
                words += "\n" + missing_line(outcome.missing, self._t, self.run.plan)
            if outcome.problem is not None:
                words += "\n" + self._t.say(outcome.problem)
        self.line.set_text(words)
        if state is PlanState.UNFINISHED:
            self._show_buttons("resume", "rollback", "log", "copy")
        elif state is PlanState.FAILED:
            self._show_buttons("resume", "rollback", "log", "copy", "dismiss")
        else:
            self._show_buttons("log", "copy", "dismiss")

    def _running_words(self) -> str:
        run = self.run
        words = self._t(
            "panels.task.running",
            done=run.done_steps,
            all=len(run.steps),
            elapsed=milliseconds(run.elapsed_s),
        )
        far = [far_words(step, self._t) for step in run.steps if step is not None]
        if any(far):
            return f"{words}\n{next(filter(None, reversed(far)))}"
        remaining = run.remaining_s
        if remaining is None:
            return words
        return words + self._t("panels.task.remaining", remaining=milliseconds(remaining))

    def _show_buttons(self, *names: str) -> None:
        for name, button in self.buttons.items():
            button.setVisible(name in names)
