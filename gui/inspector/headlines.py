"""The lines under a name, and what several machines have in common."""

from collections import Counter
from collections.abc import Sequence

from core.facts import MachineState
from core.fleet.model import HostView, MachineView
from core.posture.model import Severity, Verdict
from core.text import Catalogue
from gui.identity import access
from gui.inspector.facts import Fact, FactWriter, Section
from gui.inspector.quantities import moment

_MOST_NAMED = 40


def machine_line(view: MachineView, t: Catalogue) -> str:
    """State, host, and what limits us there."""
    parts = [t(f"state.{view.row.state.value}"), view.host]
    parts += [t("panels.read-only")] if view.read_only else []
    parts += [t("panels.demo")] if view.demo else []
    return " · ".join(parts)


def machine_warning(view: MachineView, t: Catalogue) -> str:
    return t("panels.stale", seen=moment(view.last_seen)) if view.stale else ""


def host_line(view: HostView, t: Catalogue) -> str:
    """How it is doing, and as whom we are there; the URI stands on the overview."""
    parts = (t(f"health.{view.health.state}"), access(view, t) or view.entry.uri)
    return " · ".join(parts)


def host_warning(view: HostView, t: Catalogue) -> str:
    """Why the host is not reached, or that its peer is not verified."""
    failure = view.health.failure or view.problem
    if failure is not None:
        return t(f"error.{failure.code}.cause", **failure.params)
    unverified = view.facts is not None and view.facts.verified_peer is False
    return t("panels.unverified") if unverified else ""


def selection_sections(views: Sequence[MachineView], t: Catalogue) -> tuple[Section, ...]:
    """What several selected machines add up to; with none, how to choose one."""
    write = FactWriter(t)
    if not views:
        return (write.section("selection", note=t("panels.selection.none")),)
    states = Counter(view.row.state for view in views)
    hosts = Counter(view.host for view in views)
    held = sum(view.quarantine is not None for view in views)
    names = [Fact(view.name, view.host) for view in views[:_MOST_NAMED]]
    rest = len(views) - len(names)
    return (
        write.section(
            "selection",
            write("machines", len(views)),
            write("states", _counted(states, t)),
            write("hosts", ", ".join(f"{name} ({count})" for name, count in hosts.items())),
            write("held", held),
            write("failing", _failing(views, t)),
        ),
        write.section(
            "machines", *names, note=t("panels.selection.more", count=rest) if rest else ""
        ),
    )


def _counted(states: Counter[MachineState], t: Catalogue) -> str:
    return ", ".join(f"{t(f'state.{state.value}')} ({count})" for state, count in states.items())


def _failing(views: Sequence[MachineView], t: Catalogue) -> str:
    counts: Counter[Severity] = Counter(
        finding.severity
        for view in views
        for finding in view.findings
        if finding.verdict is Verdict.FAIL
    )
    ordered = sorted(counts.items(), reverse=True)
    return ", ".join(f"{t(f'severity.{s.name.lower()}')} ({n})" for s, n in ordered)
