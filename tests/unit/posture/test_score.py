"""Not knowing is never worth anything, and what does not apply changes nothing."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.posture.model import Finding, Score, Severity, Verdict
from core.posture.score import NO_SCORE, combine, score_of
from core.settings.model import Protection
from core.text import Text
from tests.unit.posture.build import NOW

GRADES = "FEDCBA"


def finding(verdict: Verdict, severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding("X-Y-001", "hv1/a", "u", "hv1", verdict, severity, Text("x"), (), NOW)


FINDINGS = st.lists(
    st.builds(finding, st.sampled_from(list(Verdict)), st.sampled_from(list(Severity))),
    max_size=30,
)
PROTECTIONS = st.sampled_from(list(Protection))


def worth(score: Score) -> tuple[int, int]:
    """Value and grade for comparing; no value and "?" are worth the least."""
    return (-1 if score.value is None else score.value, GRADES.find(score.grade))


@given(FINDINGS, FINDINGS, PROTECTIONS)
def test_not_applicable_changes_nothing(
    before: list[Finding], more: list[Finding], protection: Protection
) -> None:
    absent = [replace(each, verdict=Verdict.NOT_APPLICABLE) for each in more]
    assert score_of([*before, *absent], protection) == score_of(before, protection)


@given(FINDINGS, st.integers(0, 29), PROTECTIONS)
def test_not_knowing_never_raises(
    findings: list[Finding], index: int, protection: Protection
) -> None:
    applicable = [each for each in findings if each.verdict is not Verdict.NOT_APPLICABLE]
    if not applicable:
        return
    at = index % len(applicable)
    blind = [*applicable]
    blind[at] = replace(blind[at], verdict=Verdict.UNKNOWN)
    known, unknown = score_of(applicable, protection), score_of(blind, protection)
    assert (unknown.value or 0) <= (known.value or 0)
    assert worth(unknown)[1] <= max(worth(known)[1], 0)


@given(FINDINGS, st.integers(0, 29), PROTECTIONS)
def test_a_pass_is_never_worse(findings: list[Finding], index: int, protection: Protection) -> None:
    applicable = [each for each in findings if each.verdict is not Verdict.NOT_APPLICABLE]
    if not applicable:
        return
    at = index % len(applicable)
    better = [*applicable]
    better[at] = replace(better[at], verdict=Verdict.PASS)
    assert (score_of(better, protection).value or 0) >= (
        score_of(applicable, protection).value or 0
    )


@given(st.lists(st.tuples(FINDINGS, PROTECTIONS), max_size=6), st.integers(0, 5))
def test_a_part_that_goes_dark_never_raises_the_whole(
    parts: list[tuple[list[Finding], Protection]], index: int
) -> None:
    scores = [score_of(findings, protection) for findings, protection in parts]
    if not scores:
        return
    findings, protection = parts[index % len(parts)]
    dark = [
        each if each.verdict is Verdict.NOT_APPLICABLE else replace(each, verdict=Verdict.UNKNOWN)
        for each in findings
    ]
    darkened = [*scores]
    darkened[index % len(parts)] = score_of(dark, protection)
    assert (combine(darkened).value or 0) <= (combine(scores).value or 0)


def test_all_good_is_a_hundred() -> None:
    score = score_of([finding(Verdict.PASS), finding(Verdict.NOT_APPLICABLE)])
    assert (score.value, score.grade, score.worst) == (100, "A", None)


def test_a_critical_failure_holds_the_grade() -> None:
    many = [finding(Verdict.PASS, Severity.CRITICAL) for _ in range(20)]
    failing = score_of([*many, finding(Verdict.FAIL, Severity.CRITICAL)])
    assert (failing.value, failing.grade) == (55, "D")
    assert failing.worst is Severity.CRITICAL
    whole = combine([failing, *[score_of(many)] * 9])
    assert (whole.value, whole.grade) == (79, "C")


def test_an_unknown_critical_holds_it_as_well() -> None:
    many = [finding(Verdict.PASS, Severity.CRITICAL) for _ in range(20)]
    assert score_of([*many, finding(Verdict.UNKNOWN, Severity.CRITICAL)]).grade == "D"


def test_mostly_unknown_has_no_grade() -> None:
    score = score_of([finding(Verdict.PASS), *[finding(Verdict.UNKNOWN)] * 3])
    assert score.grade == "?"
    assert score.value == 1
    assert score.counts["unknown"] == 3


def test_a_known_critical_failure_is_said_even_when_little_else_is_known() -> None:
    score = score_of([finding(Verdict.FAIL, Severity.CRITICAL), *[finding(Verdict.UNKNOWN)] * 30])
    assert score.grade == "F"


def test_nothing_is_not_zero() -> None:
    assert score_of([]).value is None
    assert score_of([]).grade == "?"
    assert combine([]) == NO_SCORE


def test_waived_counts_half() -> None:
    waived = score_of([finding(Verdict.WAIVED), finding(Verdict.PASS)])
    assert waived.value == 42  # three quarters, cubed
    assert waived.counts["waived"] == 1


def test_a_warning_weighs_more_where_protection_is_high() -> None:
    warning = [finding(Verdict.WARN), finding(Verdict.PASS)]
    values = [score_of(warning, protection).value for protection in Protection]
    assert values == [51, 42, 24, 12]


def test_a_whole_weighs_its_parts_by_protection() -> None:
    good = score_of([finding(Verdict.PASS)], Protection.LOW)
    bad = score_of([finding(Verdict.FAIL)], Protection.VERY_HIGH)
    whole = combine([good, bad])
    assert whole.value == 20
    assert whole.counts["medium"] == 1
    assert combine([whole, good]).weight == good.weight + bad.weight + good.weight
