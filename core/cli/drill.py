"""`drill`: the whole of an incident on a harmless machine, with the times reached."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from core.changes.history import PlanRecord
from core.cli.case_desk import case_desk
from core.cli.cases import verified_story
from core.cli.commands import Command, argument, command, option
from core.cli.exits import Exit
from core.cli.output import plain
from core.cli.plans import Watching, show_plan
from core.cli.terminal import Terminal, find_machine, finish, not_reached, run
from core.cli.window import write_paper
from core.fleet.model import MachineView
from core.incidents.drill import (
    SETTLE_S,
    SMALL,
    Drill,
    DrillReport,
    is_held,
    note_of,
    refuse_drill,
)
from core.incidents.evidence.kinds import parse_kinds
from core.incidents.model import Mode, Wish
from core.reports.case import case_page
from core.station import Station
from core.text import Catalogue, RingfenceError

DEMO_TARGET = "alder/build-01"


def commands(words: Catalogue) -> list[Command]:
    path = click.Path(path_type=Path, dir_okay=False)
    modes = click.Choice([mode.value for mode in Mode if mode is not Mode.FORENSIC])
    return [
        command(
            words,
            "drill",
            drill,
            [
                argument("target", metavar="[HOST/NAME]", required=False, default=""),
                option(words, "--mode", "mode", type=modes, default=Mode.FREEZE.value),
                option(words, "--evidence", "drill-evidence", default=",".join(SMALL)),
                option(words, "--confirm name", "confirm-name", default="", metavar="NAME"),
                option(words, "--anyway", "drill-anyway", is_flag=True),
                option(words, "--output -o", "drill-output", type=path, default=None),
            ],
        )
    ]


@click.pass_obj
def drill(
    terminal: Terminal,
    target: str,
    mode: str,
    evidence: str,
    name: str,
    anyway: bool,
    output: Path | None,
) -> None:
    """Plan, ask for the machine's name, cut, take evidence, give back, tell the times."""
    if not target:  # nothing of the admin's own is ever touched unasked
        terminal.demo, target, name = True, DEMO_TARGET, DEMO_TARGET.partition("/")[2]
    if output is not None and output.suffix.lower() not in {".html", ".pdf"}:
        raise RingfenceError("report-kind", path=str(output))
    kinds = parse_kinds(evidence)
    observe = mode == Mode.OBSERVE
    wish = Wish(mode=Mode(mode), drill=True, observe_anyway=observe, cut_anyway=anyway)

    async def work() -> None:
        host, _, machine = target.partition("/")
        async with terminal.station([host], act_on=machine) as station:
            if not_reached(terminal, station.fleet.view, to_act=True):
                finish(Exit.NOT_REACHED)
            await station.ready(SETTLE_S)
            view = find_machine(station.fleet.view, target)
            refuse_drill(view, anyway)
            words = terminal.words
            reason = words("drill.reason")
            cut = await station.incidents.plan_quarantine(view, reason, wish)
            if not terminal.out.as_json:
                terminal.say("cases.report.drill", "head")
                show_plan(terminal, cut)
            if cut.needs:
                raise RingfenceError("plan-needs-yes", needs=" --".join(cut.needs))
            confirm_by_name(terminal, view, name)
            course = Drill(
                station.incidents,
                lambda: find_machine(station.fleet.view, target),
                lambda plan: _record(station, plan),
                Watching(terminal),
                lambda: _settled(station, view),
            )
            report = await course.run(cut, kinds, reason, time.monotonic())
            await asyncio.to_thread(_write_down, terminal, station, report)
            if output is not None:
                story = await asyncio.to_thread(verified_story, station, report.case)
                write_paper(case_page(story, words, datetime.now(UTC)), output)
            _show(terminal, report)

    run(work())


async def _record(station: Station, plan: str) -> PlanRecord:
    return await asyncio.to_thread(station.journal.need, plan)


async def _settled(station: Station, view: MachineView) -> None:
    """Until the hold is on the view, or a few seconds have passed."""
    await station.fleet.wait_until(lambda fleet: is_held(fleet, view.key), SETTLE_S, settled=False)


def confirm_by_name(terminal: Terminal, view: MachineView, given: str) -> None:
    """A drill stops a machine that works: it is meant by its name or not at all.

    Raises:
        RingfenceError: drill-name: another name, or nobody to ask.
    """
    if not given and sys.stdin.isatty():
        question = terminal.words("cli.prompt.drill", target=plain(view.target))
        given = str(click.prompt(question, default="", show_default=False, err=True))
    if given != view.name:
        raise RingfenceError("drill-name", target=view.target)


def _write_down(terminal: Terminal, station: Station, report: DrillReport) -> None:
    """The times stand in the case: its report shows them."""
    case_desk(station).note(report.case, note_of(report, terminal.words))


def _show(terminal: Terminal, report: DrillReport) -> None:
    words, out = terminal.words, terminal.out
    if out.as_json:
        out.document(
            drill={
                "case": report.case,
                "target": report.target,
                "mode": report.mode,
                "good": report.good,
                "still_held": report.still_held,
                "parts": [
                    {
                        "part": line.part.value,
                        "goal_s": line.goal_s,
                        "reached_s": line.reached_s,
                        "why": None if line.why is None else words.say(line.why),
                    }
                    for line in report.lines
                ],
            }
        )
    else:
        heads = [words(f"cases.head.{head}") for head in ("step", "reached", "goal", "what")]
        rows = [
            [
                words(f"drill.part.{line.part}"),
                "" if line.reached_s is None else f"{line.reached_s:.3f} s",
                f"{line.goal_s:g} s",
                "" if line.why is None else words.say(line.why),
            ]
            for line in report.lines
        ]
        out.line()
        out.table(heads, rows, ["good" if line.good else "bad" for line in report.lines])
        if not terminal.demo:  # the demo's cases end with it
            terminal.say("cli.drill.case", case=report.case)
    if report.still_held:
        terminal.error(RingfenceError("drill-still-held", target=report.target).cause)
    if report.still_held or not (report.good or terminal.demo):
        finish(Exit.CHANGE_FAILED)
