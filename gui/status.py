"""The status line: the fleet's score, what is wrong by severity, hosts, when it was judged."""

from datetime import datetime

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStatusBar, QWidget

from core.fleet.model import FleetView
from core.posture.model import Severity
from core.text import Catalogue
from gui.fleet.brush import Brush
from gui.fleet.tallies import SHOWN
from gui.fleet.wording import clock
from gui.plain import PlainLabel
from gui.theme import Face, Theme, paint_score_ring, paint_severity

SAID_MS = 8000
CONNECTED = "connected"


class FleetMark(QWidget):
    """The one number that matters, and the counts that make it."""

    def __init__(self, catalogue: Catalogue, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("fleet-score")
        self._t = catalogue
        self._theme = theme
        self._value: int | None = None
        self._counts: dict[Severity | None, int] = {}
        self.setFixedHeight(theme.space(6))

    def show_fleet(self, fleet: FleetView) -> None:
        counts = fleet.score.counts
        self._value = fleet.score.value
        self._counts = {one: counts.get(one.name.lower(), 0) for one in SHOWN}
        self._counts[None] = counts.get("unknown", 0)
        self.setToolTip(self._words())
        self.setAccessibleName(self._words())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        theme = self._theme
        shown = [str(count) for count in self._counts.values() if count]
        width = theme.space(22) + len(shown) * theme.space(6) + 8 * sum(map(len, shown))
        return QSize(width, theme.space(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        brush = Brush(painter, theme, self._t)
        brush.start(QRectF(self.rect()).adjusted(theme.space(1), 0, 0, 0))
        ring = brush.box(18)
        colour = theme.score_colour(self._value)
        paint_score_ring(painter, ring, self._value, colour, theme.colour("hairline"))
        brush.gap(1.5)
        brush.text("?" if self._value is None else str(self._value), face=Face.STRONG)
        brush.gap(4)
        for severity, count in self._counts.items():
            if count:
                ink = theme.severity_colour(severity)
                paint_severity(painter, brush.box(11), severity, ink)
                brush.gap(1)
                brush.text(str(count))
                brush.gap(3)
        painter.end()

    def _words(self) -> str:
        value = "?" if self._value is None else str(self._value)
        parts = [self._t("window.status.score", score=value)]
        for severity, count in self._counts.items():
            name = "unknown" if severity is None else severity.name.lower()
            parts.append(f"{self._t(f'severity.{name}')}: {count}")
        return "\n".join(parts)


class StatusLine(QStatusBar):
    """Left: what was just said, then gone. Right: what stands."""

    def __init__(self, catalogue: Catalogue, theme: Theme) -> None:
        super().__init__()
        self._t = catalogue
        self.setSizeGripEnabled(False)
        self.setFont(theme.font(Face.SECONDARY))
        self.tasks = PlainLabel()
        self.rows = PlainLabel()
        self.hosts = PlainLabel()
        self.judged = PlainLabel()
        self.mark = FleetMark(catalogue, theme)
        for label in (self.tasks, self.rows, self.hosts, self.judged):
            label.setProperty("role", "secondary")
            label.setFont(theme.font(Face.SECONDARY))
            label.setContentsMargins(theme.space(2), 0, theme.space(2), 0)
            self.addPermanentWidget(label)
        self.addPermanentWidget(self.mark)

    def say(self, text: str) -> None:
        self.showMessage(text, SAID_MS)

    def show_tasks(self, running: int, waiting: int) -> None:
        """Say how many plans run, and how many wait for a decision."""
        parts = [self._t("window.status.running", count=running)] if running else []
        parts += [self._t("window.status.waiting", count=waiting)] if waiting else []
        self.tasks.setText("  ".join(parts))

    def show_rows(self, shown: int, total: int) -> None:
        self.rows.setText(self._t("window.status.rows", count=total, shown=shown))

    def show_fleet(self, fleet: FleetView) -> None:
        total, good = len(fleet.hosts), 0
        for host in fleet.hosts.values():
            good += host.health.state == CONNECTED
        self.hosts.setText(self._t("window.status.hosts", count=total, good=good))
        judged_at = last_judged(fleet)
        time = clock(judged_at) if judged_at else self._t("window.status.never")
        self.judged.setText(self._t("window.status.judged", time=time))
        self.mark.show_fleet(fleet)


def last_judged(fleet: FleetView) -> datetime | None:
    """Return when a host or a machine was last judged; one finding of each stands for all."""
    judged = [view.findings[0] for view in fleet.hosts.values() if view.findings]
    judged += [view.findings[0] for view in fleet.machines.values() if view.findings]
    return max((finding.judged_at for finding in judged), default=None)
