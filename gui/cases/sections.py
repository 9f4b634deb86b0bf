"""A case as sections of facts: values only, every text plain and possibly hostile."""

from collections.abc import Iterator

from core.incidents.cases.model import CaseMachine, Moment, Remark
from core.incidents.cases.story import Story
from core.incidents.cases.words import (
    clock_words,
    machine_words,
    moment_words,
    ms_words,
    person_words,
)
from core.text import Catalogue
from gui.inspector.facts import Fact, Section, Tone

MOST_MOMENTS = 400


def sections_of(story: Story, t: Catalogue) -> tuple[Section, ...]:
    """Everything of a case that is read and not done."""
    return tuple(section for section in _sections(story, t) if section.facts)


def _sections(story: Story, t: Catalogue) -> Iterator[Section]:
    case = story.case
    yield _head(story, t)
    machines = tuple(_machine(machine, t) for machine in case.machines)
    yield Section(t("cases.report.machines"), machines)
    earlier = max(0, len(story.moments) - MOST_MOMENTS)
    note = t("cases.panel.earlier", count=earlier) if earlier else ""
    yield Section(t("cases.report.timeline"), tuple(_moments(story.moments, t)), note)
    for kind, remarks in (
        ("communications", case.communications),
        ("notes", case.notes),
        ("lessons", case.lessons),
    ):
        facts = tuple(_remark(remark, t) for remark in remarks)
        yield Section(t(f"cases.report.{kind}"), facts)
    yield _evidence(story, t)


def _machine(machine: CaseMachine, t: Catalogue) -> Fact:
    mode = t(f"panels.mode.{machine.mode}.name")
    words = t("panels.list").join((machine_words(machine, t), mode))
    return Fact(machine.target, words, machine.uuid)


def _head(story: Story, t: Catalogue) -> Section:
    case = story.case
    facts = [
        Fact(t("cases.field.id"), case.id, mono=True),
        Fact(t("cases.field.grade"), t(f"cases.grade.{case.grade}")),
        Fact(t("cases.field.opened"), f"{clock_words(case.opened_at)}, {case.opened_by}"),
    ]
    if case.closed_at is not None:
        facts.append(Fact(t("cases.field.closed"), clock_words(case.closed_at)))
    facts += [Fact(t("cases.field.person"), person_words(one, t)) for one in case.people]
    facts += [Fact(t("cases.field.linked"), f"{one.about}: {one.text}") for one in case.linked]
    facts += [Fact(t("cases.field.hosts"), host, tone=Tone.WRONG) for host in case.hosts]
    return Section(t("cases.field.title"), tuple(facts), case.title)


def _moments(moments: tuple[Moment, ...], t: Catalogue) -> Iterator[Fact]:
    for moment in moments[-MOST_MOMENTS:]:
        wrong = moment.altered or bool(moment.state)
        after = ms_words(moment.ms)
        label = f"{moment.at:%H:%M:%S}  {after}" if after else f"{moment.at:%H:%M:%S}"
        hover = f"{clock_words(moment.at)} {moment.by} {t(f'cases.source.{moment.source}')}"
        yield Fact(label, moment_words(moment, t), hover, Tone.WRONG if wrong else Tone.PLAIN)


def _remark(remark: Remark, t: Catalogue) -> Fact:
    about = " ".join(part for part in (remark.about, remark.kind) if part)
    words = f"{about}: {remark.text}" if about else remark.text
    if remark.altered:
        words = f"{t('cases.altered')} {words}"
    hover = f"{clock_words(remark.at)} {remark.by}"
    tone = Tone.WRONG if remark.altered else Tone.PLAIN
    return Fact(f"{remark.at:%d %b %H:%M}", words, hover, tone)


def _evidence(story: Story, t: Catalogue) -> Section:
    index = story.evidence
    facts = tuple(
        Fact(item.kind, item.name, f"{item.size_bytes}\n{item.sha256}", mono=True)
        for item in index.items
    )
    if index.problem is not None:
        facts = (Fact(t("cases.report.evidence"), t.say(index.problem), tone=Tone.WRONG), *facts)
    return Section(t("cases.report.evidence"), facts)
