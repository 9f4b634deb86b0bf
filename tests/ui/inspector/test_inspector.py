"""The inspector says everything it knows, says what it does not know, and shows text as text."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.fleet.model import MachineView, Ownership
from core.incidents.model import Containment
from core.posture.catalogue import load_catalogue as load_checks
from core.text import Catalogue
from gui.inspector.fact_list import FactList
from gui.inspector.facts import Tone
from gui.inspector.panel import InspectorPanel
from gui.inspector.value_label import ValueLabel
from gui.theme import Theme
from tests.ui.fleets import HOSTILE, changed, quarantine, view
from tests.ui.inspector.subjects import hostile_view, rich_host, rich_view


@pytest.fixture
def panel(qtbot: QtBot, t: Catalogue, theme: Theme) -> InspectorPanel:
    made = InspectorPanel(t, theme, None, load_checks())
    qtbot.addWidget(made)
    made.resize(420, 760)
    made.show()
    return made


def said(page: FactList) -> dict[str, str]:
    return {fact.label: fact.value for fact in page.facts()}


def test_the_overview_says_what_isolates_the_machine(panel: InspectorPanel) -> None:
    panel.show_machine(rich_view())
    facts = said(panel.page("overview"))
    assert facts["Confinement"] == "enforced"
    assert facts["Consoles"] == "on every address"
    assert facts["Encryption"] == "1 of 1 disks"
    assert facts["Secure Boot"] == "yes"
    assert facts["Zone"] == "dmz (high protection, public data)"


def test_a_claim_is_marked_as_one(panel: InspectorPanel) -> None:
    panel.show_machine(rich_view())
    tenant = next(f for f in panel.page("overview").facts() if f.label == "Tenant")
    assert tenant.value == "acme (claimed)"
    assert tenant.tone is Tone.CLAIMED


def test_unknown_is_written_with_its_reason(panel: InspectorPanel, t: Catalogue) -> None:
    panel.show_machine(rich_view())
    panel.choose_tab("console")
    password = next(f for f in panel.page("console").facts() if f.label == "Password")
    assert password.value == "unknown"
    assert password.hover == f"{t('unknown.not-permitted')}\nread-only connection"


def test_the_network_page_names_the_card_that_no_cut_reaches(panel: InspectorPanel) -> None:
    panel.show_machine(rich_view())
    panel.choose_tab("network")
    page = panel.page("network")
    assert page.headings() == ("52:54:00:00:00:01", "52:54:00:00:00:02")
    cuts = [fact.value for fact in page.facts() if fact.label == "Cut by link down"]
    assert cuts == ["can be cut by link down", "cannot be cut by link down"]


def test_no_fact_is_ever_empty(panel: InspectorPanel) -> None:
    panel.show_machine(rich_view())
    for tab in ("overview", "label", "network", "console", "storage"):
        panel.choose_tab(tab)
        assert all(fact.value and fact.label for fact in panel.page(tab).facts()), tab


def test_a_host_shows_as_whom_we_are_there(panel: InspectorPanel) -> None:
    panel.show_host(rich_host())
    facts = said(panel.page("overview"))
    assert facts["We are there as"] == "admin, by ssh key SHA256:uNiVztksCsDhcc0u9e8BrqQ"
    assert facts["Cost of a full read"] == "0.21 s for 5 machines"


def test_several_machines_are_counted_together(panel: InspectorPanel) -> None:
    panel.show_machines([rich_view(), view(5, "web-04")])
    assert panel.header.name.text() == "2 machines"
    assert said(panel.page("selection"))["Hosts"] == "hv1 (2)"


def test_a_broken_hold_says_what_is_open(panel: InspectorPanel) -> None:
    held = quarantine(Containment.PARTIAL, "0000:3b:00.1: hostdev")
    panel.show_machine(changed(rich_view(), quarantine=held))
    assert panel.header.band.isVisible()
    assert "0000:3b:00.1: hostdev" in panel.header.band.text()


def test_a_stale_machine_says_when_it_was_seen(panel: InspectorPanel) -> None:
    panel.show_machine(view(5, "web-04", stale=True))
    assert panel.header.warning.text().startswith("Stale: last seen 2026-11-22")


def test_refreshing_keeps_the_page_and_the_current_line(panel: InspectorPanel) -> None:
    panel.show_machine(rich_view())
    panel.choose_tab("storage")
    page = panel.page("storage")
    QTest.keyClick(page, Qt.Key.Key_Down)
    panel.show_machine(changed(rich_view(), risk=Ownership("low", "")))
    assert panel.current_tab() == "storage"
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().endswith("web-03-with-a-long-name.qcow2")


def test_a_hover_gives_the_whole_text_and_the_reason(panel: InspectorPanel, t: Catalogue) -> None:
    panel.show_machine(rich_view())
    panel.choose_tab("console")
    page = panel.page("console")
    said = [page.hover(QPoint(200, y)) for y in range(0, page.height(), 8)]
    assert any(t("unknown.not-permitted") in words for words in said)


def test_arrows_choose_a_fact_and_ctrl_c_copies_it(panel: InspectorPanel, qtbot: QtBot) -> None:
    panel.show_machine(rich_view())
    page = panel.page("overview")
    QTest.keyClick(page, Qt.Key.Key_Down)
    QTest.keyClick(page, Qt.Key.Key_Down)
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "on every address"


@pytest.mark.parametrize(
    "tab", ["overview", "findings", "label", "network", "console", "storage", "history"]
)
def test_hostile_text_stays_text(panel: InspectorPanel, tab: str) -> None:
    hostile: MachineView = hostile_view()
    panel.show_machine(hostile)
    panel.choose_tab(tab)
    for line in panel.findings.lines():
        line.setChecked(True)
    QApplication.processEvents()
    assert panel.header.name.text().startswith(HOSTILE)
    for widget in panel.findChildren(QWidget):
        assert "<img" not in widget.toolTip()
    painted = [label.shown() for label in panel.findChildren(ValueLabel)]
    for page in panel.findChildren(FactList):
        painted += page.shown()
        middles = range(0, page.height(), 12)
        assert not any("<img" in page.hover(QPoint(20, y)) for y in middles)
    assert not any("\u202e" in text or "\x1b" in text for text in painted)
    for words in panel.findChildren(QLabel):
        assert words.textFormat() is Qt.TextFormat.PlainText or "<" not in words.text()
