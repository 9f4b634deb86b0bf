"""Every column has words for every row: unknown is written, none is not zero, hostile is text."""

import pytest

from core.facts import (
    Confinement,
    Console,
    ConsoleKind,
    MachineState,
    Reason,
    Unknown,
)
from core.fleet.columns import COLUMNS, default_columns, size_text
from core.fleet.model import LabelView, MachineView, Membership, Ownership
from core.fleet.rows import finding_row, machine_row
from core.incidents.model import Containment, Mode, Quarantine
from core.posture.model import Score, Severity, Verdict
from core.posture.score import NO_SCORE
from core.settings.model import ZoneEntry
from core.text import LANGUAGES, load_catalogue
from tests.unit.fleet.machines import (
    NOW,
    UNREAD,
    finding,
    machine,
    row,
    selinux,
    view,
    vnc,
)

WORDS = load_catalogue("en")
BY_ID = {column.id: column for column in COLUMNS}
BARE = view(
    machine=None,
    zones=UNREAD,
    score=NO_SCORE,
    label=LabelView(UNREAD, None, UNREAD),
    row=row(1, autostart=UNREAD),
)
NASTY = '<img src=file:///etc/hostname>\u202e\n=cmd()"\x00'


def text(column: str, subject: MachineView) -> str:
    return BY_ID[column].text(subject, WORDS)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_says_something_in_both_languages(column: object, language: str) -> None:
    words = load_catalogue(language)
    held = Quarantine(Containment.PARTIAL, Mode.STRICT, "c", "a", NOW, "r", (), NOW)
    failed = finding(severity=Severity.CRITICAL)
    rich = view(quarantine=held, findings=(failed,), risk=Ownership("high", ""))
    for subject in (BARE, view(), rich, view(machine=machine(nics=(), consoles=(), disks=()))):
        found = next(each for each in COLUMNS if each is column)
        said = found.text(subject, words)
        assert said
        assert "‹" not in said.replace("‹finding.VM-A-1.bad›", "")
        found.value(subject)
    assert words.has(BY_ID[getattr(column, "id", "")].code)


@pytest.mark.parametrize(
    "column",
    (
        *("zones", "score", "grade", "worst", "findings", "label", "pair", "enforcing"),
        *("consoles", "encrypted", "vcpus", "memory", "network", "mac", "firmware"),
        *("autostart", "title"),
    ),
)
def test_what_is_not_known_says_so(column: str) -> None:
    assert text(column, BARE) == "unknown"


def test_the_six_states_of_a_label_never_look_alike() -> None:
    said = {
        state: text("label", view(label=LabelView(state, None, ("selinux",))))
        for state in Confinement
    }
    assert len(set(said.values())) == len(Confinement)
    enforced = text("label", view())
    permissive = LabelView(Confinement.PERMISSIVE, selinux(), ("selinux",))
    assert enforced == "svirt_t c1,c501"
    assert text("label", view(label=permissive)) == "svirt_t c1,c501 (permissive)"


def test_the_worst_finding_is_the_severest_that_fails() -> None:
    found = (
        finding("VM-A-1", verdict=Verdict.PASS, severity=Severity.CRITICAL),
        finding("VM-B-1", severity=Severity.LOW),
        finding("VM-C-1", verdict=Verdict.WARN, severity=Severity.HIGH),
    )
    assert BY_ID["worst"].value(view(findings=found)) == (-3.0, "VM-C-1")
    unjudged = view(score=Score(90, "A", {"unknown": 3}, None))
    assert text("worst", unjudged) == "nothing found, 3 checks unknown"


def test_unknown_sorts_last_and_alarming_first() -> None:
    rows = [BARE, view(1, score=Score(90, "A", {}, None)), view(2, score=Score(3, "F", {}, None))]
    rows.sort(key=BY_ID["score"].value)
    assert [each.score.value for each in rows] == [3, 90, None]
    reach = [view(machine=machine(consoles=(vnc(address),))) for address in ("127.0.0.1", "::")]
    assert min(reach, key=BY_ID["consoles"].value) is reach[1]
    off = view(row=row(state=MachineState.OFF))
    assert min([off, view()], key=BY_ID["state"].value) is not off


def test_a_claim_is_marked_as_one() -> None:
    assert text("tenant", view(tenant=Ownership("", "acme"))) == "acme (claimed)"
    assert text("tenant", view(tenant=Ownership("acme", "evil"))) == "acme"
    assert text("risk", view(risk=Ownership("", "high"))) == "high (claimed)"
    assert text("tenant", view()) == "none"


def test_consoles_say_how_far_each_reaches() -> None:
    spice = Console(ConsoleKind.SPICE, ("127.0.0.1",), 5901)
    subject = view(machine=machine(consoles=(vnc("0.0.0.0"), spice)))
    assert text("consoles", subject) == "VNC on every address, SPICE local"


def test_what_a_guest_calls_itself_is_shown_as_it_is() -> None:
    subject = view(
        row=row(name=NASTY),
        machine=machine(title=NASTY),
        zones=(Membership(ZoneEntry(NASTY), ()),),
        tenant=Ownership("", NASTY),
    )
    for column in ("name", "title", "zones"):
        assert text(column, subject) == NASTY


def test_sizes_are_short() -> None:
    sizes = {512: "512 B", 2**20: "1 MiB", 3 * 2**29: "1.5 GiB", 2**50: "1024 TiB"}
    assert {size: size_text(size) for size in sizes} == sizes


def test_the_default_columns_are_the_issue_s() -> None:
    assert {column.id for column in default_columns()} >= {
        *("state", "name", "host", "zones", "score", "worst", "label", "consoles"),
        *("encrypted", "tenant", "risk", "quarantine"),
    }


def test_a_row_of_json_has_every_key_and_no_unknown_is_a_default() -> None:
    full, bare = machine_row(view()), machine_row(BARE)
    assert full.keys() == bare.keys()
    assert full["label"] == {
        "model": "selinux",
        "text": "system_u:system_r:svirt_t:s0:c1,c501",
        "type": "svirt_t",
        "categories": ["c1", "c501"],
        "enforcing": True,
        "kind": "enforced",
        "live": True,
    }
    assert full["findings"] == {"critical": 0, "high": 0, "medium": 0, "low": 0, "unknown": 0}
    assert full["quarantine"] is None
    for key in ("zones", "consoles", "autostart"):
        assert bare[key] == {"unknown": "not-read"}


def test_a_held_machine_s_row_says_what_was_observed() -> None:
    held = Quarantine(Containment.PARTIAL, Mode.STRICT, "c1", "anna", NOW, "r", ("x: live",), NOW)
    said = machine_row(view(quarantine=held))["quarantine"]
    assert isinstance(said, dict)
    assert said["state"] == "partial"
    assert said["missing"] == ["x: live"]
    assert said["observed_at"] == "2026-11-22T02:00:00.000+00:00"


def test_a_label_nobody_could_read_is_not_unenforced() -> None:
    refused = Unknown(Reason.NOT_PERMITTED)
    said = machine_row(view(label=LabelView(refused, None, ("selinux",))))["label"]
    assert isinstance(said, dict)
    assert (said["kind"], said["enforcing"]) == ("unknown", {"unknown": "not-permitted"})


def test_a_finding_s_row_carries_its_evidence() -> None:
    said = finding_row(finding(), WORDS)
    assert said["severity"] == "high"
    assert said["evidence"] == []
    assert said["waiver"] is None
