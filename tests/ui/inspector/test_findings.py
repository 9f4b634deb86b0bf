"""Findings: the worst first, each with its proof; nothing accepted or unknown is hidden."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.posture.catalogue import load_catalogue as load_checks
from core.text import Catalogue
from gui.inspector.fact_list import FactList
from gui.inspector.findings_page import FindingsPage
from gui.theme import Theme
from tests.ui.fleets import HOSTILE
from tests.ui.inspector.subjects import FINDINGS


@pytest.fixture
def page(qtbot: QtBot, t: Catalogue, theme: Theme) -> FindingsPage:
    made = FindingsPage(t, theme, load_checks())
    qtbot.addWidget(made)
    made.resize(420, 700)
    made.show()
    made.show_findings(FINDINGS)
    return made


def shown(page: FindingsPage) -> list[str]:
    return [line.finding.check for line in page.lines()]


def test_failures_come_first_and_the_worst_on_top(page: FindingsPage) -> None:
    assert shown(page) == [
        "VM-SVIRT-001",
        "VM-CON-001",
        "VM-NET-002",
        "VM-FW-001",
        "VM-DISK-003",
    ]


def test_a_filter_adds_what_passed(page: FindingsPage) -> None:
    assert page.filter_button("passed").text() == "Passed 2"
    page.filter_button("passed").click()
    page.filter_button("wrong").click()
    assert shown(page) == ["VM-FW-001", "VM-DISK-003", "VM-DISK-001", "VM-SVIRT-002"]


def test_a_claim_that_does_not_hold_is_no_headline(page: FindingsPage, t: Catalogue) -> None:
    page.filter_button("passed").click()
    first, below = page.lines()[0].words
    assert first == t.say(FINDINGS[1].message)
    assert below.startswith(t("check.VM-SVIRT-001.title"))
    assert below.endswith("VM-SVIRT-001 · critical · fail")
    right = next(one for one in page.lines() if one.finding.check == "VM-DISK-001")
    assert right.words[0] == t("check.VM-DISK-001.title")


def test_enter_unfolds_evidence_and_reason(page: FindingsPage, qtbot: QtBot, t: Catalogue) -> None:
    QTest.keyClick(page.lines()[0], Qt.Key.Key_Return)
    details = page.findChild(FactList)
    assert details is not None
    assert details.facts()[0].label == "/domain/seclabel"
    assert details.facts()[0].value == HOSTILE
    assert t("check.VM-SVIRT-001.why") in details.headings()
    assert t("check.VM-SVIRT-001.fix") in details.headings()


def test_arrows_walk_the_list(page: FindingsPage, qtbot: QtBot) -> None:
    first, second = page.lines()[:2]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    qtbot.waitUntil(second.hasFocus)


def test_a_waiver_says_who_and_why(page: FindingsPage, qtbot: QtBot) -> None:
    page.lines()[-1].setChecked(True)
    details = page.findChild(FactList)
    assert details is not None
    assert {"Replaced in March", "kim"} <= {fact.value for fact in details.facts()}


def test_a_copy_holds_the_whole_finding(page: FindingsPage, qtbot: QtBot) -> None:
    QTest.keyClick(page.lines()[0], Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("hv1/web-03: ")
    assert f"/domain/seclabel: {HOSTILE}" in copied
    assert copied.endswith("ringfence explain VM-SVIRT-001")


def test_the_same_findings_change_nothing(page: FindingsPage) -> None:
    before = page.lines()
    page.show_findings(tuple(reversed(FINDINGS)))
    assert page.lines() == before
