"""`fleet` and `machine`: the single view, and everything about one machine."""

import click

from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.output import plain
from core.cli.terminal import Terminal, find_machine, finish, not_reached, run
from core.fleet.columns import COLUMNS, Column, default_columns
from core.fleet.model import FleetView, MachineView
from core.fleet.query import Query, parse_query
from core.fleet.rows import finding_row, host_row, machine_row
from core.incidents.words import say_missing
from core.text import Catalogue, RingfenceError


def commands(words: Catalogue) -> list[Command]:
    return [
        command(
            words,
            "fleet",
            show_fleet,
            [
                option(words, "--filter -f query", "filter", default="", metavar="QUERY"),
                option(words, "--columns", "columns", default="", metavar="ID,ID"),
                option(words, "--sort", "sort", default="host", metavar="ID"),
            ],
        ),
        command(words, "machine", show_machine, [argument("target", metavar="HOST/NAME")]),
    ]


@click.pass_obj
def show_fleet(terminal: Terminal, query: str, columns: str, sort: str) -> None:
    """Print every machine that the filter lets through; exit 3 when a host is missing."""
    chosen = _columns(columns) if columns else list(default_columns())
    print_fleet(terminal, parse_query(query), chosen, sort)


def print_fleet(terminal: Terminal, query: Query, columns: list[Column], sort: str) -> None:
    """Ask every host and print what the query lets through."""
    order = _columns(sort)[0]

    async def work() -> None:
        async with terminal.station() as station:
            view = station.fleet.view
            machines = [m for m in view.machines.values() if query.matches(m)]
            machines.sort(key=lambda m: (order.value(m), m.host, m.name))
            _print_fleet(terminal, view, machines, columns)
            if not_reached(terminal, view):
                finish(Exit.NOT_REACHED)

    run(work())


def _columns(ids: str) -> list[Column]:
    by_id = {column.id: column for column in COLUMNS}
    chosen = [name.strip() for name in ids.split(",") if name.strip()]
    for name in chosen:
        if name not in by_id:
            raise RingfenceError("unknown-column", column=name, known=", ".join(by_id))
    return [by_id[name] for name in chosen]


def _print_fleet(
    terminal: Terminal, view: FleetView, machines: list[MachineView], columns: list[Column]
) -> None:
    if terminal.out.as_json:
        terminal.out.document(
            machines=[machine_row(machine) for machine in machines],
            hosts=[host_row(host) for host in view.hosts.values()],
        )
        return
    if view.demo:
        terminal.say("cli.demo.banner", "warn")
    words = terminal.words
    terminal.out.table(
        [words(column.code) for column in columns],
        [[column.text(machine, words) for column in columns] for machine in machines],
        [role_of(machine) for machine in machines],
    )
    score = "?" if view.score.value is None else view.score.value
    total = len(view.machines)
    terminal.say("cli.fleet.summary", "dim", count=len(machines), total=total, score=score)


def role_of(machine: MachineView) -> str:
    """The colour of a row; never the only carrier of a meaning."""
    if machine.stale:
        return "dim"
    return "bad" if machine.score.worst is not None and machine.score.worst >= 4 else ""


@click.pass_obj
def show_machine(terminal: Terminal, target: str) -> None:
    """Print one machine with its findings and the evidence they were judged on."""

    async def work() -> None:
        async with terminal.station([target.partition("/")[0]]) as station:
            if not_reached(terminal, station.fleet.view):
                finish(Exit.NOT_REACHED)
            machine = find_machine(station.fleet.view, target)
            if terminal.out.as_json:
                row = machine_row(machine)
                findings = [finding_row(f, terminal.words) for f in machine.findings]
                terminal.out.document(machine={**row, "all_findings": findings})
            else:
                _print_machine(terminal, machine)

    run(work())


def _print_machine(terminal: Terminal, machine: MachineView) -> None:
    words, out = terminal.words, terminal.out
    out.line(machine.target, "head")
    heads = [(words(column.code), column.text(machine, words)) for column in COLUMNS]
    width = max(len(head) for head, _ in heads)
    for head, text in heads:
        out.line(f"  {head:<{width}}  {text}")
    for what in say_missing(machine.quarantine.missing, words) if machine.quarantine else ():
        terminal.say("cli.plan.missing", "bad", what=plain(what))
    out.line()
    print_findings(terminal, machine)


def print_findings(terminal: Terminal, machine: MachineView) -> None:
    """Worst first, each with its evidence; passes are only counted."""
    words, out = terminal.words, terminal.out
    shown = [f for f in machine.findings if f.verdict not in {"pass", "not-applicable"}]
    for finding in sorted(shown, key=lambda f: (-f.severity, f.check)):
        verdict = words(f"verdict.{finding.verdict}")
        severity = words(f"severity.{finding.severity.name.lower()}")
        role = "bad" if finding.verdict == "fail" else "warn"
        out.line(f"  {verdict} {severity} {finding.check}  {words.say(finding.message)}", role)
        for evidence in finding.evidence:
            out.line(f"      {evidence.where} = {evidence.value}", "dim")
    passed = sum(f.verdict == "pass" for f in machine.findings)
    terminal.say("cli.machine.passed", "dim", count=passed)
