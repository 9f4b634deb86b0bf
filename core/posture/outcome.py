"""The words in which a check answers; each builds one `Outcome`.

Sentences are codes: `finding.<CHECK>.<case>` for what a check says of itself, `finding.unknown.*`
and `finding.na.*` for what all of them say alike. Evidence is cut to a length that fits a pane.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from core.facts import Unknown
from core.posture.model import Evidence, Outcome, Severity, Verdict
from core.text import Text
from core.text.message import Parameter

MAX_EVIDENCE_CHARACTERS = 240
MAX_LISTED = 6


def seen(where: str, value: object) -> Evidence:
    """One observed value and the place it was read from."""
    text = "yes" if value is True else "no" if value is False else str(value)
    if len(text) > MAX_EVIDENCE_CHARACTERS:
        text = text[: MAX_EVIDENCE_CHARACTERS - 1] + "…"
    return Evidence(where, text)


def passed(check: str, *evidence: Evidence, **params: Parameter) -> Outcome:
    return Outcome(Verdict.PASS, Text(f"finding.{check}.pass", params), evidence)


def warned(
    check: str,
    case: str,
    *evidence: Evidence,
    severity: Severity | None = None,
    **params: Parameter,
) -> Outcome:
    return Outcome(Verdict.WARN, Text(f"finding.{check}.{case}", params), evidence, severity)


def failed(
    check: str,
    case: str,
    *evidence: Evidence,
    severity: Severity | None = None,
    **params: Parameter,
) -> Outcome:
    """A failure. `severity` only for a case milder than the catalogue says."""
    return Outcome(Verdict.FAIL, Text(f"finding.{check}.{case}", params), evidence, severity)


def unknown(fact: Unknown, where: str, severity: Severity | None = None) -> Outcome:
    """The fact that would decide could not be read: say which and why. `severity` where even
    the worst case would be milder than the catalogue says."""
    text = Text(f"finding.unknown.{fact.reason.value}", {"where": where}, fact.detail)
    evidence = seen(where, fact.detail or fact.reason.value)
    return Outcome(Verdict.UNKNOWN, text, (evidence,), severity)


def not_applicable(case: str) -> Outcome:
    """The check has nothing to say here; `finding.na.<case>` says why."""
    return Outcome(Verdict.NOT_APPLICABLE, Text(f"finding.na.{case}"))


def listed(items: Iterable[str]) -> str:
    """Several hostile names in one sentence, no more than fit."""
    names = list(islice(items, MAX_LISTED + 1))
    return ", ".join(names[:MAX_LISTED]) + (", …" if len(names) > MAX_LISTED else "")


_DECIDING = (
    Verdict.FAIL,
    Verdict.UNKNOWN,
    Verdict.WARN,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
    Verdict.WAIVED,
)


def worst(answers: Sequence[Outcome]) -> Outcome:
    """The answer that decides where one check looks at several things of one machine."""
    return min(answers, key=lambda each: _DECIDING.index(each.verdict))
