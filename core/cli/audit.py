"""`audit`: the signed record of everything done; list it, verify it, hand it on."""

import asyncio
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from core.audit.anchoring import ask_anchors
from core.audit.anchors import HostAnchors, anchor_problems
from core.audit.export import export_csv, export_json_lines
from core.audit.record import Record, Verification
from core.cli.commands import Group, command, group, option
from core.cli.exits import Exit
from core.cli.terminal import Terminal, finish, run
from core.hosts.helper.holds import Anchor
from core.text import Catalogue, Text

_FORMATS = {"jsonl": export_json_lines, "csv": export_csv}


def commands(words: Catalogue) -> list[Group]:
    count = option(words, "--last", "count", type=click.IntRange(1), default=None, metavar="N")
    form = option(words, "--format form", "format", type=click.Choice([*_FORMATS]), default="jsonl")
    output = option(words, "--output -o", "output", type=click.Path(path_type=Path), default=None)
    offline = option(words, "--offline", "offline", is_flag=True)
    nested = [
        command(words, "audit.list", list_records, [count]),
        command(words, "audit.verify", verify, [offline]),
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
def verify(terminal: Terminal, offline: bool) -> None:
    """Check hashes, links, signatures, the head, that the journal is as it was recorded, and that
    the hosts remember the same log."""
    if offline:
        with terminal.offline() as station:
            kept, found = station.keys.place(), station.audit.verify(station.journal)
        _tell(terminal, found, (), kept)
    else:
        run(_verify_with_hosts(terminal))


async def _verify_with_hosts(terminal: Terminal) -> None:
    async with terminal.station(act_on="") as station:
        verified = await asyncio.to_thread(station.audit.verify, station.journal)
        names = sorted(station.sessions)
        told = await asyncio.gather(*(ask_anchors(station.hands, name) for name in names))
        key, kept = station.operator_key.public_hex, station.keys.place()
        records = station.audit.readable_records()[: verified.records]
        seen = tuple(anchor_problems(records, told, key))
        asked = tuple(_HostAsked(each, each.ours(key)) for each in told)
        found = Verification(verified.records, (*verified.problems, *seen))
        _tell(terminal, found, asked, kept)


class _HostAsked(NamedTuple):
    told: HostAnchors
    ours: tuple[Anchor, ...]

    def row(self) -> dict[str, Any]:
        last = self.ours[-1] if self.ours else None
        return {
            "host": self.told.host,
            "asked": self.told.why is None,
            "why": "" if self.told.why is None else self.told.why.code,
            "anchors": len(self.ours),
            "others": len(self.told.anchors) - len(self.ours),
            "count": 0 if last is None else last.count,
            "at": "" if last is None else last.at,
        }


def _tell(
    terminal: Terminal, found: Verification, asked: tuple[_HostAsked, ...], kept: Text
) -> None:
    if terminal.out.as_json:
        terminal.out.document(
            intact=found.good,
            count=found.records,
            problems=[msgspec.to_builtins(problem) for problem in found.problems],
            hosts=[host.row() for host in asked],
        )
    else:
        _print(terminal, found)
        for host in asked:
            _print_host(terminal, host)
        terminal.out.line(terminal.words.say(kept), "dim")
    if not found.good:
        finish(Exit.FINDINGS)


def _print_host(terminal: Terminal, host: _HostAsked) -> None:
    """Which hosts were asked, which not, and how far each one's memory reaches."""
    name, why = host.told.host, host.told.why
    if why is not None:
        said = terminal.words.say(why)
        terminal.say("cli.audit.host-not-asked", "warn", host=name, why=said)
    elif not host.ours:
        terminal.say("cli.audit.host-none", "warn", host=name)
    else:
        last = host.ours[-1]
        terminal.say("cli.audit.host", "dim", host=name, records=last.count, at=last.at)


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
