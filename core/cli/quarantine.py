"""`quarantine` and `release`: cut a machine off and prove it; give it back exactly as it was.

A script says the mode: without a terminal there is no default that somebody else may change.
"""

import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import click

from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.cli.commands import Command, argument, command, option
from core.cli.evidence_after import Taking
from core.cli.exits import Exit
from core.cli.held_state import observed_after, show_state
from core.cli.plans import (
    Watching,
    confirmed,
    plan_row,
    show_outcome,
    show_plan,
    told_if_stopped,
)
from core.cli.terminal import SETTLE_SECONDS, Terminal, find_machine, finish, not_reached, run
from core.fleet.model import MachineView
from core.fleet.rows import machine_row
from core.incidents.doors import parse_door
from core.incidents.evidence.kinds import parse_kinds
from core.incidents.model import How, Mode, Wish
from core.incidents.words import mode_text
from core.station import Station
from core.text import Catalogue, RingfenceError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PlanMaker = Callable[[Station], Awaitable[Plan]]


def commands(words: Catalogue) -> list[Command]:
    target = argument("target", metavar="HOST/NAME")
    reason = option(words, "--reason", "reason", default="", metavar="TEXT")
    plan_only = option(words, "--plan plan_only", "plan", is_flag=True)
    yes = option(words, "--yes -y", "yes", is_flag=True)
    modes = click.Choice([mode.value for mode in Mode])
    ways = click.Choice([how.value for how in How])
    wish = [
        option(words, "--mode", "mode", type=modes, default=None),
        option(words, "--door doors", "door", multiple=True, metavar="IP:PORT"),
        option(words, "--cut-anyway", "cut-anyway", is_flag=True),
        option(words, "--observe-anyway", "observe-anyway", is_flag=True),
        option(words, "--evidence", "evidence-after", default="none", metavar="KINDS"),
        option(words, "--passphrase-file", "passphrase-file", type=FILE, default=None),
    ]
    how = option(words, "--how", "how", type=ways, default=How.RESUME.value)
    template = option(words, "--template", "template", default="", metavar="POOL/VOLUME")
    return [
        command(words, "quarantine", quarantine, [target, reason, *wish, plan_only, yes]),
        command(words, "release", release, [target, reason, how, template, plan_only, yes]),
    ]


@click.pass_obj
def quarantine(
    terminal: Terminal,
    target: str,
    reason: str,
    mode: str | None,
    doors: Sequence[str],
    cut_anyway: bool,
    observe_anyway: bool,
    evidence: str,
    passphrase_file: Path | None,
    plan_only: bool,
    yes: bool,
) -> None:
    """Show the plan, ask, cut, tell what was read back, and take the evidence asked for."""
    taking = Taking(terminal, target, parse_kinds(evidence), passphrase_file)
    wish = Wish(
        mode=_chosen(mode),
        doors=tuple(parse_door(door) for door in doors),
        cut_anyway=cut_anyway,
        observe_anyway=observe_anyway,
        evidence=taking.kinds,
    )

    async def plan(station: Station) -> Plan:
        machine = find_machine(station.fleet.view, target)
        made = await station.incidents.plan_quarantine(machine, reason, wish)
        if not terminal.out.as_json:
            for text in mode_text(wish.mode):
                terminal.out.line(terminal.words.say(text))
        return made

    _act(terminal, target, plan, "cli.prompt.quarantine", plan_only, yes, taking)


def _chosen(mode: str | None) -> Mode:
    """The mode as given; a person at a terminal may leave it out, and reads what it does."""
    if mode is not None:
        return Mode(mode)
    if not sys.stdin.isatty():
        raise RingfenceError("mode-needed", modes=", ".join(Mode))
    return Mode.FREEZE


@click.pass_obj
def release(
    terminal: Terminal,
    target: str,
    reason: str,
    how: str,
    template: str,
    plan_only: bool,
    yes: bool,
) -> None:
    """Show what will be restored, ask, restore, and tell what was read back."""

    async def plan(station: Station) -> Plan:
        machine = find_machine(station.fleet.view, target)
        await _where_it_was(station, machine)
        return await station.incidents.plan_release(machine, reason, How(how), template)

    _act(terminal, target, plan, "cli.prompt.release", plan_only, yes)


async def _where_it_was(station: Station, machine: MachineView) -> None:
    """A machine that was moved is still held on the hosts it came from: open them too."""
    held = {hold.host for hold in station.holds.all() if hold.uuid == machine.key.uuid}
    former = held - station.sessions.keys()
    for entry in station.settings.hosts if former else ():
        if entry.name in former:
            station.add_host(entry)
    if former:
        await station.ready_to_act(machine.name, SETTLE_SECONDS)


def _act(
    terminal: Terminal,
    target: str,
    make: PlanMaker,
    question: str,
    plan_only: bool,
    yes: bool,
    taking: Taking | None = None,
) -> None:
    async def work() -> None:
        host, _, name = target.partition("/")
        async with terminal.station([host], act_on=name) as station:
            if not_reached(terminal, station.fleet.view, to_act=True):
                finish(Exit.NOT_REACHED)
            plan = await make(station)
            if not terminal.out.as_json:
                show_plan(terminal, plan)
            beside = {} if taking is None else await taking.shown(station, plan, plan_only)
            if plan_only:
                if terminal.out.as_json:
                    terminal.out.document(plan=plan_row(terminal, plan, None), **beside)
                terminal.say("cli.plan.preview", "dim")
                return
            if plan.needs:
                raise RingfenceError("plan-needs-yes", needs=" --".join(plan.needs))
            confirmed(terminal, yes, question, target=target)
            with told_if_stopped(terminal, station, plan.id):
                outcome = await station.incidents.run(plan, Watching(terminal), time.monotonic())
            taken = {} if taking is None else await taking.taken(station, plan, outcome)
            if taking is not None:
                taken = {**taken, **await _state_after(terminal, station, plan, outcome)}
            show_outcome(terminal, plan, outcome, **taken)
            if taking is not None and taking.failed:
                finish(Exit.CHANGE_FAILED)

    run(work())


async def _state_after(
    terminal: Terminal, station: Station, plan: Plan, outcome: PlanOutcome
) -> dict[str, Any]:
    """What is read of the machine now, beside what the plan says it did."""
    machine = await observed_after(station, plan, outcome)
    if machine is None:
        return {}
    show_state(terminal, machine, outcome.missing)
    return {"quarantine": machine_row(machine)["quarantine"]}
