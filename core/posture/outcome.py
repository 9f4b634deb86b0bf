"""The words in which a check answers; each builds one `Outcome`.

Sentences are codes: `finding.<CHECK>.<case>` for what a check says of itself, `finding.unknown.*`
and `finding.na.*` for what all of them say alike. Evidence is cut to a length that fits a pane.

Thousands of machines get the same few answers: values that say the same are one object, which is
quicker to find than to make and the larger part of a big fleet's memory saved.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from core.facts import Reason, Unknown
from core.posture.model import Evidence, Outcome, Severity, Verdict
from core.text import Text
from core.text.message import Parameter

MAX_EVIDENCE_CHARACTERS = 240
MAX_LISTED = 6
KEPT = 8192  # answers of each kind; a hostile host can only push others out


def seen(where: str, value: object) -> Evidence:
    """One observed value and the place it was read from."""
    text = "yes" if value is True else "no" if value is False else str(value)
    if len(text) > MAX_EVIDENCE_CHARACTERS:
        text = text[: MAX_EVIDENCE_CHARACTERS - 1] + "…"
    return _evidence(where, text)


@lru_cache(KEPT)
def _evidence(where: str, text: str) -> Evidence:
    return Evidence(where, text)


def passed(check: str, *evidence: Evidence, **params: Parameter) -> Outcome:
    return _said(Verdict.PASS, check, "pass", evidence, None, params)


def _said(
    verdict: Verdict,
    check: str,
    case: str,
    evidence: tuple[Evidence, ...],
    severity: Severity | None,
    params: dict[str, Parameter],
) -> Outcome:
    if params:
        return Outcome(verdict, Text(f"finding.{check}.{case}", params), evidence, severity)
    return _plain(verdict, check, case, evidence, severity)


@lru_cache(KEPT)
def _plain(
    verdict: Verdict,
    check: str,
    case: str,
    evidence: tuple[Evidence, ...],
    severity: Severity | None,
) -> Outcome:
    return Outcome(verdict, Text(f"finding.{check}.{case}"), evidence, severity)


def warned(
    check: str,
    case: str,
    *evidence: Evidence,
    severity: Severity | None = None,
    **params: Parameter,
) -> Outcome:
    return _said(Verdict.WARN, check, case, evidence, severity, params)


def failed(
    check: str,
    case: str,
    *evidence: Evidence,
    severity: Severity | None = None,
    **params: Parameter,
) -> Outcome:
    """A failure. `severity` only for a case milder than the catalogue says."""
    return _said(Verdict.FAIL, check, case, evidence, severity, params)


def unknown(fact: Unknown, where: str, severity: Severity | None = None) -> Outcome:
    """The fact that would decide could not be read: say which and why. `severity` where even
    the worst case would be milder than the catalogue says."""
    return _unknown(fact.reason, fact.detail, where, severity)


@lru_cache(KEPT)
def _unknown(reason: Reason, detail: str, where: str, severity: Severity | None) -> Outcome:
    text = Text(f"finding.unknown.{reason.value}", {"where": where}, detail)
    return Outcome(Verdict.UNKNOWN, text, (seen(where, detail or reason.value),), severity)


@lru_cache(KEPT)
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
