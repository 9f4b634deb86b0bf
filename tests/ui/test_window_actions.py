"""Stories of actions: keys that say why not, menus, palette, copying."""

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QMenu,
)
from pytestqt.qtbot import QtBot

from core.text import Catalogue
from gui.actions import ACTIONS, WIDGET_KEYS
from gui.things import gather
from gui.window import MainWindow
from tests.ui.desk import CTRL, SHIFT, Key_, key_of, press, said
from tests.ui.fleets import HOSTILE, fleet, view
from tests.ui.hand_station import HandStation
from tests.ui.test_plain import shown_by_qt


def test_a_key_that_cannot_act_says_why(window: MainWindow, t: Catalogue, qtbot: QtBot) -> None:
    window.table.select([])
    press(window, Key_.Key_Q, CTRL | SHIFT)
    assert said(window) == t("window.why.no-machine")


def test_a_contained_machine_can_be_given_another_mode(window: MainWindow, qtbot: QtBot) -> None:
    window.table.select([key_of(window, "web-03")])
    press(window, Key_.Key_Q, CTRL | SHIFT)
    qtbot.waitUntil(window.panels.quarantine.isVisible)
    assert [one.view.name for one in window.panels.quarantine.attempts()] == ["web-03"]
    window.panels.quarantine.shut()


def test_a_read_only_host_disables_with_its_reason(
    window: MainWindow, station: HandStation, t: Catalogue
) -> None:
    station.hand.put(fleet([view(1, "web-01", read_only=True)]))
    window.table.select([key_of(window, "web-01")])
    window.board.refresh()
    entry = window.board.entries["quarantine"]
    assert not entry.isEnabled()
    assert t("window.why.read-only", host="hv1") in shown_by_qt(entry.toolTip())
    assert not window.cut.isEnabled()


def test_the_quarantine_key_opens_the_panel_beside_the_table(
    window: MainWindow, qtbot: QtBot
) -> None:
    keys = [key_of(window, "web-01"), key_of(window, "web-02"), key_of(window, "web-03")]
    window.table.select(keys)
    press(window, Key_.Key_Q, CTRL | SHIFT)
    qtbot.waitUntil(window.panels.quarantine.isVisible)
    names = [attempt.view.name for attempt in window.panels.quarantine.attempts()]
    assert names == ["web-01", "web-02"]
    assert window.table.isVisible()
    assert not window.inspector().isVisible()
    press(window.panels.quarantine, Key_.Key_Escape)
    qtbot.waitUntil(lambda: not window.parts.side.isVisible())
    assert window.inspector().isVisible()


def test_refresh_asks_the_hosts_of_the_selection(window: MainWindow, station: HandStation) -> None:
    window.table.select([key_of(window, "web-01"), key_of(window, "db-01")])
    press(window, Key_.Key_F5)
    assert {name for name, _ in station.asked} == {"hv1", "hv2"}
    station.asked.clear()
    window.table.select([])
    press(window, Key_.Key_F5)
    assert station.asked == [("hv1", ()), ("hv2", ()), ("hv3", ())]


def test_every_action_has_words_and_an_icon_that_exists(window: MainWindow, t: Catalogue) -> None:
    for action in ACTIONS:
        assert t.has(action.code), action.code
        if action.icon:
            assert not window.theme.pixmap(action.icon).isNull()
    assert all(t.has(code) for _, code in WIDGET_KEYS)


def test_no_key_is_given_twice() -> None:
    keys = [action.key for action in ACTIONS if action.key]
    assert len(keys) == len(set(keys))


def test_the_table_of_keys_is_complete(window: MainWindow, t: Catalogue, qtbot: QtBot) -> None:
    window.trigger("keys")
    assert window.keys.isVisible()
    shown = {words for _, _, words in window.keys.rows()}
    assert {t(action.code) for action in ACTIONS if action.key} <= shown
    press(window.keys, Key_.Key_Escape)
    assert not window.keys.isVisible()


def test_context_menus_mirror_the_menu_bar(window: MainWindow) -> None:
    window.table.select([key_of(window, "web-01")])
    window.table.menu_wanted.emit(QPoint(10, 10))
    menu = window.findChild(QMenu, "context")
    assert menu is not None
    entries = [entry for entry in menu.actions() if not entry.isSeparator()]
    assert all(window.board.entries[entry.objectName()] is entry for entry in entries)
    menu.close()


def test_the_palette_goes_to_a_machine(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Key_.Key_K, CTRL)
    palette = window.palette_panel
    qtbot.waitUntil(palette.line.hasFocus)
    QTest.keyClicks(palette.line, "db-01")
    press(palette.line, Key_.Key_Return)
    assert not palette.isVisible()
    assert [one.name for one in window.situation().machines] == ["db-01"]


def test_the_palette_finds_everything(window: MainWindow) -> None:
    titles = [thing.title for thing in gather(window)]
    for wanted in ("hv3", "vault", HOSTILE, "web-01"):
        assert wanted in titles
    assert any("VM-SVIRT-001" in title for title in titles)
    assert len(titles) >= len(ACTIONS) - 1 + 10 + 3 + 3


def test_the_palette_says_why_not(window: MainWindow, t: Catalogue, qtbot: QtBot) -> None:
    window.table.select([])
    window.open_palette()
    QTest.keyClicks(window.palette_panel.line, "Release from")
    press(window.palette_panel.line, Key_.Key_Return)
    assert said(window) == t("window.why.no-machine")
    assert window.palette_panel.isVisible()


def test_a_row_is_copied_in_every_form(window: MainWindow) -> None:
    clipboard = QGuiApplication.clipboard()
    window.table.select([key_of(window, "web-01")])
    window.trigger("copy-rows")
    assert "web-01" in clipboard.text() and "\t" in clipboard.text()
    window.trigger("copy-csv")
    assert clipboard.text().count("\n") == 2
    window.trigger("copy-json")
    assert '"machines"' in clipboard.text()
    window.trigger("copy-markdown")
    assert clipboard.text().startswith("| ")
    window.trigger("copy-command")
    assert clipboard.text() == "ringfence machine hv1/web-01"


def test_a_hostile_name_is_quoted_in_a_command(window: MainWindow) -> None:
    window.table.select([key_of(window, HOSTILE)])
    window.trigger("copy-command")
    assert QGuiApplication.clipboard().text() == f"ringfence machine 'hv2/{HOSTILE}'"


def test_a_cell_is_copied_alone(window: MainWindow) -> None:
    window.table.select([key_of(window, "web-01")])
    row = window.table.currentIndex().row()
    window.table.setCurrentIndex(window.model.index(row, window.model.column_of("zones")))
    press(window.table, Key_.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "dmz"


def test_copy_keys_belong_to_the_table_only(window: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("before")
    window.table.select([key_of(window, "web-01")])
    window.inspector().setFocus()
    press(window, Key_.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "before"


def test_a_panel_that_is_open_stays_when_the_window_warms_up(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.table.select([key_of(window, "web-01")])
    press(window, Key_.Key_Q, CTRL | SHIFT)
    panel = window.panels.quarantine
    qtbot.waitUntil(panel.isVisible)
    window.warm_panels()
    qtbot.waitUntil(lambda: not window.panels.work.busy)
    assert panel.isVisible()
    assert window.panels.quarantine is panel
    panel.shut()
