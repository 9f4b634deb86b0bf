"""Hostile names stay text everywhere; banners and the status line tell the truth."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.fleet.model import HostView
from core.settings.model import HostEntry
from core.text import Catalogue
from gui.actions import ACTIONS, BY_ID
from gui.window import MainWindow
from tests.ui.desk import key_of
from tests.ui.fleets import HOSTILE, fleet, host, odd_fleet, quarantine, view
from tests.ui.hand_station import HandStation


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
