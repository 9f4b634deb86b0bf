"""How each column is drawn. A painter reads a view and draws; it decides nothing."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF

from core.facts import Confinement, MachineState, Unknown
from core.fleet.columns import Column
from core.fleet.model import MachineView
from core.fleet.summary import Encrypted, Reach, confinement, encrypted, reach, worst
from core.incidents.model import Containment, Quarantine
from core.incidents.words import is_watched
from core.posture.model import Severity
from gui.fleet.brush import Brush
from gui.fleet.sparks import spark_points
from gui.fleet.wording import clock, plain_cell
from gui.plain import one_line
from gui.theme import Face, paint_score_ring, paint_severity

CellPainter = Callable[[Brush, MachineView, Column], None]

STATE_ICONS: Mapping[MachineState, tuple[str, str]] = {
    MachineState.RUNNING: ("play", "good"),
    MachineState.BLOCKED: ("play", "good"),
    MachineState.PAUSED: ("pause", "medium"),
    MachineState.SHUTTING_DOWN: ("power", "secondary"),
    MachineState.OFF: ("square", "secondary"),
    MachineState.CRASHED: ("triangle-alert", "critical"),
    MachineState.SUSPENDED: ("moon", "secondary"),
    MachineState.UNKNOWN: ("circle-help", "unknown"),
}
CONFINEMENT_ICONS: Mapping[Confinement, tuple[str, str]] = {
    Confinement.ENFORCED: ("shield-check", "good"),
    Confinement.PERMISSIVE: ("shield-alert", "medium"),
    Confinement.UNCONFINED: ("shield-off", "critical"),
    Confinement.NO_DRIVER: ("ban", "high"),
    Confinement.NOT_RUNNING: ("circle-dashed", "secondary"),
    Confinement.UNKNOWN: ("circle-help", "unknown"),
}
REACH_ICONS: Mapping[Reach, tuple[str, str]] = {
    Reach.OFF: ("minus", "secondary"),
    Reach.LOCAL: ("house", "secondary"),
    Reach.OPEN: ("globe", "critical"),
    Reach.UNKNOWN: ("circle-help", "unknown"),
}
ENCRYPTED_ICONS: Mapping[Encrypted, tuple[str, str]] = {
    Encrypted.YES: ("key-round", "good"),
    Encrypted.PARTLY: ("key-round", "medium"),
    Encrypted.NO: ("minus", "secondary"),
    Encrypted.NO_DISKS: ("minus", "secondary"),
    Encrypted.UNKNOWN: ("circle-help", "unknown"),
}
CONTAINMENT_ICONS: Mapping[Containment, tuple[str, str]] = {
    Containment.CONTAINED: ("lock", "quarantine"),
    Containment.PARTIAL: ("unplug", "critical"),
    Containment.NOT_CONTAINED: ("lock-open", "critical"),
    Containment.UNKNOWN: ("circle-help", "unknown"),
}
OBSERVED_ICON = ("eye", "medium")  # watched, and never dressed as contained
RISK_SEVERITY: Mapping[str, Severity] = {
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
_CHIP_GROUND_ALPHA = 34
NARROWEST_CHIP = 11
SPARK_WIDTH = 20


def paint_state(brush: Brush, view: MachineView, column: Column) -> None:
    brush.icon(*STATE_ICONS[view.row.state], size=12)
    if brush.room > brush.theme.space(8):
        brush.gap(2)
        brush.text(plain_cell(view, column, brush.t), "secondary")


def paint_name(brush: Brush, view: MachineView, column: Column) -> None:
    """The name, its host beside it (with the time when it is old), the lock when it is held."""
    if view.quarantine is not None:
        brush.icon(*held_icon(view.quarantine), size=14)
        brush.gap()
    brush.text(plain_cell(view, column, brush.t), face=Face.STRONG)
    brush.gap(2)
    if brush.room > brush.theme.space(5):
        parts = [] if brush.group == "host" else [one_line(view.host)]
        parts += [clock(view.last_seen)] if view.stale else []
        brush.text(" · ".join(parts), "secondary", Face.SECONDARY)


def paint_zones(brush: Brush, view: MachineView, column: Column) -> None:
    if isinstance(view.zones, Unknown) or not view.zones:
        brush.text(plain_cell(view, column, brush.t), "secondary")
        return
    for number, member in enumerate(view.zones):
        if number and brush.room < brush.theme.space(NARROWEST_CHIP):
            brush.text(f"+{len(view.zones) - number}", "secondary", Face.SECONDARY)
            return
        rest = len(view.zones) - number - 1
        kept = brush.advance(f"+{rest}", Face.SECONDARY) + brush.theme.space(1.5) if rest else 0.0
        brush.rect.setRight(brush.rect.right() - kept)
        _chip(brush, one_line(member.zone.name), brush.theme.zone_colour(member.zone))
        brush.rect.setRight(brush.rect.right() + kept)
        brush.gap()


def _chip(brush: Brush, name: str, hue: QColor) -> None:
    """A zone: its hue as a mark, its name as a word."""
    theme = brush.theme
    width = min(brush.room, brush.advance(name, Face.SECONDARY) + theme.space(6))
    chip = QRectF(brush.x, brush.rect.center().y() - 9, width, 18)
    ground = QColor(hue)
    ground.setAlpha(_CHIP_GROUND_ALPHA)
    painter = brush.painter
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(chip, 4, 4)
    painter.setBrush(hue)
    painter.drawRoundedRect(QRectF(chip.left() + 6, chip.center().y() - 4, 8, 8), 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outer = brush.rect
    brush.start(chip.adjusted(theme.space(4.5), 0, -theme.space(1), 0))
    brush.text(name, face=Face.SECONDARY)
    brush.rect, brush.x = outer, chip.right()


def paint_score(brush: Brush, view: MachineView, column: Column) -> None:
    """Ring, number, the line of the last month, and how far it moved since yesterday."""
    theme = brush.theme
    value = view.score.value
    ring = brush.box(16)
    paint_score_ring(
        brush.painter, ring, value, theme.score_colour(value), theme.colour("hairline")
    )
    brush.gap(1)
    if value is None:
        brush.gap(1)
        brush.text(plain_cell(view, column, brush.t), "secondary")
        return
    brush.number(str(value), brush.advance("100"), face=Face.STRONG)
    brush.gap(1)
    if brush.days and brush.room > SPARK_WIDTH:
        _spark(brush, theme.score_colour(value))
    if view.trend:
        up = view.trend > 0
        brush.icon("arrow-up" if up else "arrow-down", "good" if up else "critical", size=11)
        brush.text(str(abs(view.trend)), "secondary", Face.SECONDARY)


def _spark(brush: Brush, colour: QColor) -> None:
    box = QRectF(brush.x, brush.rect.center().y() - 6, SPARK_WIDTH, 12)
    painter = brush.painter
    painter.setPen(QPen(brush.theme.colour("secondary"), 1.2))
    points = spark_points(brush.days, box.adjusted(0, 0, -2, 0))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(points[-1], 1.8, 1.8)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    brush.x = box.right() + brush.theme.space(0.5)


def paint_worst(brush: Brush, view: MachineView, column: Column) -> None:
    """The worst failing finding, with the shape of its severity."""
    finding = worst(view)
    unjudged = view.machine is None or view.score.counts.get("unknown", 0)
    if finding is not None or unjudged:
        severity = finding.severity if finding else None
        colour = brush.theme.severity_colour(severity)
        paint_severity(brush.painter, brush.box(12), severity, colour)
    else:
        brush.icon("check", "good", size=12)
    brush.gap(2)
    words = plain_cell(view, column, brush.t)
    face = Face.DATA if brush.advance(words) <= brush.room else Face.SECONDARY
    brush.text(words, "text" if finding else "secondary", face)


def paint_label(brush: Brush, view: MachineView, column: Column) -> None:
    shown = confinement(view)
    brush.icon(*CONFINEMENT_ICONS[shown])
    brush.gap(2)
    text = plain_cell(view, column, brush.t)
    if shown in (Confinement.ENFORCED, Confinement.PERMISSIVE):
        brush.text(text, "text", Face.MONO)
    else:
        alarming = shown in (Confinement.UNCONFINED, Confinement.NO_DRIVER)
        brush.text(text, "text" if alarming else "secondary")


def paint_consoles(brush: Brush, view: MachineView, column: Column) -> None:
    widest = reach(view)
    brush.icon(*REACH_ICONS[widest])
    brush.gap(2)
    role = "text" if widest is Reach.OPEN else "secondary"
    brush.text(plain_cell(view, column, brush.t), role)


def paint_encrypted(brush: Brush, view: MachineView, column: Column) -> None:
    brush.icon(*ENCRYPTED_ICONS[encrypted(view)])
    brush.gap(2)
    brush.text(plain_cell(view, column, brush.t), "secondary")


def paint_risk(brush: Brush, view: MachineView, column: Column) -> None:
    severity = RISK_SEVERITY.get(view.risk.value.lower())
    if severity is None:
        brush.text(plain_cell(view, column, brush.t), "secondary")
        return
    paint_severity(brush.painter, brush.box(12), severity, brush.theme.severity_colour(severity))
    brush.gap(2)
    brush.text(plain_cell(view, column, brush.t))


def held_icon(held: Quarantine) -> tuple[str, str]:
    """Icon and colour of a hold; one that only watches has an eye, whatever its state."""
    return OBSERVED_ICON if is_watched(held) else CONTAINMENT_ICONS[held.state]


def paint_quarantine(brush: Brush, view: MachineView, column: Column) -> None:
    if view.quarantine is None:
        brush.text(plain_cell(view, column, brush.t), "secondary")
        return
    name, role = held_icon(view.quarantine)
    brush.icon(name, role)
    brush.gap(2)
    brush.text(plain_cell(view, column, brush.t), role, Face.STRONG)


def paint_words(brush: Brush, view: MachineView, column: Column) -> None:
    """Everything that is only words."""
    brush.text(plain_cell(view, column, brush.t))


def paint_quiet(brush: Brush, view: MachineView, column: Column) -> None:
    brush.text(plain_cell(view, column, brush.t), "secondary")


PAINTERS: Mapping[str, CellPainter] = {
    "state": paint_state,
    "name": paint_name,
    "zones": paint_zones,
    "score": paint_score,
    "worst": paint_worst,
    "label": paint_label,
    "consoles": paint_consoles,
    "risk": paint_risk,
    "quarantine": paint_quarantine,
    "encrypted": paint_encrypted,
    "host": paint_quiet,
}
