"""A case's report: nothing is loaded, everything is escaped, drills and claims are marked."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from core.audit.record import Problem, Verification
from core.incidents.cases.model import (
    Case,
    CaseMachine,
    Grade,
    Moment,
    Person,
    Remark,
    Role,
    Source,
    Status,
)
from core.incidents.cases.story import EvidenceIndex, EvidenceItem, Story
from core.incidents.cases.timeline import Milestone
from core.incidents.model import Mode
from core.reports.case import case_page
from core.text import Text, load_catalogue

NOW = datetime(2026, 11, 22, 2, 0, 0, 123456, tzinfo=UTC)
HOSTILE = '<img src="file:///etc/hostname"><script>x</script>\u202e'
MACHINE = CaseMachine(
    host="hv1",
    uuid="u",
    name=HOSTILE,
    mode=Mode.FREEZE,
    since=NOW,
    held=True,
    ended_at=None,
    ended="",
    plans=("p",),
)
NOTE = Remark(7, NOW, HOSTILE, HOSTILE, HOSTILE, HOSTILE, altered=True)
CASE = Case(
    id="0190-case-abcd1234",
    title=HOSTILE,
    opened_at=NOW,
    opened_by=HOSTILE,
    status=Status.CONTAIN,
    grade=Grade.HIGH,
    drill=True,
    machines=(MACHINE,),
    linked=(NOTE,),
    hosts=("hv1",),
    people=(Person(HOSTILE, Role.LEAD, HOSTILE), Person("x", None, "")),
    notes=(NOTE,),
    communications=(NOTE,),
    lessons=(NOTE,),
    doubts=(Text("audit.doubt.altered", {"number": 7}),),
)
STORY = Story(
    case=CASE,
    moments=(
        Moment(NOW, "cut", Text("cases.moment.cut"), Source.JOURNAL, "kim", 12.3),
        Moment(NOW, "case-note", Text("cases.moment.case-note", {"text": HOSTILE}), Source.AUDIT),
        Moment(
            NOW, "gap", Text("cases.moment.gap-open", {"target": "a", "what": HOSTILE}), Source.HOST
        ),
    ),
    marks=(Milestone("cut", 12.3), Milestone("proved", 41.0)),
    plans=(),
    evidence=EvidenceIndex((EvidenceItem(HOSTILE, "memory", 5, "ab" * 32),), "cd" * 32, "key1"),
)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_everything_is_escaped_and_said(language: str) -> None:
    words = load_catalogue(language)
    found = case_page(STORY, words, NOW)
    assert "<img" not in found and "<script" not in found
    for never in ("src=", "href=", "url("):
        assert never not in found.replace("src=&quot;", "")
    assert "‹" not in found, "a code without words"
    assert words("cases.report.drill") in found
    assert "12 ms" in found and "2026-11-22 02:00:00.123 UTC" in found
    assert "ab" * 32 in found and "cd" * 32 in found
    assert words("cases.altered") in found


def test_a_drill_is_marked_in_title_and_table_and_a_case_is_not() -> None:
    words = load_catalogue("en")
    assert case_page(STORY, words, NOW).count("DRILL") >= 3
    real = structs.replace(STORY, case=structs.replace(CASE, drill=False))
    assert "DRILL" not in case_page(real, words, NOW)


def test_a_record_that_does_not_verify_is_said() -> None:
    words = load_catalogue("en")
    assert "was not verified" in case_page(STORY, words, NOW)
    good = structs.replace(STORY, chain=Verification(9, ()))
    assert "9 records" in case_page(good, words, NOW)
    bad = structs.replace(STORY, chain=Verification(9, (Problem(3, "edited"),)))
    page = case_page(bad, words, NOW)
    assert "did NOT verify" in page and "The record was edited" in page


def test_a_gap_is_named_and_its_absence_too() -> None:
    words = load_catalogue("en")
    assert "for how long is not known" in case_page(STORY, words, NOW)
    none = structs.replace(STORY, moments=())
    assert words("cases.report.no-gaps") in case_page(none, words, NOW)
