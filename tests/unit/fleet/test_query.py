"""The filter language: what it finds, what it refuses and where, what it proposes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.facts import Confinement, Reason, Unknown
from core.fleet.model import FleetView, LabelView, MachineView, Membership, Ownership
from core.fleet.query import FIELDS, QueryError, complete, parse_query
from core.fleet.query.grammar import parse_tree
from core.fleet.query.tree import All, Node, Not, Term, Word
from core.fleet.query.tree import Any as Either
from core.incidents.model import Containment, Mode, Quarantine
from core.posture.model import Score, Severity, Verdict
from core.posture.score import NO_SCORE
from core.settings.model import ZoneEntry
from tests.unit.fleet.machines import (
    NOW,
    UNREAD,
    disk,
    finding,
    machine,
    nic,
    row,
    view,
    vnc,
)

HELD = Quarantine(Containment.PARTIAL, Mode.STRICT, "c1", "anna", NOW, "test", (), NOW)
DMZ = Membership(ZoneEntry("dmz"), ("by",))


def matches(text: str, subject: MachineView) -> bool:
    return parse_query(text).matches(subject)


BAD = view(
    3,
    on="hv2",
    machine=machine(3, title="Ünïque Shop", consoles=(vnc("0.0.0.0", password_set=True),)),
    row=row(3, name="test-web"),
    zones=(DMZ,),
    tenant=Ownership("acme", ""),
    risk=Ownership("high", ""),
    findings=(
        finding("VM-SVIRT-001", severity=Severity.CRITICAL),
        finding("VM-OK-001", verdict=Verdict.PASS),
    ),
    score=Score(41, "D", {"critical": 1, "unknown": 2}, Severity.CRITICAL),
    trend=-4,
    quarantine=HELD,
    label=LabelView(Confinement.NO_DRIVER, None, ()),
    stale=True,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "web",
        "SHOP",
        "ünïque",
        '"ünïque shop"',
        "t*web",
        "name:web",
        "name=test-web",
        "name:test*",
        "host:hv2",
        "host:hv1,hv2",
        "host!=hv1",
        "host:HV?",
        "zone:dmz",
        "state:running",
        "score<60",
        "score<=41",
        "score=41",
        "score>40.5",
        "score!=40",
        "trend<0",
        "grade:d",
        "grade<c",
        "label:none",
        "console:open",
        "console:everywhere",
        "console:password",
        "console:vnc",
        "encrypted:no",
        "tenant:acme",
        "risk:high",
        "risk>=medium",
        "finding:vm-svirt-001",
        "finding:VM-SVIRT-*",
        "severity:critical",
        "severity>=high",
        "critical>0",
        "unknown=2",
        "findings=1",
        "quarantine:yes",
        "quarantine:any",
        "quarantine:partial",
        "stale:yes",
        "mac:52:54:00",
        "nic:clean",
        "network:dmz",
        "filter:clean-*",
        "uuid:0003",
        "memory>=2G",
        "memory<2.5GiB",
        "memory=2048M",
        "vcpus:2",
        "os:hvm",
        "demo:no",
        "autostart:no",
        "-host:hv1",
        "not host:hv1",
        "--web",
        "host:hv1 or web",
        "(host:hv1 or host:hv2) and score<60",
        "-(host:hv1 or state:off)",
        "zone:dmz score<60 label:none host:hv2 state:running console:open tenant:acme "
        "-name:prod* finding:VM-SVIRT-001",
    ],
)
def test_it_finds(text: str) -> None:
    assert matches(text, BAD)


@pytest.mark.parametrize(
    "text",
    [
        "prod",
        "host:hv",
        "zone:dm",
        "score<41",
        "label:enforced",
        "console:local",
        "finding:VM-OK-001",
        "finding:VM-SVIRT-00",
        "quarantine:no",
        "-web",
        "web -shop",
        "host:hv1 or score>50",
        "name:web*",
        "title:[ü]*",
    ],
)
def test_it_does_not_find(text: str) -> None:
    assert not matches(text, BAD)


def test_what_is_unknown_satisfies_no_comparison_and_can_be_asked_for() -> None:
    bare = view(machine=None, zones=UNREAD, score=NO_SCORE, label=LabelView(UNREAD, None, UNREAD))
    for text in ("score<60", "score>=0", "memory>0", "console:off", "encrypted:no", "zone:none"):
        assert not matches(text, bare), text
    for text in (
        "score:unknown",
        "memory=unknown",
        "console:unknown",
        "encrypted:unknown",
        "zone:unknown",
        "label:unknown",
        "network:unknown",
        "-score<60",
    ):
        assert matches(text, bare), text


def test_none_is_not_unknown() -> None:
    free = view(machine=machine(nics=(), disks=(), consoles=()))
    for text in ("zone:none", "tenant:none", "network:none", "encrypted:no-disks", "console:off"):
        assert matches(text, free), text
    assert not matches("zone:unknown", free)
    assert matches("encrypted:partly", view(machine=machine(disks=(disk(), _luks()))))
    assert matches("label:c1", view())
    assert matches('label:"c1,c501"', view())
    assert matches("label:svirt_t", view())
    assert matches(
        "encrypted:unknown",
        view(machine=machine(disks=(disk(encryption=Unknown(Reason.FAILED)), disk()))),
    )


def _luks() -> Any:
    from core.facts import EncryptionFormat

    return disk(encryption=EncryptionFormat.LUKS)


@pytest.mark.parametrize(
    ("text", "code", "position", "length"),
    [
        ("web zoen:dmz", "query-unknown-field", 4, 4),
        ("zone<3", "query-operator", 4, 1),
        ("web score<abc", "query-number", 4, 9),
        ("score<3G", "query-number", 0, 8),
        ("state:runing", "query-value-unknown", 0, 12),
        ("risk>=awful", "query-value-unknown", 0, 11),
        ("zone:", "query-value-missing", 0, 5),
        ("zone:a,", "query-value-missing", 0, 7),
        ('name:"abc', "query-quote-open", 5, 4),
        ("(web", "query-bracket-open", 0, 1),
        ("web )", "query-bracket-extra", 4, 1),
        ("()", "query-nothing-after", 0, 2),
        ("or web", "query-nothing-after", 0, 2),
        ("web or ", "query-nothing-after", 7, 0),
        ("web or or x", "query-nothing-after", 7, 2),
        ("- web", "query-nothing-after", 0, 1),
        ("web -", "query-nothing-after", 4, 1),
        ("not", "query-nothing-after", 0, 3),
        ("(" * 60 + "x" + ")" * 60, "query-too-deep", 41, 1),
        ("x" * 2001, "query-too-long", 2000, 1),
    ],
)
def test_a_mistake_is_pointed_at(text: str, code: str, position: int, length: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    error = caught.value
    assert (error.code, error.position, error.length) == (code, position, length)


letters = st.characters(codec="utf-8")
values = st.text(letters, min_size=1, max_size=8)
leaves: st.SearchStrategy[Node] = st.one_of(
    values.map(Word),
    st.builds(
        Term,
        st.sampled_from(["name", "zone", "host", "title"]),
        st.sampled_from([":", "=", "!="]),
        st.lists(values, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Term, st.just("score"), st.sampled_from(["<", ">="]), st.just(("60",))),
)


def _grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(All, several), st.builds(Either, several))


trees = st.recursive(leaves, _grown, max_leaves=6)


@settings(max_examples=60)
@given(trees)
def test_a_filter_written_anew_means_the_same(tree: Node) -> None:
    again = parse_tree(str(tree))
    assert again is not None
    assert str(parse_tree(str(again))) == str(again)
    for subject in (BAD, view(), view(machine=None)):
        assert matches(str(tree), subject) == matches(str(again), subject)


@settings(max_examples=60)
@given(trees)
def test_a_negation_matches_exactly_the_rest(tree: Node) -> None:
    for subject in (BAD, view(), view(machine=None)):
        assert matches(str(Not(tree)), subject) is not matches(str(tree), subject)


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            ["zone", "score", ":", "<", "or", "-", "(", ")", '"', "\\", ",", " ", "*", "x", "4G"]
        )
        | st.text(max_size=3),
        max_size=12,
    ).map("".join)
)
def test_whatever_is_typed_gives_a_filter_or_an_error_with_its_place(text: str) -> None:
    fleet = FleetView({}, {BAD.key: BAD}, (), NO_SCORE, (), demo=False)
    for cursor in (0, len(text) // 2, len(text)):
        for choice in complete(text, cursor, fleet):
            assert 0 <= choice.start <= choice.end <= len(text)
    try:
        query = parse_query(text)
    except QueryError as error:
        assert 0 <= error.position <= error.position + error.length <= len(text)
    else:
        query.matches(BAD)
        assert isinstance(str(query), str)


def completed(text: str, cursor: int | None = None) -> list[str]:
    declared = (ZoneEntry("dmz"), ZoneEntry("two words"), ZoneEntry("wild", proposed=True))
    fleet = FleetView({}, {BAD.key: BAD}, (), NO_SCORE, declared, demo=False)
    at = len(text) if cursor is None else cursor
    return [text[: each.start] + each.text + text[each.end :] for each in complete(text, at, fleet)]


def test_fields_are_completed() -> None:
    assert completed("web -zo") == ["web -zone:"]
    assert completed("sc") == ["score<"]
    assert completed("(con") == ["(console:"]
    assert len(completed("")) == len(FIELDS)


def test_values_are_completed_from_closed_lists_and_from_the_fleet() -> None:
    assert "state:running" in completed("state:ru")
    assert completed("console:o") == ["console:open", "console:off"]
    assert completed("zone:") == ["zone:dmz", 'zone:"two words"', "zone:none", "zone:unknown"]
    assert completed("zone:dmz,tw") == ['zone:dmz,"two words"']
    assert completed("tenant:a") == ["tenant:acme"]
    assert completed("finding:vm") == ["finding:VM-SVIRT-001"]
    assert completed("network:d x", 9) == ["network:dmz x"]
    assert completed("nonsense:x") == []


def test_what_completion_offers_is_a_filter() -> None:
    for text in completed(""):
        for whole in completed(text) or [text + "1"]:
            parse_query(whole)


def test_every_field_answers_for_every_row() -> None:
    bare = view(machine=None, zones=UNREAD, label=LabelView(UNREAD, None, UNREAD))
    for field in FIELDS.values():
        for subject in (BAD, view(), bare):
            if field.words is not None:
                assert all(word == word.casefold() for word in field.words(subject)), field.name
            if field.number is not None:
                field.number(subject)
    assert matches("vlan:none", view(machine=machine(nics=(nic(),))))
