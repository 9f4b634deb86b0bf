"""`audit`: the signed record of everything done; list it, verify it, hand it on."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from core.audit.export import export_csv, export_json_lines
from core.audit.record import Record, Verification
from core.cli.commands import Group, command, group, option
from core.cli.exits import Exit
from core.cli.terminal import Terminal, finish
from core.text import Catalogue

_FORMATS = {"jsonl": export_json_lines, "csv": export_csv}


def commands(words: Catalogue) -> list[Group]:
    count = option(words, "--last", "count", type=click.IntRange(1), default=None, metavar="N")
    form = option(words, "--format form", "format", type=click.Choice([*_FORMATS]), default="jsonl")
    output = option(words, "--output -o", "output", type=click.Path(path_type=Path), default=None)
    nested = [
        command(words, "audit.list", list_records, [count]),
        command(words, "audit.verify", verify),
        command(words, "audit.export", export, [form, output]),
    ]
    return [group(words, "audit", nested)]


@click.pass_obj
def list_records(terminal: Terminal, last: int | None) -> None:
    """Print the records, oldest first."""
    records = _records(terminal)
    records = records[-last:] if last else records
    if terminal.out.as_json:
        terminal.out.document(records=[_row(record) for record in records])
        return
    words = terminal.words
    rows = [
        [
            str(record.number),
            f"{record.at.astimezone():%Y-%m-%d %H:%M:%S}",
            record.entry.operator,
            words(f"audit.event.{record.entry.event}"),
            " ".join((*record.entry.targets, record.entry.step, record.entry.state)).strip(),
            record.entry.reason,
        ]
        for record in records
    ]
    heads = [words(f"cli.head.{h}") for h in ("number", "when", "who", "kind", "what", "reason")]
    terminal.out.table(heads, rows)


@click.pass_obj
def verify(terminal: Terminal) -> None:
    """Check hashes, links, signatures, the head, and that the journal is as it was recorded."""
    with terminal.offline() as station:
        found = station.audit.verify(station.journal)
        kept = station.keys.place()
    if terminal.out.as_json:
        terminal.out.document(
            intact=found.good,
            count=found.records,
            problems=[msgspec.to_builtins(problem) for problem in found.problems],
        )
    else:
        _print(terminal, found)
        terminal.out.line(terminal.words.say(kept), "dim")
    if not found.good:
        finish(Exit.FINDINGS)


def _print(terminal: Terminal, found: Verification) -> None:
    words = terminal.words
    if found.good:
        terminal.say("cli.audit.good", "good", count=found.records)
    for problem in found.problems:
        what = words(f"audit.problem.{problem.code}", detail=problem.detail)
        terminal.say("cli.audit.bad", "bad", number=problem.number, what=what)


@click.pass_obj
def export(terminal: Terminal, form: str, output: Path | None) -> None:
    """Write all records, signatures included, to a file or to standard output."""
    records = _records(terminal)
    if output is None:
        _FORMATS[form](records, sys.stdout)
        return
    with output.open("w", encoding="utf-8", newline="") as stream:
        _FORMATS[form](records, stream)


def _records(terminal: Terminal) -> tuple[Record, ...]:
    with terminal.offline() as station:
        return station.audit.records()


def _row(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(record)
    return row
