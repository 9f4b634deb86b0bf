"""`journal`: what was changed, what was left unfinished, and how to end it."""

import click

from core.changes.history import PlanRecord
from core.cli.commands import Group, argument, command, group, option
from core.cli.exits import Exit
from core.cli.held_state import observed_after, show_state
from core.cli.plans import (
    Watching,
    confirmed,
    record_row,
    show_outcome,
    show_plan,
    told_if_stopped,
)
from core.cli.terminal import Terminal, finish, not_reached, run
from core.text import Catalogue


def commands(words: Catalogue) -> list[Group]:
    identity = argument("plan", metavar="ID")
    yes = option(words, "--yes -y", "yes", is_flag=True)
    nested = [
        command(words, "journal.list", list_plans),
        command(words, "journal.resume", resume, [identity, yes]),
        command(words, "journal.rollback", roll_back, [identity, yes]),
    ]
    return [group(words, "journal", nested)]


@click.pass_obj
def list_plans(terminal: Terminal) -> None:
    """Print all plans, those that wait for a decision first. No host is asked."""
    with terminal.offline() as station:
        records = sorted(station.journal.records(), key=lambda record: not record.open)
    if terminal.out.as_json:
        terminal.out.document(plans=[record_row(terminal, record) for record in records])
        return
    if not records:
        terminal.say("cli.plan.none")
        return
    words = terminal.words
    rows = [
        [
            record.plan.id,
            f"{record.began_at.astimezone():%Y-%m-%d %H:%M:%S}",
            words(f"changes.plan-state.{record.state}"),
            words.say(record.plan.describe()),
            record.plan.operator,
            record.plan.reason,
        ]
        for record in records
    ]
    heads = [words(f"cli.head.{h}") for h in ("id", "when", "state", "what", "who", "reason")]
    terminal.out.table(heads, rows, ["bad" if record.open else "" for record in records])


@click.pass_obj
def resume(terminal: Terminal, plan: str, yes: bool) -> None:
    """Go on where it was left."""
    _decide(terminal, plan, yes, forward=True)


@click.pass_obj
def roll_back(terminal: Terminal, plan: str, yes: bool) -> None:
    """Undo what it may have done."""
    _decide(terminal, plan, yes, forward=False)


def _decide(terminal: Terminal, plan_id: str, yes: bool, forward: bool) -> None:
    record = _needed(terminal, plan_id)

    async def work() -> None:
        hosts = {target.host for target in record.plan.targets}
        async with terminal.station(sorted(hosts), act_on="") as station:
            if not_reached(terminal, station.fleet.view, to_act=True):
                finish(Exit.NOT_REACHED)
            if not terminal.out.as_json:
                show_plan(terminal, record.plan)
            question = "cli.prompt.resume" if forward else "cli.prompt.rollback"
            confirmed(terminal, yes, question, id=record.plan.id)
            act = station.runner.resume if forward else station.runner.roll_back
            with told_if_stopped(terminal, station, record.plan.id):
                outcome = await act(record.plan.id, Watching(terminal))
            machine = await observed_after(station, record.plan, outcome)
            if machine is not None:
                show_state(terminal, machine, outcome.missing)
            show_outcome(terminal, record.plan, outcome)

    run(work())


def _needed(terminal: Terminal, plan_id: str) -> PlanRecord:
    with terminal.offline() as station:
        return station.journal.need(plan_id)
