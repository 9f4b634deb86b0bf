"""One case as an HTML page: what happened, what was proved, what is missing, and how to check it.

A drill is marked at the top, in its title and in its table of machines. What a suspect host said
is marked as its claim wherever it stands. A damaged record is said before anything else.
"""

from collections.abc import Iterator
from datetime import datetime

from core.incidents.cases.model import Remark
from core.incidents.cases.story import Story
from core.incidents.cases.words import (
    clock_words,
    machine_words,
    moment_words,
    ms_words,
    person_words,
)
from core.reports.case_proofs import proofs
from core.reports.html import bullets, heading, page, paragraph, table
from core.text import Catalogue


def case_page(story: Story, words: Catalogue, now: datetime) -> str:
    """Return the whole report."""
    return page(_title(story, words), _Report(story, words, now).parts(), words)


def _title(story: Story, words: Catalogue) -> str:
    drill = f"{words('cases.drill')}: " if story.case.drill else ""
    return f"{drill}{words('cases.report.title', case=story.case.short)}"


class _Report:
    def __init__(self, story: Story, words: Catalogue, now: datetime) -> None:
        self._story = story
        self._case = story.case
        self._words = words
        self._now = now

    def parts(self) -> Iterator[str]:
        words = self._words
        yield heading(_title(self._story, words), 1)
        if self._case.drill:
            yield paragraph(words("cases.report.drill"), "drill")
        yield from self._doubts()
        yield from self._head()
        yield from self._machines()
        yield from self._times()
        yield from self._timeline()
        yield heading(words("cases.report.proved"))
        yield from proofs(self._story, words)
        yield from self._evidence()
        yield from self._remarks("communications", self._case.communications)
        yield from self._playbook()
        yield from self._remarks("notes", self._case.notes)
        yield from self._remarks("lessons", self._case.lessons)
        yield from self._checking()

    def _doubts(self) -> Iterator[str]:
        words = self._words
        for doubt in self._case.doubts:
            yield paragraph(words.say(doubt), "bad")
        for host in self._case.hosts:
            yield paragraph(words("cases.report.suspect", host=host), "bad")
        for machine in self._case.held:
            yield paragraph(words("cases.report.still-held", target=machine.target))

    def _head(self) -> Iterator[str]:
        case, words = self._case, self._words
        rows = [
            (words("cases.field.title"), case.title),
            (words("cases.field.id"), case.id),
            (words("cases.field.status"), words(f"cases.status.{case.status}")),
            (words("cases.field.grade"), words(f"cases.grade.{case.grade}")),
            (words("cases.field.opened"), f"{clock_words(case.opened_at)}, {case.opened_by}"),
        ]
        if case.closed_at is not None:
            rows.append((words("cases.field.closed"), clock_words(case.closed_at)))
        rows += [(words("cases.field.person"), person_words(one, words)) for one in case.people]
        rows += [(words("cases.field.linked"), f"{one.about}: {one.text}") for one in case.linked]
        rows.append((words("cases.field.made"), clock_words(self._now)))
        yield table(("", ""), rows)

    def _machines(self) -> Iterator[str]:
        words = self._words
        if not self._case.machines:
            return
        yield heading(words("cases.report.machines"))
        heads = [words(f"cases.head.{head}") for head in ("machine", "uuid", "mode", "since")]
        heads += [words("cases.head.state"), words("cases.head.until")]
        rows = [
            (
                f"{words('cases.drill')}: {each.target}" if self._case.drill else each.target,
                each.uuid,
                words(f"panels.mode.{each.mode}.name"),
                clock_words(each.since),
                machine_words(each, words),
                "" if each.ended_at is None else clock_words(each.ended_at),
            )
            for each in self._case.machines
        ]
        yield table(heads, rows)

    def _times(self) -> Iterator[str]:
        if self._story.marks:
            words = self._words
            yield heading(words("cases.report.times"))
            yield paragraph(words("cases.report.from-the-yes"))
            rows = [
                (words(f"cases.moment.{mark.kind}"), ms_words(mark.ms))
                for mark in self._story.marks
            ]
            yield table((words("cases.head.what"), words("cases.head.after")), rows)

    def _timeline(self) -> Iterator[str]:
        words = self._words
        yield heading(words("cases.report.timeline"))
        heads = [words(f"cases.head.{head}") for head in ("when", "after", "who", "source", "what")]
        rows = [
            (
                clock_words(moment.at),
                ms_words(moment.ms),
                moment.by,
                words(f"cases.source.{moment.source}"),
                moment_words(moment, words),
            )
            for moment in self._story.moments
        ]
        yield table(heads, rows)

    def _evidence(self) -> Iterator[str]:
        words, index = self._words, self._story.evidence
        yield heading(words("cases.report.evidence"))
        if index.problem is not None:
            yield paragraph(words.say(index.problem), "bad")
        if not index.items:
            yield paragraph(words("cases.report.no-evidence"))
            return
        heads = [words(f"cases.head.{head}") for head in ("kind", "file", "size", "sha256")]
        rows = [(item.kind, item.name, f"{item.size_bytes}", item.sha256) for item in index.items]
        yield table(heads, rows)
        if index.manifest_sha256:
            text = words("cases.report.manifest", sha256=index.manifest_sha256, key=index.key)
            yield paragraph(text, "mono")

    def _remarks(self, kind: str, remarks: tuple[Remark, ...]) -> Iterator[str]:
        words = self._words
        yield heading(words(f"cases.report.{kind}"))
        if not remarks:
            yield paragraph(words("cases.report.none"))
            return
        heads = [words(f"cases.head.{head}") for head in ("when", "who", "about", "what")]
        rows = [
            (
                clock_words(one.at),
                one.by,
                " ".join(part for part in (one.about, one.kind) if part),
                f"{words('cases.altered')} {one.text}" if one.altered else one.text,
            )
            for one in remarks
        ]
        yield table(heads, rows)

    def _playbook(self) -> Iterator[str]:
        words, lines = self._words, self._story.checklist
        if not lines:
            return
        yield heading(words("cases.report.playbook"))
        yield paragraph(words(f"playbook.{self._case.playbook}.title"))
        heads = [words(f"cases.head.{head}") for head in ("mark", "role", "what", "who", "when")]
        rows = [
            (
                words(f"cases.mark.{line.mark}"),
                words(f"cases.role.{line.step.role}"),
                words.say(line.words),
                "" if line.progress is None else f"{line.progress.by} {line.progress.text}".strip(),
                "" if line.progress is None else clock_words(line.progress.at),
            )
            for line in lines
        ]
        yield table(heads, rows)

    def _checking(self) -> Iterator[str]:
        words, chain, head = self._words, self._story.chain, self._story.head
        yield heading(words("cases.report.checking"))
        if chain is None:
            yield paragraph(words("cases.report.chain-unchecked"), "bad")
        elif chain.good:
            yield paragraph(words("cases.report.chain-good", count=chain.records))
        else:
            yield paragraph(words("cases.report.chain-bad", count=len(chain.problems)), "bad")
            yield bullets(
                (
                    f"{problem.number}: "
                    + words(f"audit.problem.{problem.code}", detail=problem.detail)
                    for problem in chain.problems[:50]
                ),
                "bad",
            )
        if head is not None:
            text = words("cases.report.head", number=head.count, sha256=head.sha256, key=head.key)
            yield paragraph(text, "mono")
        steps = (f"cases.report.recipe.{name}" for name in ("chain", "evidence", "plain"))
        yield bullets(words(code, case=self._case.id) for code in steps)
        yield paragraph(words("cases.report.signature"))
        yield table(
            [words(f"cases.sign.{field}") for field in ("name", "role", "date", "hand")],
            [(" ", " ", " ", " "), (" ", " ", " ", " ")],
        )
