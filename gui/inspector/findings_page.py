"""The findings page: what is wrong, unknown, accepted or right, each with its proof."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from core.posture.model import Finding, Verdict
from core.text import Catalogue
from gui.inspector.fact_list import FactList, in_scroll, put_on_clipboard
from gui.inspector.finding_line import FindingLine
from gui.inspector.finding_words import Checks, as_text, details, ordered
from gui.inspector.value_label import ValueLabel
from gui.theme import Face, Theme

_FILTERS = (
    ("wrong", frozenset({Verdict.FAIL, Verdict.WARN})),
    ("unknown", frozenset({Verdict.UNKNOWN})),
    ("waived", frozenset({Verdict.WAIVED})),
    ("passed", frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})),
)
_SHOWN_AT_FIRST = frozenset({"wrong", "unknown", "waived"})


class FindingsPage(QWidget):
    """Lists findings by severity; four buttons choose which verdicts are shown."""

    def __init__(
        self, t: Catalogue, theme: Theme, checks: Checks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._t, self._theme, self._checks = t, theme, checks
        self._findings: list[Finding] = []
        self._lines: list[FindingLine] = []
        self._open: set[str] = set()
        self._filters: dict[str, QToolButton] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._filter_bar())
        self._list = QWidget()
        self._box = QVBoxLayout(self._list)
        self._box.setContentsMargins(0, 0, 0, 8)
        self._box.setSpacing(0)
        outer.addWidget(in_scroll(self._list), 1)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """The same findings change nothing; opened ones stay open while they exist."""
        sorted_now = ordered(findings, self._checks)
        if sorted_now == self._findings:
            return
        self._findings = sorted_now
        self._count()
        self._rebuild()

    def lines(self) -> tuple[FindingLine, ...]:
        return tuple(self._lines)

    def filter_button(self, name: str) -> QToolButton:
        return self._filters[name]

    def _filter_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(4)
        for name, _ in _FILTERS:
            button = QToolButton()
            button.setObjectName(f"findings-{name}")
            button.setCheckable(True)
            button.setProperty("role", "filter")
            button.setFont(self._theme.font(Face.SECONDARY))
            button.setChecked(name in _SHOWN_AT_FIRST)
            button.toggled.connect(self._rebuild)
            self._filters[name] = button
            bar.addWidget(button)
        bar.addStretch(1)
        return bar

    def _count(self) -> None:
        counts = Counter(finding.verdict for finding in self._findings)
        for name, verdicts in _FILTERS:
            total = sum(counts[verdict] for verdict in verdicts)
            self._filters[name].setText(self._t(f"panels.filter.{name}", number=total))

    def _wanted(self) -> list[Finding]:
        chosen: set[Verdict] = set()
        for name, verdicts in _FILTERS:
            if self._filters[name].isChecked():
                chosen |= verdicts
        return [finding for finding in self._findings if finding.verdict in chosen]

    def _rebuild(self, _checked: bool = False) -> None:
        _empty(self._box)
        self._lines = []
        wanted = self._wanted()
        for finding in wanted:
            self._add(finding)
        if not wanted:
            self._box.addWidget(self._nothing())
        self._box.addStretch(1)

    def _nothing(self) -> ValueLabel:
        label = ValueLabel(self._list, lines=6)
        label.setContentsMargins(12, 8, 12, 8)
        label.set_colour(self._theme.colour("secondary"))
        code = "panels.findings.none" if not self._findings else "panels.findings.filtered"
        label.set_text(self._t(code))
        return label

    def _add(self, finding: Finding) -> None:
        line = FindingLine(finding, self._t, self._theme, self._list)
        slot = QWidget(self._list)
        QVBoxLayout(slot).setContentsMargins(20, 0, 0, 0)
        slot.hide()
        line.toggled.connect(partial(self._unfold, finding, slot))
        line.moved.connect(partial(self._move, line))
        line.copied.connect(partial(self._copy, finding))
        self._lines.append(line)
        self._box.addWidget(line)
        self._box.addWidget(slot)
        line.setChecked(finding.check in self._open)

    def _unfold(self, finding: Finding, slot: QWidget, opened: bool) -> None:
        (self._open.add if opened else self._open.discard)(finding.check)
        layout = slot.layout()
        if opened and layout is not None and layout.isEmpty():
            facts = FactList(self._t, self._theme, slot)
            facts.show_sections(details(finding, self._checks, self._t))
            layout.addWidget(facts)
            copy = QPushButton(self._theme.icon("copy"), self._t("panels.copy.finding"), slot)
            copy.clicked.connect(partial(self._copy, finding))
            layout.addWidget(copy)
            layout.setAlignment(copy, Qt.AlignmentFlag.AlignLeft)
        slot.setVisible(opened)

    def _copy(self, finding: Finding, _checked: bool = False) -> None:
        put_on_clipboard(as_text(finding, self._checks, self._t))

    def _move(self, line: FindingLine, step: int) -> None:
        place = self._lines.index(line) + step
        if 0 <= place < len(self._lines):
            self._lines[place].setFocus(Qt.FocusReason.OtherFocusReason)


def _empty(box: QVBoxLayout) -> None:
    while (item := box.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
