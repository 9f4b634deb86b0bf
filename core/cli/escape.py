"""`case escape` and `case trust`: stop believing a host, hold all it runs, believe it again."""

import asyncio
import time
from collections.abc import Coroutine

import click
from msgspec import structs

from core.changes.outcome import PlanOutcome, PlanState
from core.cli.case_desk import case_desk
from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.output import plain
from core.cli.plans import (
    Watching,
    confirmed,
    plan_row,
    show_outcome,
    show_plan,
    told_if_stopped,
)
from core.cli.terminal import Terminal, finish, not_reached, run
from core.incidents.cases.escape import Escape, machines_on, plan_escape
from core.incidents.cases.neighbours import watched, witnesses
from core.incidents.model import Wish
from core.incidents.reasons import checked_reason
from core.station import Station
from core.text import Catalogue, RingfenceError

INSTRUCTIONS = ("believe", "switch", "keys", "moves", "disk")


def commands(words: Catalogue) -> list[Command]:
    host = argument("host", metavar="HOST")
    reason = option(words, "--reason", "reason", default="", metavar="TEXT")
    case = option(words, "--case", "in-case", default="", metavar="CASE")
    cut_off = option(words, "--disconnect", "disconnect", is_flag=True)
    anyway = option(words, "--cut-anyway", "cut-anyway", is_flag=True)
    watch = option(words, "--watch-from watch", "watch-from", multiple=True, metavar="HOST")
    plan_only = option(words, "--plan plan_only", "plan", is_flag=True)
    yes = option(words, "--yes -y", "yes", is_flag=True)
    return [
        command(
            words,
            "case.escape",
            escape,
            [host, reason, case, cut_off, anyway, watch, plan_only, yes],
        ),
        command(words, "case.trust", trust, [host, reason]),
    ]


@click.pass_obj
def escape(
    terminal: Terminal,
    host: str,
    reason: str,
    case: str,
    disconnect: bool,
    cut_anyway: bool,
    watch: tuple[str, ...],
    plan_only: bool,
    yes: bool,
) -> None:
    """Show the plan for all machines, ask, mark the host, hold them, say what people must do."""
    said = checked_reason(reason)
    wish = Wish(cut_anyway=cut_anyway)

    async def work() -> None:
        async with terminal.station([host, *watch], act_on="") as station:
            not_reached(terminal, station.fleet.view, to_act=True)
            deaf = station.fleet.view.hosts[host].health.state not in {"connected", "reading"}
            known = _open_case(station, host, case)
            machines = machines_on(station.fleet.view, host)
            found = await plan_escape(station.incidents, host, machines, said, wish, known)
            found = await _watched(station, found, watch)
            _show(terminal, found)
            if plan_only:
                _document(terminal, found, None)
                terminal.say("cli.plan.preview", "dim")
                return
            if found.plan is not None and found.plan.needs:
                raise RingfenceError("plan-needs-yes", needs=" --".join(found.plan.needs))
            confirmed(terminal, yes, "cli.prompt.escape", host=host, count=str(len(machines)))
            fresh = found.plan is None and not known
            outcome = await _carry_out(terminal, station, found, fresh)
            _instruct(terminal, host)
            await _keep_away(terminal, station, found, disconnect, yes)
            _end(terminal, found, outcome, deaf)

    run(work())


async def _watched(station: Station, found: Escape, hosts: tuple[str, ...]) -> Escape:
    """Hosts that hear the machines now prove after the cut that they are silent."""
    others = [host for host in hosts if host != found.host]
    if found.plan is None or not others:
        return found
    seen_by = await witnesses(station.hands, others, found.plan)
    return structs.replace(found, plan=watched(found.plan, seen_by))


def _open_case(station: Station, host: str, case: str) -> str:
    """The case that was named, or the one in which the host is suspected already."""
    if case:
        return station.cases.need(case).id
    mark = station.cases.trust(host)
    return "" if mark is None else mark.case


