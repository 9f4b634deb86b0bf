"""`quarantine` and `release`: cut a machine off and prove it; give it back exactly as it was."""

import time
from collections.abc import Awaitable, Callable

import click

from core.changes.plan import Plan
from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.plans import Watching, confirmed, plan_row, show_outcome, show_plan
from core.cli.terminal import Terminal, find_machine, finish, not_reached, run
from core.incidents.model import Mode
from core.station import Station
from core.text import Catalogue

PlanMaker = Callable[[Station], Awaitable[Plan]]


def commands(words: Catalogue) -> list[Command]:
    target = argument("target", metavar="HOST/NAME")
    reason = option(words, "--reason", "reason", default="", metavar="TEXT")
    plan_only = option(words, "--plan plan_only", "plan", is_flag=True)
    yes = option(words, "--yes -y", "yes", is_flag=True)
    modes = click.Choice([mode.value for mode in Mode])
    mode = option(words, "--mode", "mode", type=modes, default=Mode.STRICT.value)
    return [
        command(words, "quarantine", quarantine, [target, reason, mode, plan_only, yes]),
        command(words, "release", release, [target, reason, plan_only, yes]),
    ]


@click.pass_obj
def quarantine(
    terminal: Terminal, target: str, reason: str, mode: str, plan_only: bool, yes: bool
) -> None:
    """Show the plan, ask, cut, and tell what was read back."""
    del mode  # one mode so far; the option keeps scripts explicit

    async def plan(station: Station) -> Plan:
        machine = find_machine(station.fleet.view, target)
        return await station.incidents.plan_quarantine(machine, reason)

    _act(terminal, target, plan, "cli.prompt.quarantine", plan_only, yes)


@click.pass_obj
def release(terminal: Terminal, target: str, reason: str, plan_only: bool, yes: bool) -> None:
    """Show what will be restored, ask, restore, and tell what was read back."""

    async def plan(station: Station) -> Plan:
        machine = find_machine(station.fleet.view, target)
        return await station.incidents.plan_release(machine, reason)

    _act(terminal, target, plan, "cli.prompt.release", plan_only, yes)


def _act(
    terminal: Terminal,
    target: str,
    make: PlanMaker,
    question: str,
    plan_only: bool,
    yes: bool,
) -> None:
    async def work() -> None:
        host, _, name = target.partition("/")
        async with terminal.station([host], act_on=name) as station:
            if not_reached(terminal, station.fleet.view, to_act=True):
                finish(Exit.NOT_REACHED)
            plan = await make(station)
            if not terminal.out.as_json:
                show_plan(terminal, plan)
            if plan_only:
                if terminal.out.as_json:
                    terminal.out.document(plan=plan_row(terminal, plan, None))
                terminal.say("cli.plan.preview", "dim")
                return
            confirmed(terminal, yes, question, target=target)
            outcome = await station.incidents.run(plan, Watching(terminal), time.monotonic())
            show_outcome(terminal, plan, outcome)

    run(work())
