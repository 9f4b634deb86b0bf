"""Stories of an admin at the main window, over a fleet made by hand."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.fleet.model import FleetView, HostView, Key
from core.settings.fleet_editor import FleetEditor
from core.settings.model import HostEntry
from core.settings.preferences import Preferences
from core.text import Catalogue
from gui.actions import ACTIONS, BY_ID, WIDGET_KEYS
from gui.application import build_window
from gui.operations.going import go_to, group_by
from gui.things import gather
from gui.window import MainWindow
from tests.ui.fleets import HOSTILE, changed, fleet, host, odd_fleet, quarantine, view
from tests.ui.hand_station import HandStation, Silent
from tests.ui.test_plain import shown_by_qt

Key_ = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def station(tmp_path: Path, t: Catalogue) -> Iterator[HandStation]:
    made = HandStation(tmp_path, t, odd_fleet())
    yield made
    made.history.close()
    made.journal.close()


@pytest.fixture
def window(qtbot: QtBot, station: HandStation, t: Catalogue, loop: object) -> Iterator[MainWindow]:
    made = build_window(station, Silent(), t, Preferences(theme="light", group=""))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.let_go()


def key_of(window: MainWindow, name: str) -> Key:
    return next(key for key, one in window.fleet_view.machines.items() if one.name == name)


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    if modifier is None:
        QTest.keyClick(widget, key)
    else:
        QTest.keyClick(widget, key, modifier)


def said(window: MainWindow) -> str:
    return window.status.currentMessage()


# --- finding one's way ---------------------------------------------------------------------------


def test_typing_in_the_filter_narrows_the_table(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Key_.Key_F, CTRL)
    qtbot.waitUntil(window.filter_bar.line.hasFocus)
    QTest.keyClicks(window.filter_bar.line, "zone:dmz score<70")
    assert [one.name for one in window.model.shown()] == ["web-01", "web-03"]
    press(window.filter_bar.line, Key_.Key_Escape)
    press(window.filter_bar.line, Key_.Key_Escape)
    assert window.filter_bar.text() == ""
    assert len(window.model.shown()) == 10


def test_a_mistake_is_shown_in_place_and_changes_nothing(window: MainWindow, t: Catalogue) -> None:
    window.filter_bar.set_text("zone:dmz")
    window.filter_bar.set_text('zone:dmz name:"open')
    assert window.filter_bar.problem.isVisible()
    assert len(window.model.shown()) == 3
    window.filter_bar.set_text("zone:dmz")
    assert not window.filter_bar.problem.isVisible()


def test_completion_offers_and_takes_values(window: MainWindow, qtbot: QtBot) -> None:
    line = window.filter_bar.line
    line.setFocus()
    QTest.keyClicks(line, "zone:d")
    qtbot.waitUntil(window.filter_bar.popup.isVisible)
    press(line, Key_.Key_Tab)
    assert window.filter_bar.text() == "zone:dmz"


def test_no_match_teaches_how_to_widen(window: MainWindow, t: Catalogue) -> None:
    window.filter_bar.set_text("name:nothing-is-called-so")
    assert window.parts.rows.currentWidget() is window.empty
    assert "nothing-is-called-so" in window.empty.words.text()
    button = window.empty.findChild(QPushButton, "empty-clear-filter")
    assert button is not None
    button.click()
    assert window.parts.rows.currentWidget() is window.table


def test_no_hosts_offers_the_demo(window: MainWindow, station: HandStation, qtbot: QtBot) -> None:
    station.hand.put(fleet([], []))
    station.hand.put(FleetView({}, {}, (), window.fleet_view.score, (), demo=False))
    first = window.panels.first_run
    qtbot.waitUntil(lambda: window.parts.rows.currentWidget() is first)
    with qtbot.waitSignal(window.demo_wanted):
        first.demo.click()


def test_the_sidebar_narrows_through_the_filter_box(window: MainWindow) -> None:
    go_to(window, "host", "hv2")
    assert window.filter_bar.text() == "host:hv2"
    assert {one.host for one in window.model.shown()} == {"hv2"}
    assert window.situation().host is window.fleet_view.hosts["hv2"]
    go_to(window, "all", "")
    assert len(window.model.shown()) == 10


# --- the selection stays -------------------------------------------------------------------------


def test_the_selection_survives_sort_filter_and_update(
    window: MainWindow, station: HandStation
) -> None:
    keys = [key_of(window, "web-01"), key_of(window, "db-01")]
    window.table.select(keys)
    window.model.arrangement.sort = "score"
    window.model.arrange()
    assert set(window.table.selected_keys()) == set(keys)
    window.filter_bar.set_text("score>10")
    assert set(window.table.selected_keys()) == set(keys)
    marked = {index.row() for index in window.table.selectionModel().selectedRows()}
    assert marked == {window.model.row_of(key) for key in keys}
    machines = dict(window.fleet_view.machines)
    machines[keys[0]] = changed(machines[keys[0]], stale=True)
    del machines[key_of(window, "build-07")]
    station.hand.put(fleet(list(machines.values())))
    assert set(window.table.selected_keys()) == set(keys)
    assert all(one is machines[one.key] for one in window.table.selected_views())


def test_rows_do_not_move_under_a_moving_pointer(
    window: MainWindow, station: HandStation, qtbot: QtBot
) -> None:
    window.model.arrangement.sort = "score"
    window.model.arrange()
    before = [one.name for one in window.model.shown()]
    viewport = window.table.viewport()
    QTest.mouseMove(viewport, QPoint(40, 10))
    QTest.mouseMove(viewport, QPoint(60, 40))
    qtbot.waitUntil(lambda: window.model.hold)
    machines = dict(window.fleet_view.machines)
    key = key_of(window, "web-02")
    from tests.ui.fleets import score

    machines[key] = changed(machines[key], score=score(0))
    station.hand.put(fleet(list(machines.values())))
    assert [one.name for one in window.model.shown()] == before
    qtbot.waitUntil(lambda: window.model.shown()[0].name == "web-02")


def test_arrows_go_from_row_to_row_and_cell_to_cell(window: MainWindow) -> None:
    window.table.setFocus()
    window.table.select([window.model.shown()[0].key])
    press(window.table, Key_.Key_Down)
    assert window.situation().machines[0] is window.model.shown()[1]
    column = window.table.currentIndex().column()
    press(window.table, Key_.Key_Right)
    assert window.table.currentIndex().column() != column
    assert window.situation().machines[0] is window.model.shown()[1]


def test_groups_fold_by_key_and_show_their_host(window: MainWindow) -> None:
    window.trigger("group-host")
    window.table.setFocus()
    window.table.setCurrentIndex(window.model.index(0, 0))
    assert window.situation().host is window.fleet_view.hosts["hv1"]
    count = window.model.rowCount()
    press(window.table, Key_.Key_Left)
    assert window.model.rowCount() == count - 5
    press(window.table, Key_.Key_Right)
    assert window.model.rowCount() == count


# --- actions -------------------------------------------------------------------------------------


def test_a_key_that_cannot_act_says_why(window: MainWindow, t: Catalogue, qtbot: QtBot) -> None:
    window.table.select([])
    press(window, Key_.Key_Q, CTRL | SHIFT)
    assert said(window) == t("window.why.no-machine")
    window.table.select([key_of(window, "web-03")])
    press(window, Key_.Key_Q, CTRL | SHIFT)
    assert said(window) == t("window.why.all-held", count=1)


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


# --- the palette ---------------------------------------------------------------------------------


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


# --- copying -------------------------------------------------------------------------------------


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


# --- saved views, hosts, preferences -------------------------------------------------------------


def test_a_view_is_saved_opened_and_deleted(window: MainWindow, station: HandStation) -> None:
    from gui.operations.fleet import keep_view

    window.filter_bar.set_text("score<60")
    group_by(window, "zone")
    keep_view(window, " Needs work ")
    assert [one.name for one in window.views()] == ["Needs work"]
    window.filter_bar.set_text("")
    group_by(window, "")
    go_to(window, "view", "Needs work")
    assert window.filter_bar.text() == "score<60"
    assert window.model.arrangement.group == "zone"
    window.sidebar.select_entry("view", "Needs work")
    window.trigger("delete-view")
    assert window.views() == ()


def test_a_host_is_removed_by_name_after_one_question(
    window: MainWindow, station: HandStation, qtbot: QtBot
) -> None:
    editor = FleetEditor(station.places.fleet_file)
    editor.add(HostEntry("hv2", "qemu+ssh://admin@hv2/system"))
    station.settings = editor.save()
    go_to(window, "host", "hv2")
    window.trigger("remove-host")
    box = window.findChild(QMessageBox, "remove-host")
    assert box is not None
    button = next(one for one in box.buttons() if "hv2" in one.text())
    button.click()
    assert station.settings.hosts == ()


def test_columns_sort_and_filter_are_remembered(window: MainWindow, qtbot: QtBot) -> None:
    window.table_header.choose(("name", "score", "mac"), {"name": 240})
    window.model.arrangement.sort = "score"
    window.filter_bar.set_text("zone:dmz")
    window.remember()
    kept = window.preferences
    assert kept.columns == ("name", "score", "mac")
    assert kept.column_widths["name"] == 240
    assert (kept.sort, kept.filter) == ("score", "zone:dmz")


def test_a_tick_is_remembered(window: MainWindow) -> None:
    entry = window.board.entries["notify"]
    assert entry.isChecked()
    entry.trigger()
    assert not window.preferences.notify
    assert not entry.isChecked()


def test_f6_carries_the_keys_round(window: MainWindow) -> None:
    window.filter_bar.focus()
    seen: list[QWidget] = []
    for _ in range(4):
        press(window, Key_.Key_F6)
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused)
    assert len(set(seen)) == 4
    assert seen[-1] is window.filter_bar.line


def test_a_column_is_hidden_and_shown_by_its_menu(window: MainWindow) -> None:
    window.trigger("columns")
    menu = window.table_header.findChild(QMenu, "column-chooser")
    assert menu is not None
    entry = next(one for one in menu.actions() if one.text() == "Tenant")
    entry.toggle()
    assert "tenant" not in window.table_header.chosen()
    menu.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_it_opens_in_both_themes_and_languages(
    station: HandStation, qtbot: QtBot, loop: object, theme: str, language: str
) -> None:
    from core.text import load_catalogue

    liked = msgspec.structs.replace(Preferences(), theme=theme)
    made = build_window(station, Silent(), load_catalogue(language), liked)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    for label in made.findChildren(QLabel):
        assert "‹" not in label.text(), label.text()
    for entry in made.board.entries.values():
        assert "‹" not in entry.text(), entry.text()
    made.let_go()


# --- hostile text --------------------------------------------------------------------------------


def test_no_label_may_interpret_text(window: MainWindow, qtbot: QtBot) -> None:
    window.table.select([key_of(window, HOSTILE)])
    window.trigger("keys")
    window.show_tasks(True)
    window.trigger("quarantine")
    for label in window.findChildren(QLabel):
        if label.text() or label.pixmap().isNull():
            format_ = label.textFormat()
            assert format_ is Qt.TextFormat.PlainText, (label.text(), label.parentWidget())


def test_no_tooltip_carries_bare_markup(window: MainWindow, station: HandStation) -> None:
    machines = [view(1, HOSTILE, HOSTILE, tenant=HOSTILE, held=quarantine())]
    station.hand.put(fleet(machines, [host(HOSTILE, 1)]))
    window.refresh_now()
    window.table.select([machines[0].key])
    for widget in window.findChildren(QWidget):
        assert "<img" not in widget.toolTip(), widget
    for row in range(window.model.rowCount()):
        for column in range(window.model.columnCount()):
            hover = window.model.index(row, column).data(Qt.ItemDataRole.ToolTipRole)
            assert "<img" not in hover
    for entry in window.board.entries.values():
        assert "<img" not in entry.toolTip()


# --- banners and status --------------------------------------------------------------------------


def test_an_unverified_host_stands_in_red(
    window: MainWindow, station: HandStation, qtbot: QtBot
) -> None:
    loose = host("hv1", 1)
    entry = HostEntry("hv1", "qemu+tls://hv1/system?no_verify=1")
    station.hand.put(fleet([view(1, "web-01")], [changed_host(loose, entry)]))
    qtbot.waitUntil(window.banners.unverified.isVisible)
    assert "hv1" in window.banners.unverified.words.text()


def changed_host(one: HostView, entry: HostEntry) -> HostView:
    return msgspec.structs.replace(one, entry=entry)


def test_demo_data_is_called_demo(window: MainWindow, station: HandStation, qtbot: QtBot) -> None:
    assert not window.banners.demo.isVisible()
    station.hand.put(msgspec.structs.replace(odd_fleet(), demo=True))
    qtbot.waitUntil(window.banners.demo.isVisible)


def test_the_status_line_counts(window: MainWindow, t: Catalogue) -> None:
    assert window.status.hosts.text() == t("window.status.hosts", count=3, good=2)
    assert window.status.rows.text() == t("window.status.rows", count=10, shown=10)
    window.filter_bar.set_text("zone:dmz")
    assert window.status.rows.text() == t("window.status.rows", count=10, shown=3)


def test_every_button_can_be_named_by_a_screen_reader(window: MainWindow) -> None:
    for button in window.findChildren(QAbstractButton):
        of_qt = isinstance(button.parent(), QLineEdit | QTabBar)
        if button.isVisible() and not of_qt:
            assert button.text() or button.accessibleName(), button.objectName()


def test_the_context_of_the_action_table_is_complete() -> None:
    assert len(BY_ID) == len(ACTIONS)
    assert QApplication.instance() is not None