async def _carry_out(
    terminal: Terminal, station: Station, found: Escape, fresh: bool
) -> PlanOutcome | None:
    """Cut first; the mark is written meanwhile, and neither waits for the other. `fresh`: no cut
    will begin the case."""
    at = time.monotonic()
    desk = case_desk(station)

    async def cut() -> PlanOutcome | None:
        if found.plan is None:
            return None
        with told_if_stopped(terminal, station, found.plan.id):
            return await station.incidents.run(found.plan, Watching(terminal), at)

    def mark() -> None:
        if fresh:
            desk.take_in(found.case, found.reason, (found.host,))
        if station.cases.trust(found.host) is None:
            desk.suspect(found.case, found.host, found.reason)

    outcome, marked = await asyncio.gather(cut(), _told(asyncio.to_thread(mark)))
    station.look_at_trust()
    if marked is not None:
        terminal.error(marked.cause, marked.step, marked.detail)
    return outcome


async def _told(work: Coroutine[None, None, None]) -> RingfenceError | None:
    """A mark that could not be written spares no machine its cut; it is said after it."""
    try:
        await work
    except RingfenceError as error:
        return error
    return None


async def _keep_away(
    terminal: Terminal, station: Station, found: Escape, disconnect: bool, yes: bool
) -> None:
    """Offer to end our own session; evidence that is still to be taken needs it."""
    if not disconnect:
        terminal.say("cli.escape.disconnect-offer", host=found.host)
        return
    confirmed(terminal, yes, "cli.prompt.disconnect", host=found.host)
    desk = case_desk(station)
    await asyncio.to_thread(desk.cut_off, found.case, found.host, found.reason)
    station.look_at_trust()
    terminal.say("cli.escape.disconnected", "good", host=found.host)


def _show(terminal: Terminal, found: Escape) -> None:
    if terminal.out.as_json:
        return
    if found.plan is not None:
        show_plan(terminal, found.plan)
    for target in found.already:
        terminal.say("cli.escape.already", target=plain(target))
    for each in found.left_out:
        why = terminal.words.say(each.why)
        terminal.say("cli.escape.left-out", "bad", target=plain(each.target), why=plain(why))


def _instruct(terminal: Terminal, host: str) -> None:
    """What only people can do, and what we do not do any more."""
    terminal.say("cli.escape.now", "head")
    for number, name in enumerate(INSTRUCTIONS, 1):
        terminal.say(f"cli.escape.now-{name}", number=number, host=host)


def _document(terminal: Terminal, found: Escape, outcome: PlanOutcome | None) -> None:
    if not terminal.out.as_json:
        return
    plan = None if found.plan is None else plan_row(terminal, found.plan, outcome)
    terminal.out.document(
        escape={
            "host": found.host,
            "case": found.case,
            "reason": found.reason,
            "already": [*found.already],
            "left_out": [
                {"target": each.target, "why": terminal.words.say(each.why)}
                for each in found.left_out
            ],
            "plan": plan,
        }
    )


def _end(terminal: Terminal, found: Escape, outcome: PlanOutcome | None, deaf: bool) -> None:
    """The host's word that its machines are cut is a claim, however the plan ended."""
    if terminal.out.as_json:
        _document(terminal, found, outcome)
    else:
        terminal.say("cli.case.opened", case=found.case)
    if found.plan is not None and outcome is not None and not terminal.out.as_json:
        show_outcome(terminal, found.plan, outcome)
    if deaf:
        finish(Exit.NOT_REACHED)
    if found.left_out or found.plan is None:
        finish(Exit.CHANGE_FAILED)
    if outcome is not None and outcome.state is not PlanState.DONE:
        finish(Exit.CHANGE_FAILED)


@click.pass_obj
def trust(terminal: Terminal, host: str, reason: str) -> None:
    """Believe a host again; the reason stands in the record."""
    said = checked_reason(reason)
    with terminal.offline() as station:
        station.cases.look_at_trust()
        mark = station.cases.trust(host)
        if mark is None:
            raise RingfenceError("host-not-suspect", host=host)
        case_desk(station).trust(mark.case, host, said)
    if terminal.out.as_json:
        terminal.out.document(trust={"host": host, "case": mark.case, "reason": said})
    terminal.say("cli.trust.done", "good", host=host)
