"""`host prepare|unprepare|status`: what a host has of ours, and the plan that puts it there."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import click

from core.changes.outcome import PlanState
from core.changes.plan import Plan
from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.plans import Watching, confirmed, plan_row, show_outcome, show_plan
from core.cli.terminal import Terminal, finish, not_reached, run
from core.hosts.preparation.desk import PreparationDesk
from core.hosts.preparation.model import HostStatus, Wishes, after_failure, parse_operator
from core.hosts.preparation.of_station import preparation_of
from core.station import Station
from core.text import Catalogue, Text

PlanMaker = Callable[[PreparationDesk], Awaitable[Plan]]
_ROLES = {"ours": "good", "drifted": "bad", "missing": "bad", "foreign": "bad", "stopped": "bad"}
_UNWELL = frozenset({"drifted", "missing", "foreign", "stopped"})


def commands(words: Catalogue) -> list[Command]:
    name = argument("name", metavar="NAME")
    plan_only = option(words, "--plan plan_only", "plan", is_flag=True)
    yes = option(words, "--yes -y", "yes", is_flag=True)
    wishes: list[click.Parameter] = [
        option(words, "--two-people/--one-person", "two-people", default=None),
        option(words, "--operator", "operator", multiple=True, metavar="NAME=KEY"),
        option(words, "--sudo-group", "sudo-group", default="", metavar="GROUP"),
    ]
    return [
        command(words, "host.prepare", prepare, [name, *wishes, plan_only, yes]),
        command(words, "host.unprepare", unprepare, [name, plan_only, yes]),
        command(words, "host.status", status, [name]),
    ]


@click.pass_obj
def prepare(
    terminal: Terminal,
    name: str,
    two_people: bool | None,
    operator: tuple[str, ...],
    sudo_group: str,
    plan_only: bool,
    yes: bool,
) -> None:
    """Show every file, mode, difference and restart; ask; put them there; tell what was read."""
    operators = tuple(parse_operator(text) for text in operator)
    wishes = Wishes(operators, two_people, sudo_group)
    _act(terminal, name, lambda desk: desk.plan_prepare(name, wishes), "prepare", plan_only, yes)


@click.pass_obj
def unprepare(terminal: Terminal, name: str, plan_only: bool, yes: bool) -> None:
    """Show what will be taken away, ask, take it, and tell that nothing is left."""
    _act(terminal, name, lambda desk: desk.plan_unprepare(name), "unprepare", plan_only, yes)


def _act(
    terminal: Terminal, name: str, make: PlanMaker, word: str, plan_only: bool, yes: bool
) -> None:
    async def work() -> None:
        async with terminal.station([name], act_on="") as station:
            _reached_or_finish(terminal, station)
            desk = preparation_of(station)
            plan = await make(desk)
            if not terminal.out.as_json:
                show_plan(terminal, plan)
            if plan_only:
                if terminal.out.as_json:
                    terminal.out.document(plan=plan_row(terminal, plan, None))
                terminal.say("cli.plan.preview", "dim")
                return
            confirmed(terminal, yes, f"cli.prompt.{word}", host=name)
            outcome = await desk.run(plan, Watching(terminal), time.monotonic())
            station.refresh(name)
            after = after_failure(plan.kind, outcome, name)
            if after is not None and not terminal.out.as_json:
                terminal.out.line(terminal.words.say(after), "warn")
            show_outcome(terminal, plan, outcome)
            if outcome.state is PlanState.ROLLED_BACK:
                finish(Exit.CHANGE_FAILED)
            if outcome.state is PlanState.DONE:
                terminal.say(f"cli.host.{word}d", "good", host=name)

    run(work())


@click.pass_obj
def status(terminal: Terminal, name: str) -> None:
    """Print each item with its state; exit 1 when something of it was changed by somebody."""

    async def work() -> None:
        async with terminal.station([name], act_on="") as station:
            _reached_or_finish(terminal, station)
            found = await preparation_of(station).status(name)
            if terminal.out.as_json:
                terminal.out.document(host=status_row(found))
            else:
                _show(terminal, found)
            if any(item.state in _UNWELL for item in found.items):
                prepared = found.seen is not None and found.seen.prepared
                finish(Exit.FINDINGS if prepared else Exit.DONE)

    run(work())


def _reached_or_finish(terminal: Terminal, station: Station) -> None:
    if not_reached(terminal, station.fleet.view, to_act=True):
        finish(Exit.NOT_REACHED)


def _show(terminal: Terminal, found: HostStatus) -> None:
    words, out = terminal.words, terminal.out
    waiting = ", ".join(found.seen.waiting) if found.seen is not None else ""
    role = "good" if found.state == "prepared" else "warn"
    text = Text(f"hosts.preparation.host.{found.state}", {"host": found.host, "names": waiting})
    out.line(words.say(text), role)
    for why in (found.why, found.network_why):
        if why is not None:
            out.line("  ! " + words.say(why), "warn")
    rows = [
        [
            words(f"hosts.preparation.item.{item.item}"),
            words(f"hosts.preparation.state.{item.state}"),
            " ".join(place.path for place in item.places),
            " ".join(dict.fromkeys(place.mode for place in item.places if place.mode)),
        ]
        for item in found.items
    ]
    heads = [words(f"cli.head.{head}") for head in ("item", "state", "path", "mode")]
    out.table(heads, rows, [_ROLES.get(item.state, "dim") for item in found.items])
    for item in found.items:
        for line in item.difference if item.state in _UNWELL else ():
            out.line(f"    {line}", {"+": "good", "-": "bad"}.get(line[:1], "dim"))
    names = ", ".join(f"{each.name}={each.key}" for each in found.wanted.operators)
    people = "yes" if found.wanted.two_people else "no"
    out.line(words(f"hosts.preparation.two-people.{people}", names=names), "dim")


def status_row(found: HostStatus) -> dict[str, Any]:
    """How a host is prepared, in a JSON document."""
    seen = found.seen
    return {
        "name": found.host,
        "state": found.state,
        "prepared": seen.prepared if seen is not None else None,
        "keep": seen.keep if seen is not None else None,
        "systemd": seen.systemd if seen is not None else None,
        "restart": list(seen.waiting) if seen is not None else [],
        "two_people": found.wanted.two_people,
        "operators": [{"name": each.name, "key": each.key} for each in found.wanted.operators],
        "why": found.why.code if found.why is not None else "",
        "items": [
            {
                "item": item.item,
                "state": item.state,
                "places": [
                    {
                        "path": place.path,
                        "state": place.state,
                        "mode": place.mode,
                        "owner": place.owner,
                        "wanted_sha256": place.wanted_sha256,
                        "found_sha256": place.found_sha256,
                    }
                    for place in item.places
                ],
                "difference": list(item.difference),
            }
            for item in found.items
        ],
    }
