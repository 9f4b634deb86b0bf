"""How the terminal shows a plan, asks for a yes, watches it run and tells what came of it."""

import asyncio
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click

from core.changes.history import PlanRecord
from core.changes.outcome import PlanOutcome, PlanState, StepProgress, StepState
from core.changes.plan import Plan, preview
from core.cli.exits import Exit
from core.cli.output import plain
from core.cli.terminal import Terminal, finish
from core.incidents.cases.trust import only_claimed
from core.incidents.words import say_missing
from core.station import Station
from core.text import RingfenceError, Text

FAR_EVERY_S = 5.0
_SETTLED = {StepState.WAITING, StepState.RUNNING, StepState.UNDOING}
_BAD = {StepState.FAILED, StepState.UNANSWERED, StepState.UNDO_FAILED}
_ROLES = {"+": "good", "-": "bad"}


def show_plan(terminal: Terminal, plan: Plan) -> None:
    """Print every step with the exact lines it changes, and what it will not reach."""
    out, words = terminal.out, terminal.words
    out.line(words("cli.plan.head", id=plan.id, kind=words.say(plan.describe())), "head")
    for step in preview(plan):
        out.line(f"  {step.index + 1}. {words.say(step.text)}")
        for line in step.lines:
            out.line(f"       {line}", _ROLES.get(line[:1], "dim"))
    for warning in plan.warnings:
        out.line("  ! " + words.say(warning), "warn")


def confirmed(terminal: Terminal, yes: bool, question: str, **params: str) -> None:
    """Return when the person says yes.

    Raises:
        RingfenceError: `no-terminal`: there is nobody to ask.
        click.exceptions.Exit: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise RingfenceError("no-terminal")
    words = terminal.words
    if not click.confirm(plain(words(question, **params)), default=False, err=True):
        terminal.say("cli.declined")
        finish(Exit.REFUSED)


@contextmanager
def told_if_stopped(terminal: Terminal, station: Station, plan_id: str) -> Generator[None]:
    """Who stops a plan in its middle must know that it stands there, and how to decide."""
    try:
        yield
    except asyncio.CancelledError:
        record = station.journal.find(plan_id)
        if record is not None and record.open:
            terminal.error(
                Text("cli.plan.stopped", {"plan": plan_id}),
                Text("error.hold-unfinished.step", {"plan": plan_id}),
            )
        raise


class Watching:
    """Prints each step as it is proved."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._told_far_at = 0.0

    def __call__(self, progress: StepProgress) -> None:
        if progress.total_bytes:
            self._tell_far(progress)
        if self._terminal.out.as_json or progress.state in _SETTLED:
            return
        words = self._terminal.words
        state = words(f"changes.step-state.{progress.state}")
        text = f"  {progress.elapsed_ms:6.0f} ms  {state}  {words.say(progress.text)}"
        self._terminal.out.line(text, "bad" if progress.state in _BAD else "good")
        if progress.outcome is not None and progress.outcome.problem is not None:
            self._terminal.out.line("             " + words.say(progress.outcome.problem), "warn")

    def _tell_far(self, progress: StepProgress) -> None:
        """A long step says how far it is, now and then."""
        now = time.monotonic()
        if self._terminal.out.as_json or now - self._told_far_at < FAR_EVERY_S:
            return
        self._told_far_at = now
        percent = round(100 * progress.done_bytes / progress.total_bytes)
        total, rate = progress.total_bytes // 10**6, round(progress.bytes_per_s / 1e6)
        self._terminal.say("cli.plan.far", "dim", percent=percent, total=total, rate=rate)


def show_outcome(
    terminal: Terminal, plan: Plan, outcome: PlanOutcome, **beside: dict[str, Any]
) -> None:
    """Print what came of it and end with the exit code that says so. `beside`: what else belongs
    into the one JSON document."""
    out, words = terminal.out, terminal.words
    if out.as_json:
        out.document(plan=plan_row(terminal, plan, outcome), **beside)
    else:
        if only_claimed(plan):
            terminal.say("cli.escape.claim", "bad", host=plan.targets[0].host)
        if outcome.seconds_to_cut is not None:
            terminal.say("cli.plan.cut", "good", ms=round(outcome.seconds_to_cut * 1000))
        for what in say_missing(outcome.missing, words, plan):
            terminal.say("cli.plan.missing", "bad", what=plain(what))
        state = words(f"changes.plan-state.{outcome.state}")
        good = outcome.state in {PlanState.DONE, PlanState.ROLLED_BACK}
        ms = round(outcome.seconds * 1000)
        terminal.say("cli.plan.outcome", "good" if good else "bad", state=state, ms=ms)
        for problem in (outcome.problem, outcome.unrecorded):
            if problem is not None:
                out.line("  " + words.say(problem), "bad")
        waits = any(step.state is StepState.WAITS for step in outcome.steps)
        if outcome.state is PlanState.UNFINISHED and not waits:
            terminal.say("error.hold-unfinished.step", "warn", plan=plan.id)
    if outcome.state not in {PlanState.DONE, PlanState.ROLLED_BACK}:
        finish(Exit.CHANGE_FAILED)


def plan_row(terminal: Terminal, plan: Plan, outcome: PlanOutcome | None) -> dict[str, Any]:
    """A plan in a JSON document. `state` is `planned` for one that was only printed."""
    steps = preview(plan)
    found = outcome.steps if outcome is not None else ()
    return {
        "id": plan.id,
        "kind": plan.kind,
        "state": "planned" if outcome is None else outcome.state.value,
        "case": plan.case,
        "mode": plan.mode,
        "operator": plan.operator,
        "reason": plan.reason,
        "created_at": plan.created_at.isoformat(),
        "targets": [
            {"host": target.host, "name": target.name, "uuid": target.uuid}
            for target in plan.targets
        ],
        "steps": [
            {
                "text": terminal.words.say(step.text),
                "lines": [*step.lines],
                "state": found[step.index].state.value if step.index < len(found) else "waiting",
                "ms": round(found[step.index].elapsed_ms, 1) if step.index < len(found) else None,
            }
            for step in steps
        ],
        "missing": [*outcome.missing] if outcome is not None else [],
        "seconds_to_cut": outcome.seconds_to_cut if outcome is not None else None,
        "warnings": [terminal.words.say(warning) for warning in plan.warnings],
    }


def record_row(terminal: Terminal, record: PlanRecord) -> dict[str, Any]:
    """A plan of the journal: its steps as the journal knows them."""
    row = plan_row(terminal, record.plan, record.outcome)
    row["state"] = record.state.value
    row["open"] = record.open
    for step, known in zip(row["steps"], record.steps, strict=True):
        step["state"] = known.state.value
    return row
