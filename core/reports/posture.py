"""The fleet's posture as one HTML page that needs nothing else: no script, no link, no picture.

Text of hosts and guests is escaped and stands in <bdi>, so that neither markup nor a direction
mark of theirs reaches beyond its own cell.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from core.fleet.columns import COLUMNS, Column
from core.fleet.model import FleetView, HostView, MachineView
from core.posture.model import Finding, Verdict
from core.reports.html import page, table
from core.text import Catalogue

SHOWN = (
    "name",
    "title",
    "host",
    "zones",
    "score",
    "label",
    "consoles",
    "encrypted",
    "tenant",
    "quarantine",
)
_OPEN = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN, Verdict.WAIVED)


def posture_page(view: FleetView, words: Catalogue, now: datetime) -> str:
    """Return the whole report: scores, hosts, machines, findings with their evidence."""
    title = words("report.title")
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(words('report.made', at=f'{now:%Y-%m-%d %H:%M:%S} UTC'))}</p>",
        f"<p>{escape(words('report.demo'))}</p>" if view.demo else "",
        _summary(view, words),
        f"<h2>{escape(words('report.hosts'))}</h2>",
        _hosts(view.hosts.values(), words),
        f"<h2>{escape(words('report.machines'))}</h2>",
        _machines(view.machines.values(), words),
        f"<h2>{escape(words('report.findings'))}</h2>",
        _findings(view, words),
    ]
    return page(title, parts, words)


def _summary(view: FleetView, words: Catalogue) -> str:
    score = words("value.unknown") if view.score.value is None else str(view.score.value)
    text = words("report.summary", count=len(view.machines), hosts=len(view.hosts), score=score)
    return f"<p>{escape(text)}</p>"


def _hosts(hosts: Iterable[HostView], words: Catalogue) -> str:
    heads = [words(f"cli.head.{head}") for head in ("host", "health", "machines", "score", "uri")]
    rows = [
        [
            host.name,
            words(f"health.{host.health.state}"),
            str(host.machines),
            words("value.unknown") if host.score.value is None else str(host.score.value),
            host.entry.uri,
        ]
        for host in sorted(hosts, key=lambda host: host.name)
    ]
    return table(heads, rows)


def _machines(machines: Iterable[MachineView], words: Catalogue) -> str:
    columns: list[Column] = [column for column in COLUMNS if column.id in SHOWN]
    ordered = sorted(machines, key=lambda machine: (_rank(machine), machine.target))
    rows = [[column.text(machine, words) for column in columns] for machine in ordered]
    return table([words(column.code) for column in columns], rows)


def _rank(machine: MachineView) -> int:
    return 101 if machine.score.value is None else machine.score.value


def _findings(view: FleetView, words: Catalogue) -> str:
    found = [*view.findings]
    found += [finding for host in view.hosts.values() for finding in host.findings]
    found += [finding for machine in view.machines.values() for finding in machine.findings]
    opened = [finding for finding in found if finding.verdict in _OPEN]
    opened.sort(key=lambda f: (-f.severity, f.check, f.target))
    heads = [words(f"cli.head.{head}") for head in ("severity", "verdict", "check", "target")]
    heads.append(words("cli.head.message"))
    return table(heads, [_finding(finding, words) for finding in opened], raw_last=True)


def _finding(finding: Finding, words: Catalogue) -> list[str]:
    evidence = "".join(
        f'<div class="evidence"><bdi>{escape(each.where)} = {escape(each.value)}</bdi></div>'
        for each in finding.evidence
    )
    return [
        words(f"severity.{finding.severity.name.lower()}"),
        words(f"verdict.{finding.verdict}"),
        finding.check,
        finding.target,
        f"<bdi>{escape(words.say(finding.message))}</bdi>{evidence}",
    ]
