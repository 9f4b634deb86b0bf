"""The task panel: what runs, what ended, what was left unfinished, and what hosts complain of."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.changes.history import PlanRecord
from core.text import Catalogue, Text
from gui.changes.plan_run import PlanRun, RunnerDoor
from gui.changes.task_card import TaskCard
from gui.inspector.fact_list import in_scroll, put_on_clipboard
from gui.inspector.value_label import ValueLabel
from gui.theme import Theme

_MOST_FINISHED = 50


class ErrorLine(QWidget):
    """One host's same complaint, counted; its details unfold on hover and copy with one click."""

    def __init__(self, host: str, text: Text, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._host, self._text = t, host, text
        self.count = 0
        self.words = ValueLabel(self, lines=3)
        copy = QPushButton(theme.icon("copy"), "", self)
        copy.setAccessibleName(t("panels.task.copy"))
        copy.setToolTip(t("panels.task.copy"))
        copy.setFlat(True)
        copy.clicked.connect(lambda: put_on_clipboard(self.text()))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(self.words, 1)
        row.addWidget(copy)
        self.again()

    def again(self) -> None:
        self.count += 1
        words = f"{self._host}: {self._t.say(self._text)}"
        times = self._t("panels.task.times", count=self.count) if self.count > 1 else ""
        self.words.set_text(words + times, self._text.detail)

    def text(self) -> str:
        return "\n".join(filter(None, (self.words.text(), self._text.detail)))


class TaskPanel(QWidget):
    """Newest on top. `counted` tells how many run and how many wait for a decision."""

    counted = Signal(int, int)
    finished = Signal(PlanRun)

    def __init__(
        self, catalogue: Catalogue, theme: Theme, runner: RunnerDoor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tasks")
        self._t, self._theme, self._runner = catalogue, theme, runner
        self._cards: list[TaskCard] = []
        self._errors: dict[tuple[str, str], ErrorLine] = {}
        self._list = QWidget()
        self._box = QVBoxLayout(self._list)
        self._box.setContentsMargins(0, 4, 0, 4)
        self._box.setSpacing(0)
        self._nothing = ValueLabel(self._list, lines=3)
        self._nothing.set_colour(theme.colour("secondary"))
        self._nothing.setContentsMargins(12, 8, 12, 8)
        self._nothing.set_text(catalogue("panels.task.none"))
        self._box.addWidget(self._nothing)
        self._box.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(in_scroll(self._list))

    def cards(self) -> tuple[TaskCard, ...]:
        return tuple(self._cards)

    def errors(self) -> tuple[ErrorLine, ...]:
        return tuple(self._errors.values())

    def watch(self, run: PlanRun) -> TaskCard:
        """Show a run that was started elsewhere, in place of the offer to resume its plan."""
        for known in [card for card in self._cards if card.run.plan.id == run.plan.id]:
            self._dismiss(known)
        card = TaskCard(run, self._runner, self._t, self._theme, self._list)
        run.ended.connect(lambda: self.finished.emit(run))
        run.ended.connect(self._count)
        run.stepped.connect(self._count)
        card.dismissed.connect(lambda: self._dismiss(card))
        self._cards.insert(0, card)
        self._box.insertWidget(0, card)
        self._forget_old()
        self._count()
        return card

    def show_unfinished(self, records: Sequence[PlanRecord]) -> None:
        """Offer plans that a crash, a cancel or a silent host left behind."""
        known = {card.run.plan.id for card in self._cards}
        for record in records:
            if record.plan.id not in known:
                run = PlanRun(record.plan, self)
                run.outcome = record.outcome
                self.watch(run)

    def report(self, host: str, text: Text) -> None:
        """One line a host and message, with how often."""
        key = (host, text.code)
        if key in self._errors:
            self._errors[key].again()
            return
        line = ErrorLine(host, text, self._t, self._theme, self._list)
        self._errors[key] = line
        self._box.insertWidget(len(self._cards), line)
        self._nothing.hide()

    def _dismiss(self, card: TaskCard) -> None:
        self._cards.remove(card)
        card.hide()
        card.deleteLater()
        self._count()

    def _forget_old(self) -> None:
        ended = [card for card in self._cards if card.buttons["dismiss"].isVisibleTo(card)]
        for card in ended[_MOST_FINISHED:]:
            self._dismiss(card)

    def _count(self) -> None:
        running = sum(card.run.running for card in self._cards)
        waiting = sum(_waits(card) for card in self._cards)
        self._nothing.setVisible(not self._cards and not self._errors)
        self.counted.emit(running, waiting)


def _waits(card: TaskCard) -> bool:
    return not card.run.running and card.buttons["resume"].isVisibleTo(card)
