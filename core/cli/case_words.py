"""How the terminal shows a case, and how a JSON document does."""

from typing import Any

import msgspec

from core.cli.terminal import Terminal
from core.incidents.cases.model import Case, Moment, Remark
from core.incidents.cases.playbooks import Line, command_of
from core.incidents.cases.story import Story
from core.incidents.cases.words import (
    clock_words,
    machine_words,
    moment_words,
    ms_words,
    person_words,
)
from core.text import Text


def case_row(case: Case) -> dict[str, Any]:
    """A case in a JSON document. Times are ISO 8601; `doubts` are codes."""
    row: dict[str, Any] = msgspec.to_builtins(case)
    row["short"] = case.short
    row["doubts"] = [doubt.code for doubt in case.doubts]
    return row


def story_row(terminal: Terminal, story: Story) -> dict[str, Any]:
    """A case with its timeline, the times it reached and its checklist."""
    words = terminal.words
    return {
        **case_row(story.case),
        "times": {mark.kind: mark.ms for mark in story.marks},
        "timeline": [
            {
                "at": moment.at.isoformat(),
                "kind": moment.kind,
                "source": moment.source.value,
                "by": moment.by,
                "ms": moment.ms,
                "text": moment_words(moment, words),
                "altered": moment.altered,
            }
            for moment in story.moments
        ],
        "checklist": steps_rows(terminal, story.checklist),
        "evidence": [msgspec.to_builtins(item) for item in story.evidence.items],
    }


def steps_rows(terminal: Terminal, lines: tuple[Line, ...]) -> list[dict[str, str]]:
    """A checklist in a JSON document."""
    return [
        {
            "step": line.step.id,
            "mark": line.mark.value,
            "role": line.step.role.value,
            "text": terminal.words.say(line.words),
        }
        for line in lines
    ]


class CaseWords:
    """Prints one case from top to bottom."""

    def __init__(self, terminal: Terminal, story: Story) -> None:
        self._terminal = terminal
        self._out = terminal.out
        self._words = terminal.words
        self._story = story
        self._case = story.case

    def show(self) -> None:
        self._head()
        self._machines()
        self._timeline()
        for kind, remarks in (
            ("communications", self._case.communications),
            ("notes", self._case.notes),
            ("lessons", self._case.lessons),
        ):
            self._remarks(kind, remarks)
        self._evidence()
        if self._story.checklist:
            self._title("playbook")
            show_checklist(self._terminal, self._story.checklist, self._case)

    def _head(self) -> None:
        case, words, out = self._case, self._words, self._out
        drill = f"{words('cases.drill')}  " if case.drill else ""
        out.line(f"{drill}{case.id}  {case.title}", "head")
        for doubt in case.doubts:
            out.line(f"  ! {words.say(doubt)}", "bad")
        for host in case.hosts:
            out.line(f"  ! {words('cases.report.suspect', host=host)}", "bad")
        status, grade = words(f"cases.status.{case.status}"), words(f"cases.grade.{case.grade}")
        opened = f"{clock_words(case.opened_at)}, {case.opened_by}"
        rows = [("status", status), ("grade", grade), ("opened", opened)]
        if case.closed_at is not None:
            rows.append(("closed", clock_words(case.closed_at)))
        rows += [("person", person_words(person, words)) for person in case.people]
        rows += [("linked", f"{one.about}: {one.text}") for one in case.linked]
        for field, text in rows:
            out.line(f"  {words(f'cases.field.{field}')}: {text}")

    def _machines(self) -> None:
        words = self._words
        if not self._case.machines:
            return
        self._title("machines")
        heads = [words(f"cases.head.{head}") for head in ("machine", "mode", "state", "since")]
        rows = [
            [
                each.target,
                words(f"panels.mode.{each.mode}.name"),
                machine_words(each, words),
                clock_words(each.since),
            ]
            for each in self._case.machines
        ]
        self._out.table(heads, rows)

    def _timeline(self) -> None:
        words = self._words
        self._title("timeline")
        heads = [words(f"cases.head.{head}") for head in ("when", "after", "who", "what")]
        rows = [
            [clock_words(one.at), ms_words(one.ms), one.by, moment_words(one, words)]
            for one in self._story.moments
        ]
        self._out.table(heads, rows, [_role(one) for one in self._story.moments])

    def _evidence(self) -> None:
        index = self._story.evidence
        if index.problem is None and not index.items:
            return
        self._title("evidence")
        if index.problem is not None:
            self._out.line("  " + self._words.say(index.problem), "bad")
        for item in index.items:
            self._out.line(f"  {item.kind}  {item.size_bytes}  {item.sha256}  {item.name}")

    def _remarks(self, kind: str, remarks: tuple[Remark, ...]) -> None:
        if not remarks:
            return
        self._title(kind)
        for one in remarks:
            about = f" ({one.about} {one.kind})".replace(" )", ")") if one.about else ""
            altered = f"{self._words('cases.altered')} " if one.altered else ""
            text = f"  {clock_words(one.at)}  {one.by}{about}: {altered}{one.text}"
            self._out.line(text, "bad" if one.altered else "")

    def _title(self, part: str) -> None:
        self._out.line()
        self._out.line(self._words(f"cases.report.{part}"), "head")


def show_checklist(terminal: Terminal, lines: tuple[Line, ...], case: Case | None) -> None:
    """Print each step of a playbook: its mark, whose it is, what to do, what to type."""
    words, out = terminal.words, terminal.out
    signs = {"open": "[ ]", "done": "[x]", "skipped": "[-]"}
    for line in lines:
        role = words(f"cases.role.{line.step.role}")
        text = f"{signs[line.mark]} {line.step.id}  {words.say(line.words)} ({role})"
        out.line(text, "dim" if line.mark != "open" else "")
        if line.mark == "open":
            command = command_of(line.step, case)
            if command:
                out.line(f"      {command}", "dim")
            for contact in line.contacts:
                who = f"{contact.name} {contact.how}".strip()
                out.line(f"      {words('cli.case.contact', who=who)}", "dim")
        elif line.progress is not None:
            done = f"{clock_words(line.progress.at)}, {line.progress.by} {line.progress.text}"
            out.line(f"      {done}", "dim")


def _role(moment: Moment) -> str:
    if moment.altered or moment.state:
        return "bad"
    return "good" if moment.kind in {"cut", "paused", "proved"} else ""


def say_doubts(terminal: Terminal, doubts: tuple[Text, ...]) -> None:
    """What cannot be believed of the record, on stderr, whatever the answer's form is."""
    for doubt in doubts:
        terminal.error(doubt)
