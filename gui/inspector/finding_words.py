"""A finding in words: its line, its details, and the text a copy of it holds."""

from collections.abc import Iterable, Mapping

from core.posture.model import CheckInfo, Finding, Severity, Verdict
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section
from gui.inspector.quantities import exact, moment

Checks = Mapping[str, CheckInfo]

_ORDER = (
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.UNKNOWN,
    Verdict.WAIVED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


_HOLDING = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def ordered(findings: Iterable[Finding], checks: Checks) -> list[Finding]:
    """Failures first, the worst and most useful on top."""

    def rank(finding: Finding) -> tuple[int, int, int, str]:
        info = checks.get(finding.check)
        useful = info.value if info else 0
        return _ORDER.index(finding.verdict), -finding.severity, -useful, finding.check

    return sorted(findings, key=rank)


def shape_of(finding: Finding) -> Severity | None:
    """The shape beside it; unknown has its own, whatever the check's severity."""
    return None if finding.verdict is Verdict.UNKNOWN else finding.severity


def title(finding: Finding, t: Catalogue) -> str:
    """What the check asks for: a claim that only a pass may stand behind."""
    return t(f"check.{finding.check}.title")


def holds(finding: Finding) -> bool:
    """Whether the check's claim is true, or has nothing to say here."""
    return finding.verdict in _HOLDING


def headline(finding: Finding, t: Catalogue) -> str:
    """What was found; a claim that does not hold is never the headline."""
    return title(finding, t) if holds(finding) else t.say(finding.message)


def summary(finding: Finding, t: Catalogue) -> str:
    """Check, severity and verdict in one quiet line; with the claim where it does not lead."""
    severity = t(f"severity.{finding.severity.name.lower()}")
    marks = f"{finding.check} · {severity} · {t(f'verdict.{finding.verdict.value}')}"
    return marks if holds(finding) else f"{title(finding, t)} · {marks}"


def details(finding: Finding, checks: Checks, t: Catalogue) -> tuple[Section, ...]:
    """What was seen, why it matters, how to fix it and when that works."""
    write = FactWriter(t)
    info = checks.get(finding.check)
    seen = tuple(Fact(item.where, item.value or "“”", mono=True) for item in finding.evidence)
    sections = [
        write.section("evidence", *seen, note=t.say(finding.message) if holds(finding) else ""),
        write.section("why", note=t(f"check.{finding.check}.why")),
        write.section("fix", *_when(info, write), note=t(f"check.{finding.check}.fix")),
    ]
    if finding.waiver is not None:
        sections.insert(0, _waiver(finding, write))
    sections.append(write.section("sources", *_sources(finding, info, write)))
    return tuple(sections)


def _when(info: CheckInfo | None, write: FactWriter) -> tuple[Fact, ...]:
    if info is None:
        return ()
    return (write("fix-time", write.t(f"fixtime.{info.live.value}")),)


def _waiver(finding: Finding, write: FactWriter) -> Section:
    waiver = finding.waiver
    if waiver is None:
        return write.section("waiver")
    until = moment(waiver.until) if waiver.until else write.t("panels.waiver.open-ended")
    return write.section(
        "waiver",
        write("waiver-reason", waiver.reason),
        write("waiver-by", waiver.by),
        write("waiver-until", until),
        write("waiver-target", waiver.target),
    )


def _sources(finding: Finding, info: CheckInfo | None, write: FactWriter) -> tuple[Fact, ...]:
    observed = finding.observed_at
    facts = [
        write("judged", moment(finding.judged_at), hover=exact(finding.judged_at)),
        write("observed", moment(observed), hover=exact(observed)) if observed else None,
    ]
    if info is not None:
        facts += [write("source", source) for source in info.sources]
        facts += [Fact(name, ", ".join(refs)) for name, refs in info.mappings.items()]
    return tuple(fact for fact in facts if fact is not None)


def as_text(finding: Finding, checks: Checks, t: Catalogue) -> str:
    """The whole finding as plain lines, with the command that explains it."""
    lines = [f"{finding.target}: {headline(finding, t)}", summary(finding, t)]
    for section in details(finding, checks, t):
        lines.append(f"\n{section.title}")
        lines += [section.note] if section.note else []
        lines += [f"  {fact.label}: {fact.value}" for fact in section.facts]
    return "\n".join((*lines, "", f"ringfence explain {finding.check}"))
