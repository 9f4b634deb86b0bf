"""`case collect`, `seal`, `verify` and `export`: evidence of a held machine, in the terminal."""

import time
from pathlib import Path
from typing import Any

import click

from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.keys import pinned_keys
from core.cli.output import plain
from core.cli.passphrase import ensure_keys, open_key
from core.cli.plans import Watching, confirmed, plan_row, show_outcome, show_plan
from core.cli.terminal import Terminal, find_machine, finish, not_reached, run
from core.incidents.evidence.custody import CUSTODY
from core.incidents.evidence.kinds import parse_kinds
from core.incidents.evidence.manifest import SIGNATURE
from core.incidents.evidence.rfc3161 import read_authority
from core.incidents.evidence.verify import Check, check, collections_in
from core.keys.purposes import Purpose
from core.keys.trusted import checked_fingerprint
from core.station import Station
from core.text import Catalogue, RingfenceError


def commands(words: Catalogue) -> list[Command]:
    path = click.Path(path_type=Path)
    target = argument("target", metavar="HOST/NAME")
    folder = argument("folder", metavar="DIR|CASE", type=path)
    to = argument("to", metavar="TO", type=path)
    kinds = option(words, "--evidence", "evidence", default="default", metavar="KINDS")
    reason = option(words, "--reason", "reason", default="", metavar="TEXT")
    plan_only = option(words, "--plan plan_only", "plan", is_flag=True)
    yes = option(words, "--yes -y", "yes", is_flag=True)
    secret = option(words, "--passphrase-file", "passphrase-file", type=path, default=None)
    keys = option(words, "--key", "key", multiple=True, metavar="FINGERPRINT")
    receiver = option(words, "--to receiver", "receiver", default="", metavar="WHOM")
    return [
        command(words, "case.collect", collect, [target, kinds, reason, plan_only, yes, secret]),
        command(words, "case.seal", seal, [folder, secret]),
        command(words, "case.verify", verify, [folder, keys]),
        command(words, "case.export", export, [folder, to, receiver, reason, secret]),
    ]


@click.pass_obj
def collect(
    terminal: Terminal,
    target: str,
    evidence: str,
    reason: str,
    plan_only: bool,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """Take evidence of a machine that is held already, into its case."""
    kinds = parse_kinds(evidence)

    async def work() -> None:
        host, _, name = target.partition("/")
        async with terminal.station([host], act_on=name) as station:
            if not_reached(terminal, station.fleet.view, to_act=True):
                finish(Exit.NOT_REACHED)
            machine = find_machine(station.fleet.view, target)
            hold = station.holds.find(machine.key.host, machine.key.uuid)
            if hold is None:
                raise RingfenceError("not-held", target=target)
            if not plan_only:
                ensure_keys(terminal, station, passphrase_file)
            plan = await station.incidents.plan_evidence(machine, hold.case, kinds, reason)
            if not terminal.out.as_json:
                show_plan(terminal, plan)
            if plan_only:
                if terminal.out.as_json:
                    terminal.out.document(plan=plan_row(terminal, plan, None))
                terminal.say("cli.plan.preview", "dim")
                return
            confirmed(terminal, yes, "cli.prompt.collect", target=target)
            outcome = await station.incidents.run(plan, Watching(terminal), time.monotonic())
            where = station.places.cases_dir / plan.case / plan.id
            terminal.say("cli.case.collected", "dim", path=str(where))
            show_outcome(terminal, plan, outcome)

    run(work())


@click.pass_obj
def seal(terminal: Terminal, folder: Path, passphrase_file: Path | None) -> None:
    """Sign what was taken while no passphrase could be given."""
    with terminal.offline() as station:
        places = _places(station, folder)
        unsigned = [each for each in places if not (each / SIGNATURE).exists()]
        if unsigned:
            key = station.key_ring.need(Purpose.EVIDENCE)
            open_key(terminal, station, key, passphrase_file)
        for each in unsigned:
            station.case_files.sign_late(each)
    terminal.say("cli.case.signed", "good", count=len(unsigned))


@click.pass_obj
def verify(terminal: Terminal, folder: Path, key: tuple[str, ...]) -> None:
    """Check every hash, signature and link; only a pinned key is a pass."""
    more = tuple(checked_fingerprint(each) for each in key)
    with terminal.offline() as station:
        pinned = frozenset(more) if more else pinned_keys(station.key_ring)
        authority = read_authority(station.places.config_dir)
        checks = [check(each, pinned, authority) for each in _places(station, folder)]
    if terminal.out.as_json:
        terminal.out.document(collections=[_row(terminal, found) for found in checks])
    else:
        for found in checks:
            _print(terminal, found)
    if not all(found.good for found in checks):
        finish(Exit.FINDINGS)


@click.pass_obj
def export(
    terminal: Terminal,
    folder: Path,
    to: Path,
    receiver: str,
    reason: str,
    passphrase_file: Path | None,
) -> None:
    """Copy a sealed collection elsewhere, and write down to whom and why."""
    with terminal.offline() as station:
        open_key(terminal, station, station.key_ring.need(Purpose.EVIDENCE), passphrase_file)
        for each in _places(station, folder):
            if not (each / CUSTODY).exists():
                raise RingfenceError("evidence-unsigned", path=str(each))
            target = to / each.name
            about = (receiver or str(to), station.operator, reason)
            station.case_files.hand_over(each, target, *about)
            terminal.say("cli.case.exported", "good", path=str(target))


def _places(station: Station, folder: Path) -> tuple[Path, ...]:
    """A directory, or a case of this station by as much of its id as only it has."""
    case = None if folder.is_dir() or len(folder.parts) > 1 else station.cases.find(folder.name)
    own = None if case is None else station.places.cases_dir / case.id
    return collections_in(folder if own is None or not own.is_dir() else own)


def _print(terminal: Terminal, found: Check) -> None:
    words, out = terminal.words, terminal.out
    out.line(plain(found.folder), "head")
    if found.manifest is not None:
        told = (found.manifest.host, found.manifest.machine, found.manifest.made_at)
        out.line("  " + plain(" ".join(told)))
        for missing in found.manifest.missing:
            terminal.say("cli.case.not-had", "warn", what=plain(missing))
    for problem in found.problems:
        out.line("  " + plain(words.say(problem)), "bad")
    if found.signed_by and not found.pinned:
        terminal.say("cli.case.unpinned", "bad", fingerprint=found.signed_by)
    terminal.say(f"cli.case.stamp.{found.stamp}", "dim")
    if found.good:
        terminal.say("cli.case.good", "good", fingerprint=found.signed_by)


def _row(terminal: Terminal, found: Check) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "folder": found.folder,
        "good": found.good,
        "signed_by": found.signed_by,
        "pinned": found.pinned,
        "stamp": found.stamp,
        "problems": [terminal.words.say(problem) for problem in found.problems],
        "items": len(manifest.items) if manifest else 0,
        "missing": [*manifest.missing] if manifest else [],
    }
