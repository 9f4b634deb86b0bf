"""The steps of a plan: what each will do, does or did, how long it took, and what proved it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from core.changes.outcome import StepProgress, StepState
from core.changes.plan import Plan
from core.changes.steps import AnyStep
from core.text import Catalogue
from gui.changes.diff_view import DiffView
from gui.inspector.quantities import clock, milliseconds, rough_seconds, size
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme

_ICONS = {
    StepState.WAITING: ("circle-dashed", "secondary"),
    StepState.RUNNING: ("loader", "accent"),
    StepState.DONE: ("check", "good"),
    StepState.ALREADY: ("check", "secondary"),
    StepState.REFUSED: ("ban", "high"),
    StepState.FAILED: ("circle-x", "critical"),
    StepState.UNANSWERED: ("circle-help", "unknown"),
    StepState.WAITS: ("users", "unknown"),
    StepState.UNDOING: ("loader", "accent"),
    StepState.UNDONE: ("undo-2", "secondary"),
    StepState.UNDO_FAILED: ("circle-x", "critical"),
}


def far_words(progress: StepProgress, t: Catalogue) -> str:
    """How far a long step is, how fast, and how long it may take; nothing that is not known."""
    if not progress.done_bytes:
        return ""
    done, total, rate = progress.done_bytes, progress.total_bytes, progress.bytes_per_s
    parts = [t("panels.far.of", done=size(done), total=size(total)) if total else size(done)]
    if rate > 0:
        parts.append(t("panels.far.rate", rate=size(round(rate))))
        if total > done:
            parts.append(t("panels.far.left", time=rough_seconds(t, (total - done) / rate)))
    return " · ".join(parts)


class StepLine(QWidget):
    """One step with its state as icon and word, its proof below, its time at the right."""

    def __init__(self, step: AnyStep, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._icon = QLabel(self)
        self.words = ValueLabel(self, lines=3)
        self.proof = ValueLabel(self, lines=3)
        self.time = QLabel(self)
        self.words.set_text(t.say(step.describe()))
        self.proof.setFont(theme.font(Face.SECONDARY))
        self.proof.set_colour(theme.colour("secondary"))
        self.time.setTextFormat(Qt.TextFormat.PlainText)
        self.time.setFont(theme.font(Face.SECONDARY))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 3, 0, 3)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.words, 0, 1)
        grid.addWidget(self.time, 0, 2, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.proof, 1, 1)
        grid.setColumnStretch(1, 1)
        self.show_progress(None)

    def show_progress(self, progress: StepProgress | None) -> None:
        state = progress.state if progress else StepState.WAITING
        word = self._t(f"panels.step-state.{state.value}")
        self._icon.setPixmap(self._theme.pixmap(*_ICONS[state]))
        self._icon.setToolTip(word)
        self.setAccessibleName(f"{self.words.text()}: {word}")
        finished = progress is not None and progress.outcome is not None
        self.time.setText(milliseconds(progress.elapsed_ms / 1000) if progress and finished else "")
        proof = self._proof(progress)
        self.proof.set_text(proof)
        self.proof.setVisible(bool(proof))

    def _proof(self, progress: StepProgress | None) -> str:
        """What was read back; or why the step is not done."""
        outcome = progress.outcome if progress else None
        if outcome is None:
            return "" if progress is None else far_words(progress, self._t)
        if outcome.problem is not None:
            return self._t.say(outcome.problem)
        lines = [
            self._t("panels.proof", what=self._t.say(proof.what), at=clock(proof.at))
            for proof in outcome.done.proofs
        ]
        return "\n".join(lines)


class StepsView(QWidget):
    """All steps of a plan in order; the exact changes unfold below. A line is made when somebody
    looks: ten plans of ten steps, all folded, would hold the window up."""

    def __init__(self, plan: Plan, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._plan, self._t, self._theme = plan, t, theme
        self._preview: DiffView | None = None
        self._lines: list[StepLine] = []
        self._told: dict[int, StepProgress] = {}
        self.fold = QToolButton(self)
        self.fold.setIcon(theme.icon("file-diff"))
        self.fold.setText(t("panels.preview.show"))
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setObjectName("preview")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._unfold)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 4, 0, 4)
        self._box.setSpacing(0)
        self._box.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def lines(self) -> list[StepLine]:
        if not self._lines:
            self._lines = [StepLine(step, self._t, self._theme, self) for step in self._plan.steps]
            for number, line in enumerate(self._lines):
                self._box.insertWidget(number, line)
            for progress in self._told.values():
                self._lines[progress.index].show_progress(progress)
        return self._lines

    def show_progress(self, progress: StepProgress) -> None:
        self._told[progress.index] = progress
        if self._lines:
            self._lines[progress.index].show_progress(progress)

    def showEvent(self, event: QShowEvent) -> None:
        _ = self.lines
        super().showEvent(event)

    def preview_text(self) -> str:
        """Every step in words, with the exact lines that go and come."""
        parts: list[str] = []
        for step in self._plan.steps:
            parts.append(f"@ {self._t.say(step.describe())}")
            parts += step.preview or (f"  {self._t('panels.preview.no-text')}",)
        return "\n".join(parts)

    def _unfold(self, opened: bool) -> None:
        self.fold.setText(self._t("panels.preview.hide" if opened else "panels.preview.show"))
        if opened and self._preview is None:
            self._preview = DiffView(self._t, self._theme, self)
            self._preview.setObjectName("preview-text")
            self._preview.setMinimumHeight(180)
            self._preview.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._preview.show_text(self.preview_text())
            self._box.addWidget(self._preview)
        if self._preview is not None:
            self._preview.setVisible(opened)
