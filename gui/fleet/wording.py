"""The words of the table: cells, hovers and headings, always as plain text."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.facts import Unknown
from core.fleet.columns import Column
from core.fleet.model import HostView, MachineView
from core.text import Catalogue
from gui.fleet.arrange import GroupRow
from gui.identity import access
from gui.plain import one_line, tooltip

STATE_GROUPS = "state"


def plain_cell(view: MachineView, column: Column, t: Catalogue) -> str:
    return one_line(column.text(view, t))


def unknown_words(unknown: Unknown, t: Catalogue) -> str:
    """Say why something is unknown; the host's own words follow."""
    reason = t(f"unknown.{unknown.reason}")
    return f"{reason}\n{unknown.detail}" if unknown.detail else reason


def cell_hover(view: MachineView, column: Column, t: Catalogue) -> str:
    """Return the tooltip of a cell: its whole text and what stands behind it."""
    lines = [column.text(view, t), *_behind(view, column.id, t)]
    if view.stale:
        lines.append(t("window.row.stale", time=clock(view.last_seen)))
    return tooltip("\n".join(line for line in lines if line))


def group_title(group: GroupRow, t: Catalogue, hosts: Mapping[str, HostView]) -> str:
    return f"{group_name(group, t)}   {group_note(group, t, hosts)}"


def group_note(group: GroupRow, t: Catalogue, hosts: Mapping[str, HostView]) -> str:
    """How many machines; under a host's name also as whom we are there."""
    count = t("window.group.count", count=group.count)
    host = hosts.get(group.id) if group.kind == "host" else None
    whom = access(host, t) if host is not None else ""
    return f"{count} · {whom}" if whom else count


def group_name(group: GroupRow, t: Catalogue) -> str:
    if not group.id:
        return t(f"window.group.{group.kind}.none")
    if group.id == "?":
        return t("window.group.zone.unknown")
    return t(f"state.{group.id}") if group.kind == STATE_GROUPS else one_line(group.id)


def clock(moment: datetime) -> str:
    """Return the admin's wall clock time; with the date when it is not today's."""
    local = moment.astimezone()
    today = datetime.now(UTC).astimezone().date()
    return local.strftime("%H:%M:%S" if local.date() == today else "%Y-%m-%d %H:%M")


def _behind(view: MachineView, column: str, t: Catalogue) -> list[str]:
    if column == "name":
        title = view.machine.title if view.machine else ""
        return [title, view.host]
    if column == "zones":
        if isinstance(view.zones, Unknown):
            return [unknown_words(view.zones, t)]
        return [f"{member.zone.name}: {', '.join(member.by)}" for member in view.zones]
    if column == "label":
        return _label_lines(view, t)
    if column in ("tenant", "risk"):
        owned = view.tenant if column == "tenant" else view.risk
        return [t("window.row.claimed", claim=owned.claimed)] if owned.only_claimed else []
    if column == "quarantine" and view.quarantine is not None:
        held = view.quarantine
        return [held.reason, *held.missing, t("window.row.observed", time=clock(held.observed_at))]
    return []


def _label_lines(view: MachineView, t: Catalogue) -> list[str]:
    confinement = view.label.confinement
    if isinstance(confinement, Unknown):
        return [unknown_words(confinement, t)]
    words = [t(f"panels.confinement.{confinement}.why")]
    return words if view.label.label is None else [*words, view.label.label.text]
