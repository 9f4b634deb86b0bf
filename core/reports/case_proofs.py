"""What was done in a case and what was read back, plan by plan, with everything that is missing."""

from collections.abc import Iterator

from core.changes.history import PlanRecord
from core.changes.outcome import Proof
from core.incidents.cases.held import GAP
from core.incidents.cases.story import Story
from core.incidents.cases.words import clock_words, ms_words
from core.incidents.words import say_missing
from core.reports.html import bullets, heading, paragraph, table
from core.text import Catalogue


def proofs(story: Story, words: Catalogue) -> Iterator[str]:
    """Every plan of the case, in order, then the gaps."""
    if not story.plans:
        yield paragraph(words("cases.report.nothing-done"))
    for record in story.plans:
        yield from _plan(story, record, words)
    yield heading(words("cases.report.gaps"))
    gaps = tuple(_gaps(story, words))
    yield bullets(gaps, "bad") if gaps else paragraph(words("cases.report.no-gaps"))


def _plan(story: Story, record: PlanRecord, words: Catalogue) -> Iterator[str]:
    plan = record.plan
    drill = f"{words('cases.drill')}: " if plan.drill else ""
    yield heading(drill + words.say(plan.describe()), 3)
    state = words(f"changes.plan-state.{record.state}")
    yield paragraph(
        words("cases.report.plan", plan=plan.id, state=state, by=plan.operator),
    )
    heads = [words(f"cases.head.{head}") for head in ("step", "state", "after", "proof")]
    yield table(heads, [*_steps(story, record, words)])


def _steps(story: Story, record: PlanRecord, words: Catalogue) -> Iterator[tuple[str, ...]]:
    for step, seen in zip(record.plan.steps, record.steps, strict=True):
        outcome = seen.outcome
        problem = ""
        found: tuple[Proof, ...] = ()
        if outcome is not None:
            problem = "" if outcome.problem is None else words.say(outcome.problem)
            found = outcome.done.proofs
        said = [problem, *(_proof(story, each, words) for each in found)]
        yield (
            words.say(step.describe()),
            words(f"changes.step-state.{seen.state}"),
            "" if outcome is None else ms_words(outcome.reached_ms),
            "; ".join(text for text in said if text),
        )


def _proof(story: Story, proof: Proof, words: Catalogue) -> str:
    """Where and when it was read; what a suspect host said is its claim."""
    text = f"{words.say(proof.what)} ({proof.where}, {clock_words(proof.at)})"
    if not story.doubted(proof.where):
        return text
    return f"{words('cases.report.claimed')}: {text}"


def _gaps(story: Story, words: Catalogue) -> Iterator[str]:
    for record in story.plans:
        label = ", ".join(target.label for target in record.plan.targets)
        if record.open:
            state = words(f"changes.plan-state.{record.state}")
            yield f"{label}: {state} ({record.plan.id})"
        if record.outcome is not None:
            for text in say_missing(record.outcome.missing, words, record.plan):
                yield f"{label}: {text}"
    for moment in story.moments:
        if moment.kind == GAP:
            yield f"{clock_words(moment.at)}: {words.say(moment.text)}"
