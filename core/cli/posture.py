"""`posture` and `explain`: what is wrong, on what evidence, and how to mend it."""

import click

from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.terminal import Terminal, find_machine, finish, not_reached, run
from core.fleet.model import FleetView
from core.fleet.rows import finding_row
from core.posture.catalogue import load_catalogue
from core.posture.model import CheckInfo, Finding, Severity, Verdict
from core.text import Catalogue, RingfenceError

_SEVERITIES = [severity.name.lower() for severity in Severity]
_QUIET = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def commands(words: Catalogue) -> list[Command]:
    fail_on = option(words, "--fail-on", "fail-on", type=click.Choice(_SEVERITIES), default=None)
    everything = option(words, "--all everything", "all-verdicts", is_flag=True)
    target = argument("target", metavar="[HOST[/NAME]]", required=False, default="")
    return [
        command(words, "posture", show_posture, [target, fail_on, everything]),
        command(
            words,
            "explain",
            explain,
            [
                argument("check", metavar="CHECK", required=False, default=""),
                option(words, "--list every", "list-checks", is_flag=True),
            ],
        ),
    ]


@click.pass_obj
def show_posture(terminal: Terminal, target: str, fail_on: str | None, everything: bool) -> None:
    """Print the findings of the fleet, a host or a machine, worst first."""
    host = target.partition("/")[0]

    async def work() -> None:
        async with terminal.station([host] if host else None) as station:
            view = station.fleet.view
            missing = not_reached(terminal, view)
            findings = [f for f in _findings(view, target) if everything or f.verdict not in _QUIET]
            _print(terminal, findings)
            if missing:
                finish(Exit.NOT_REACHED)
            if fail_on is not None and _reaches(findings, Severity[fail_on.upper()]):
                finish(Exit.FINDINGS)

    run(work())


def _findings(view: FleetView, target: str) -> list[Finding]:
    host, slash, _name = target.partition("/")
    if slash:
        found = list(find_machine(view, target).findings)
    else:
        found = [
            f for m in view.machines.values() if not host or m.host == host for f in m.findings
        ]
        found += [f for h in view.hosts.values() if not host or h.name == host for f in h.findings]
        found += [] if host else view.findings
    return sorted(found, key=lambda f: (-f.severity, f.check, f.target))


def _reaches(findings: list[Finding], least: Severity) -> bool:
    return any(f.verdict is Verdict.FAIL and f.severity >= least for f in findings)


def _print(terminal: Terminal, findings: list[Finding]) -> None:
    words, out = terminal.words, terminal.out
    if out.as_json:
        out.document(findings=[finding_row(finding, words) for finding in findings])
        return
    heads = ["severity", "verdict", "check", "target", "message"]
    rows = [
        [
            words(f"severity.{finding.severity.name.lower()}"),
            words(f"verdict.{finding.verdict}"),
            finding.check,
            finding.target,
            words.say(finding.message),
        ]
        for finding in findings
    ]
    roles = ["bad" if f.verdict is Verdict.FAIL and f.severity >= 3 else "" for f in findings]
    out.table([words(f"cli.head.{head}") for head in heads], rows, roles)
    terminal.say("cli.posture.summary", "dim", count=len(findings))


@click.pass_obj
def explain(terminal: Terminal, check: str, every: bool) -> None:
    """Print what a check looks at, why it matters and how to mend a failure."""
    checks = load_catalogue()
    if every or not check:
        _list(terminal, [checks[name] for name in sorted(checks)])
        return
    info = checks.get(check.upper())
    if info is None:
        raise RingfenceError("unknown-check", check=check)
    if terminal.out.as_json:
        terminal.out.document(check=_row(terminal, info))
        return
    words, out = terminal.words, terminal.out
    out.line(f"{info.id}  {words(f'check.{info.id}.title')}", "head")
    out.line(
        words(
            "cli.explain.line",
            severity=words(f"severity.{info.severity.name.lower()}"),
            scope=words(f"scope.{info.scope}"),
            live=words(f"fixtime.{info.live}"),
        )
    )
    for part in ("why", "fix"):
        out.line()
        out.line(words(f"cli.explain.{part}"), "head")
        out.line("  " + words(f"check.{info.id}.{part}"))
    out.line()
    for source in info.sources:
        out.line("  " + source, "dim")


def _list(terminal: Terminal, checks: list[CheckInfo]) -> None:
    words = terminal.words
    if terminal.out.as_json:
        terminal.out.document(checks=[_row(terminal, info) for info in checks])
        return
    rows = [
        [
            info.id,
            words(f"severity.{info.severity.name.lower()}"),
            words(f"scope.{info.scope}"),
            words(f"check.{info.id}.title"),
        ]
        for info in checks
    ]
    heads = [words(f"cli.head.{head}") for head in ("check", "severity", "scope", "title")]
    terminal.out.table(heads, rows)


def _row(terminal: Terminal, info: CheckInfo) -> dict[str, object]:
    words = terminal.words
    return {
        "id": info.id,
        "scope": info.scope.value,
        "severity": info.severity.name.lower(),
        "live": info.live.value,
        "needs": [*info.needs],
        "title": words(f"check.{info.id}.title"),
        "why": words(f"check.{info.id}.why"),
        "fix": words(f"check.{info.id}.fix"),
        "sources": [*info.sources],
        "mappings": {name: [*ids] for name, ids in info.mappings.items()},
    }
