"""Which evidence is taken after the cut: each kind with its size and its time, before the yes."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.facts import Unknown
from core.incidents.evidence.estimates import Estimate
from core.incidents.evidence.kinds import ALL_KINDS, DEFAULT_KINDS, words_of
from core.incidents.model import EvidenceKind
from core.text import Catalogue
from gui.inspector.quantities import rough_seconds, size
from gui.inspector.value_label import ValueLabel
from gui.plain import PlainLabel, tooltip
from gui.theme import Face, Theme

_INDENT = 33


class KindLine:
    """One kind: a box to tick, what it costs at the right, what to know beneath."""

    def __init__(self, kind: EvidenceKind, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        self.kind = kind
        self._t = t
        self.possible = True
        self.box = QCheckBox(t.say(words_of(kind)), parent)
        self.box.setObjectName(f"evidence-{kind.value}")
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.cost = PlainLabel("", parent)
        self.cost.setFont(theme.font(Face.SECONDARY))
        self.cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note = ValueLabel(parent, lines=3)
        self.note.setFont(theme.font(Face.SECONDARY))
        self.note.set_colour(theme.colour("secondary"))
        self.note.hide()

    @property
    def wanted(self) -> bool:
        return self.possible and self.box.isChecked()

    def show_estimates(self, found: Sequence[Estimate]) -> None:
        """Of one machine, or the sum over several: possible when it is for any of them."""
        able = [each for each in found if each.possible]
        self.possible = bool(able) or not found
        self.box.setEnabled(self.possible)
        not_here = self._t("panels.evidence.not-here")
        self.cost.setText(self._cost(able) if self.possible else not_here)
        notes = dict.fromkeys(self._t.say(each.note) for each in found if each.note is not None)
        self.note.set_text("\n".join(notes))
        self.note.setVisible(bool(notes) and self.wanted)
        self.box.setToolTip(tooltip("\n".join(notes)))

    def _cost(self, able: Sequence[Estimate]) -> str:
        """Size and time; what nobody can tell is unknown."""
        total, longest = total_bytes(able), longest_s(able)
        if not able:
            return ""
        if total is None or longest is None:
            return self._t("value.unknown")
        return f"{rough_size(self._t, total)}, {rough_seconds(self._t, longest)}"


class EvidenceField(QWidget):
    """`changed` when a person ticked or unticked a kind."""

    changed = Signal()

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._t, self._theme = t, theme
        self._estimates: tuple[Estimate, ...] = ()
        self.fold = QToolButton(self)
        self.fold.setCheckable(True)
        self.fold.setProperty("role", "fold")
        self.fold.toggled.connect(self._unfold)
        self.summary = ValueLabel(self, lines=2)
        self._body = QWidget(self)
        self.lines = [KindLine(kind, t, theme, self._body) for kind in ALL_KINDS]
        self._lay_out()
        self.choose(DEFAULT_KINDS)
        self._unfold(False)

    def kinds(self) -> tuple[EvidenceKind, ...]:
        """What is wanted and can be had, in the order it is taken."""
        return tuple(line.kind for line in self.lines if line.wanted)

    def choose(self, kinds: Iterable[EvidenceKind]) -> None:
        """Tick these without telling anybody."""
        wanted = frozenset(kinds)
        for line in self.lines:
            line.box.blockSignals(True)
            line.box.setChecked(line.kind in wanted)
            line.box.blockSignals(False)
        self._tell()

    def show_estimates(self, found: Sequence[Estimate]) -> None:
        self._estimates = tuple(found)
        self._tell()

    def _tell(self) -> None:
        for line in self.lines:
            line.show_estimates([one for one in self._estimates if one.kind is line.kind])
        wanted = frozenset(self.kinds())
        able = [one for one in self._estimates if one.possible and one.kind in wanted]
        self.summary.set_text(self._summary(wanted, able))

    def _summary(self, wanted: frozenset[EvidenceKind], able: Sequence[Estimate]) -> str:
        t = self._t
        if not wanted:
            return t("panels.evidence.none")
        each = (t.say(words_of(line.kind)) for line in self.lines if line.kind in wanted)
        names = t("panels.list").join(each)
        if len(wanted) > 3:  # more names than a line holds
            names = t("panels.evidence.count", count=len(wanted))
        total, longest = total_bytes(able), sum_s(able)
        if not able or total is None or longest is None:
            return t("panels.evidence.some", names=names)
        return t(
            "panels.evidence.sized",
            names=names,
            size=rough_size(t, total),
            time=rough_seconds(t, longest),
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.summary, 1, Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(_INDENT, 0, 0, 4)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for place, line in enumerate(self.lines):
            grid.addWidget(line.box, 2 * place, 0)
            grid.addWidget(line.cost, 2 * place, 1)
            grid.addWidget(line.note, 2 * place + 1, 0, 1, 2)
            line.box.toggled.connect(self._ticked)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        outer.addLayout(head)
        outer.addWidget(self._body)

    def _ticked(self, _on: bool) -> None:
        self._tell()
        self.changed.emit()

    def _unfold(self, opened: bool) -> None:
        icon = "chevron-down" if opened else "chevron-right"
        self.fold.setIcon(self._theme.icon(icon, "secondary"))
        words = self._t("panels.evidence.hide" if opened else "panels.evidence.show")
        self.fold.setAccessibleName(words)
        self.fold.setToolTip(words)
        self._body.setVisible(opened)


def rough_size(t: Catalogue, count: int) -> str:
    """What is small is only known to be small."""
    return t("panels.evidence.small") if count <= 1 << 20 else size(count)


def total_bytes(able: Sequence[Estimate]) -> int | None:
    """None when one of them cannot be told: a sum without it would be too small."""
    found = [each.bytes for each in able if not isinstance(each.bytes, Unknown)]
    return sum(found) if len(found) == len(able) else None


def sum_s(able: Sequence[Estimate]) -> float | None:
    found = [each.seconds for each in able if not isinstance(each.seconds, Unknown)]
    return sum(found) if len(found) == len(able) else None


def longest_s(able: Sequence[Estimate]) -> float | None:
    """Machines are asked side by side."""
    found = [each.seconds for each in able if not isinstance(each.seconds, Unknown)]
    return max(found) if found and len(found) == len(able) else None
