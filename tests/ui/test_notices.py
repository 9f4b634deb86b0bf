"""What the tray says, and how it keeps hostile names from being read as markup."""

import pytest

from core.fleet.model import FleetChanges, FleetView, MachineView
from core.posture.model import Severity
from core.text import Catalogue, Text
from gui.notices import Notice, complaints, notices
from gui.tray import worded
from tests.ui.fleets import HOSTILE, changed, finding, fleet, host, quarantine, view

TARGET = "hv1/web-01"
LOW = finding("VM-NET-002", Severity.LOW, TARGET)
HIGH = finding("VM-CON-001", Severity.HIGH, TARGET)
CRITICAL = finding("VM-SVIRT-001", Severity.CRITICAL, TARGET)


def told(before: MachineView, after: MachineView) -> list[Notice]:
    changes = FleetChanges(
        hosts=frozenset(),
        changed=frozenset({after.key}),
        added=frozenset(),
        removed=frozenset(),
        fleet=False,
    )
    return list(notices(fleet([before]), fleet([after]), changes))


def test_a_serious_finding_that_appears_is_news() -> None:
    before = view(1, "web-01", findings=[LOW])
    found = told(before, changed(before, findings=(LOW, HIGH)))
    assert found == [Notice(TARGET, HIGH.message)]


def test_several_at_once_are_one_notice() -> None:
    before = view(1, "web-01", findings=[LOW])
    found = told(before, changed(before, findings=(HIGH, CRITICAL)))
    assert found == [Notice(TARGET, Text("window.notice.findings", {"count": 2}))]


@pytest.mark.parametrize("findings", [(), (LOW,), (HIGH,)])
def test_what_was_there_or_is_mild_is_no_news(findings: tuple[object, ...]) -> None:
    before = view(1, "web-01", findings=[HIGH, LOW])
    assert told(before, changed(before, findings=findings)) == []


def test_the_first_reading_of_a_machine_is_no_news() -> None:
    before = changed(view(1, "web-01"), machine=None, findings=())
    assert told(before, view(1, "web-01", findings=[CRITICAL])) == []


def test_leaving_quarantine_is_news() -> None:
    before = view(1, "web-01", held=quarantine())
    found = told(before, changed(before, quarantine=None))
    assert found == [Notice(TARGET, Text("window.notice.left-quarantine"))]


def test_hostile_text_stays_in_the_title(t: Catalogue) -> None:
    message = Text("window.notice.left-quarantine", {"name": HOSTILE})
    title, body = worded(Notice(f"hv1/{HOSTILE}", message), t)
    assert title == f"hv1/{HOSTILE}"
    assert "<" not in body


def test_a_long_name_does_not_fill_the_screen(t: Catalogue) -> None:
    title, _ = worded(Notice("x" * 9000, Text("window.notice.left-quarantine")), t)
    assert len(title) <= 120


def test_a_host_complains_once_for_each_failure() -> None:
    good, bad = host("hv1", 0), host("hv1", 0, state="stale")

    def at(one: object) -> FleetView:
        assert one in (good, bad)
        return fleet([], [good if one is good else bad])

    changes = FleetChanges(frozenset({"hv1"}), frozenset(), frozenset(), frozenset(), False)
    heard = list(complaints(at(good), at(bad), changes))
    assert [(name, text.code) for name, text in heard] == [("hv1", "error.host-timeout.cause")]
    assert list(complaints(at(bad), at(bad), changes)) == []
    assert list(complaints(at(bad), at(good), changes)) == []
