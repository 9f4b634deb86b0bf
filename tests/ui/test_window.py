"""Stories of an admin finding the way: filter, sidebar, selection, groups."""

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QPushButton,
)
from pytestqt.qtbot import QtBot

from core.fleet.model import FleetView
from core.text import Catalogue
from gui.operations.going import go_to
from gui.window import MainWindow
from tests.ui.desk import CTRL, Key_, key_of, press
from tests.ui.fleets import changed, fleet
from tests.ui.hand_station import HandStation


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
