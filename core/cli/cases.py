"""`case`: what happened around held machines, who did what, and how far it is.

Nothing here asks a host; `case escape` and `case trust` stand in core.cli.escape.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from core.cli import case_evidence, escape
from core.cli.case_desk import case_desk
from core.cli.case_words import (
    CaseWords,
    case_row,
    say_doubts,
    show_checklist,
    steps_rows,
    story_row,
)
from core.cli.commands import Command, Group, argument, command, group, option
from core.cli.terminal import Terminal
from core.cli.window import write_paper
from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.evidence_index import evidence_of
from core.incidents.cases.model import Grade, Mark, Role, Status
from core.incidents.cases.playbooks import PLAYBOOKS, checklist, load_playbook
from core.incidents.cases.story import Story, story_of
from core.incidents.cases.words import clock_words
from core.reports.case import case_page
from core.station import Station
from core.text import Catalogue, RingfenceError


def commands(words: Catalogue) -> list[Group]:
    nested = [*_reading(words), *_writing(words), *escape.commands(words)]
    nested += case_evidence.commands(words)
    return [group(words, "case", nested)]


def _reading(words: Catalogue) -> list[Command]:
    case = argument("case", metavar="CASE")
    some = argument("case", metavar="[CASE|PLAYBOOK]")
    begin = argument("playbook", metavar="[PLAYBOOK]", required=False, default="")
    step = option(words, "--step", "step", default="", metavar="STEP")
    marks = click.Choice([mark.value for mark in Mark])
    mark = option(words, "--mark", "mark", type=marks, default=Mark.DONE.value)
    why = option(words, "--reason", "why", default="", metavar="TEXT")
    path = click.Path(path_type=Path, dir_okay=False)
    output = option(words, "--output -o", "report-output", type=path, required=True)
    return [
        command(words, "case.list", list_cases),
        command(words, "case.show", show, [case]),
        command(words, "case.report", report, [case, output]),
        command(words, "case.playbook", playbook, [some, begin, step, mark, why]),
    ]


def _writing(words: Catalogue) -> list[Command]:
    case = argument("case", metavar="CASE")
    text = argument("text", metavar="TEXT")
    why = option(words, "--reason", "why", default="", metavar="TEXT")
    drill = option(words, "--drill", "case-drill", is_flag=True)
    roles = click.Choice([role.value for role in Role])
    return [
        command(words, "case.open", open_case, [argument("title", metavar="TEXT"), drill]),
        command(words, "case.note", note, [case, text]),
        command(words, "case.lesson", lesson, [case, text]),
        command(
            words,
            "case.person",
            person,
            [
                case,
                option(words, "--name", "person-name", required=True, metavar="NAME"),
                option(words, "--role", "role", type=roles, required=True),
                option(words, "--how", "how-to-reach", default="", metavar="TEXT"),
            ],
        ),
        command(
            words,
            "case.grade",
            grade,
            [case, argument("grade", type=click.Choice([grade.value for grade in Grade])), why],
        ),
        command(
            words,
            "case.status",
            status,
            [case, argument("status", type=click.Choice([status.value for status in Status])), why],
        ),
        command(
            words,
            "case.communicate",
            communicate,
            [
                case,
                option(words, "--to whom", "to-whom", required=True, metavar="WHOM"),
                option(words, "--how", "told-how", default="", metavar="TEXT"),
                text,
            ],
        ),
        command(words, "case.link", link, [case, argument("target", metavar="HOST[/NAME]"), why]),
    ]


@click.pass_obj
def list_cases(terminal: Terminal) -> None:
    """Print all cases, newest first."""
    with terminal.offline() as station:
        cases = station.cases.all()
        doubts = cases[0].doubts if cases else ()
    if terminal.out.as_json:
        terminal.out.document(cases=[case_row(case) for case in cases])
        return
    say_doubts(terminal, doubts)
    if not cases:
        terminal.say("cli.case.none")
        return
    words = terminal.words
    names = ("case", "opened", "status", "grade", "machines", "title")
    rows = [
        [
            case.short,
            clock_words(case.opened_at)[:16],
            words(f"cases.status.{case.status}"),
            words(f"cases.grade.{case.grade}"),
            " ".join(machine.target for machine in case.machines),
            f"{words('cases.drill')}: {case.title}" if case.drill else case.title,
        ]
        for case in cases
    ]
    roles = ["bad" if case.held else "dim" if case.closed else "" for case in cases]
    terminal.out.table([words(f"cases.head.{name}") for name in names], rows, roles)


@click.pass_obj
def show(terminal: Terminal, case: str) -> None:
    """Print one case from top to bottom."""
    with terminal.offline() as station:
        index = evidence_of(station.places.cases_dir, station.cases.need(case).id)
        contacts = station.settings.contacts
        story = story_of(station.cases, case, contacts, evidence=index)
    if terminal.out.as_json:
        terminal.out.document(case=story_row(terminal, story))
        return
    CaseWords(terminal, story).show()


@click.pass_obj
def report(terminal: Terminal, case: str, output: Path) -> None:
    """Verify the record, then write the report."""
    if output.suffix.lower() not in {".html", ".pdf"}:
        raise RingfenceError("report-kind", path=str(output))
    with terminal.offline() as station:
        story = verified_story(station, case)
    write_paper(case_page(story, terminal.words, datetime.now(UTC)), output)
    if terminal.out.as_json:
        terminal.out.document(report={"case": story.case.id, "path": str(output)})
    terminal.say("cli.case.report-written", "good", path=str(output))


def verified_story(station: Station, case: str) -> Story:
    """One case with its record verified; a log whose keys are out of reach is said unverified."""
    try:
        chain, head = station.audit.verify(station.journal), station.audit.head()
    except RingfenceError:
        chain, head = None, None
    index = evidence_of(station.places.cases_dir, station.cases.need(case).id)
    return story_of(
        station.cases,
        case,
        station.settings.contacts,
        evidence=index,
        chain=chain,
        head=head,
    )


@click.pass_obj
def playbook(
    terminal: Terminal, case: str, playbook: str, step: str, mark: str, reason: str
) -> None:
    """Read a playbook, begin it in a case, mark a step, or show how far it is."""
    with terminal.offline() as station:
        if case in PLAYBOOKS:
            lines = checklist(load_playbook(case), None, station.settings.contacts)
            found = None
        else:
            desk = case_desk(station)
            if playbook:
                desk.follow(case, playbook)
            if step:
                desk.mark(case, step, Mark(mark), reason)
            story = story_of(station.cases, case, station.settings.contacts)
            if not story.case.playbook:
                raise RingfenceError("case-no-playbook", case=story.case.short)
            lines, found = story.checklist, story
    name = case if found is None else found.case.playbook
    if terminal.out.as_json:
        terminal.out.document(playbook={"id": name, "steps": steps_rows(terminal, lines)})
        return
    terminal.out.line(terminal.words(f"playbook.{name}.title"), "head")
    terminal.out.line(terminal.words(f"playbook.{name}.when"), "dim")
    show_checklist(terminal, lines, None if found is None else found.case)


@click.pass_obj
def open_case(terminal: Terminal, title: str, drill: bool) -> None:
    """Open a case that no cut began, and print its id."""
    with terminal.offline() as station:
        case = case_desk(station).open(title, drill=drill)
        found = station.cases.need(case)
    if terminal.out.as_json:
        terminal.out.document(case=case_row(found))
    terminal.say("cli.case.opened", "good", case=case)


def _write(terminal: Terminal, case: str, write: Callable[[CaseDesk], None]) -> None:
    """Add one record to a case, and say so."""
    with terminal.offline() as station:
        write(case_desk(station))
        found = station.cases.need(case)
    if terminal.out.as_json:
        terminal.out.document(case=case_row(found))
    terminal.say("cli.case.written", "good", case=found.short)


@click.pass_obj
def note(terminal: Terminal, case: str, text: str) -> None:
    _write(terminal, case, lambda desk: desk.note(case, text))


@click.pass_obj
def lesson(terminal: Terminal, case: str, text: str) -> None:
    _write(terminal, case, lambda desk: desk.lesson(case, text))


@click.pass_obj
def person(terminal: Terminal, case: str, name: str, role: str, how: str) -> None:
    _write(terminal, case, lambda desk: desk.person(case, name, Role(role), how))


@click.pass_obj
def grade(terminal: Terminal, case: str, grade: str, reason: str) -> None:
    _write(terminal, case, lambda desk: desk.grade(case, Grade(grade), reason))


@click.pass_obj
def status(terminal: Terminal, case: str, status: str, reason: str) -> None:
    _write(terminal, case, lambda desk: desk.status(case, Status(status), reason))


@click.pass_obj
def communicate(terminal: Terminal, case: str, whom: str, how: str, text: str) -> None:
    _write(terminal, case, lambda desk: desk.communicate(case, whom, text, how))


@click.pass_obj
def link(terminal: Terminal, case: str, target: str, reason: str) -> None:
    _write(terminal, case, lambda desk: desk.link(case, target, reason))
