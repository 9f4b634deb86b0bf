"""Stories of what is kept: views, hosts, columns, ticks, themes and languages."""

import msgspec
import pytest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.settings.fleet_editor import FleetEditor
from core.settings.model import HostEntry
from core.settings.preferences import Preferences
from gui.application import build_window
from gui.operations.going import go_to, group_by
from gui.window import MainWindow
from tests.nobody import Nobody
from tests.ui.desk import Key_, press
from tests.ui.hand_station import HandStation


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
    made = build_window(station, Nobody(), load_catalogue(language), liked)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    for label in made.findChildren(QLabel):
        assert "‹" not in label.text(), label.text()
    for entry in made.board.entries.values():
        assert "‹" not in entry.text(), entry.text()
    made.let_go()
