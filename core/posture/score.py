"""A number and a grade out of findings, in which not knowing is never worth anything.

    weight of a finding   by its severity: info 1, low 2, medium 5, high 10, critical 20
    credit of a finding   PASS 1; WARN 0.6, 0.5, 0.25 or 0 by the zone's protection, low to very
                          high; WAIVED 0.5 (accepted, not repaired); FAIL 0; UNKNOWN 0
    share                 sum(weight x credit) / sum(weight), NOT_APPLICABLE left out of both sums
    value                 floor(100 x share^3), floor(64 x share^3) while a critical check fails
                          or is unknown; None when nothing at all could be judged. Cubed, because
                          most of many checks pass on any machine: what fails must be seen
    grade                 A from 90, B from 80, C from 65, D from 50, E from 35, else F; "?" when
                          more than half of the weight is unknown and no critical check fails

From this follows, and tests prove it: adding NOT_APPLICABLE changes nothing; turning any verdict
into UNKNOWN never raises the value, and never the grade.

Combined scores (a host with its machines, the fleet) are means weighted by protection: low 0.5,
normal 1, high 1.5, very high 2. A part of which nothing is known counts with 0, a part to which
nothing applies is left out, and while any part is held at D the whole is at most 79, a C.
"""

from collections import Counter
from collections.abc import Iterable

from core.posture.model import Finding, Score, Severity, Verdict
from core.settings.model import Protection

WEIGHTS = {
    Severity.INFO: 1,
    Severity.LOW: 2,
    Severity.MEDIUM: 5,
    Severity.HIGH: 10,
    Severity.CRITICAL: 20,
}
WARN_CREDIT = {
    Protection.LOW: 0.6,
    Protection.NORMAL: 0.5,
    Protection.HIGH: 0.25,
    Protection.VERY_HIGH: 0.0,
}
PROTECTION_WEIGHT = {
    Protection.LOW: 0.5,
    Protection.NORMAL: 1.0,
    Protection.HIGH: 1.5,
    Protection.VERY_HIGH: 2.0,
}
GRADES = (("A", 90), ("B", 80), ("C", 65), ("D", 50), ("E", 35), ("F", 0))
MOST_WITH_CRITICAL, MOST_OF_A_WHOLE = 64, 79
SHARPNESS = 3
NO_SCORE = Score(None, "?", {}, None)

_FAILING = frozenset({Verdict.FAIL, Verdict.WARN})
_LEFT_OUT = frozenset({Verdict.NOT_APPLICABLE})
_CAPPING = frozenset({Verdict.FAIL, Verdict.UNKNOWN})
_SIZES = {severity: severity.name.lower() for severity in Severity}
_Kind = tuple[Verdict, Severity, int]  # and how many findings of it there are


def score_of(findings: Iterable[Finding], protection: Protection = Protection.NORMAL) -> Score:
    """The score of one target from its findings."""
    tally = Counter((each.verdict, each.severity) for each in findings)
    applicable = [(*kind, n) for kind, n in tally.items() if kind[0] not in _LEFT_OUT]
    total = sum(WEIGHTS[severity] * n for _, severity, n in applicable)
    unknown = sum(WEIGHTS[s] * n for verdict, s, n in applicable if verdict is Verdict.UNKNOWN)
    earned = sum(_credit(v, protection) * WEIGHTS[s] * n for v, s, n in applicable)
    failing = [kind for kind in applicable if kind[0] in _FAILING]
    capped = any(v in _CAPPING and s is Severity.CRITICAL for v, s, _ in applicable)
    most = MOST_WITH_CRITICAL if capped else 100
    value = int(most * (earned / total) ** SHARPNESS) if total > unknown else None
    too_little = 2 * unknown > total and not _fails_critically(failing)
    return Score(
        value=value,
        grade="?" if value is None or too_little else _grade(value),
        counts=_counts(applicable, failing),
        worst=max((severity for _, severity, _ in failing), default=None),
        weight=PROTECTION_WEIGHT[protection],
        capped=capped,
    )


def combine(scores: Iterable[Score]) -> Score:
    """The score of a whole from those of its parts."""
    parts = [each for each in scores if each.value is not None or each.counts.get("unknown")]
    if not parts:
        return NO_SCORE
    weight = sum(each.weight for each in parts)
    known = any(each.value is not None for each in parts)
    capped = any(each.capped for each in parts)
    mean = int(sum((each.value or 0) * each.weight for each in parts) / weight)
    value = min(mean, MOST_OF_A_WHOLE) if capped else mean
    counts: Counter[str] = Counter()
    for each in parts:
        counts.update(each.counts)
    return Score(
        value=value if known else None,
        grade=_grade(value) if known else "?",
        counts=dict(counts),
        worst=max((each.worst for each in parts if each.worst is not None), default=None),
        weight=weight,
        capped=capped,
    )


def _credit(verdict: Verdict, protection: Protection) -> float:
    if verdict is Verdict.PASS:
        return 1.0
    if verdict is Verdict.WARN:
        return WARN_CREDIT[protection]
    return 0.5 if verdict is Verdict.WAIVED else 0.0


def _fails_critically(failing: list[_Kind]) -> bool:
    return any(v is Verdict.FAIL and s is Severity.CRITICAL for v, s, _ in failing)


def _counts(applicable: list[_Kind], failing: list[_Kind]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for _, severity, n in failing:
        counts[_SIZES[severity]] += n
    counts["unknown"] = sum(n for v, _, n in applicable if v is Verdict.UNKNOWN)
    counts["waived"] = sum(n for v, _, n in applicable if v is Verdict.WAIVED)
    return dict(counts)


def _grade(value: int) -> str:
    return next(grade for grade, least in GRADES if value >= least)
