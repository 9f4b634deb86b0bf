"""Everything that can be pressed has a name, every picture its words, and nothing moves."""

from PySide6.QtCore import QAbstractAnimation, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from gui.inspector.fact_list import FactList
from gui.inspector.score_line import ScoreLine
from gui.inspector.score_ring import ScoreRing
from gui.status import FleetMark
from gui.window import MainWindow
from tests.ui.desk import CTRL, SHIFT, Key_, key_of, press

QT_OWN = "qt_"  # spin buttons, scroll bars and the like have their names from Qt
PICTURES = (FleetMark, ScoreRing)


def open_everything(window: MainWindow, qtbot: QtBot) -> None:
    """Every panel and every page, as a curious admin would."""
    window.table.select([key_of(window, "web-01")])
    for name in window.panels.inspector.bar.names():
        window.panels.inspector.choose_tab(name)
    window.panels.inspector.choose_tab("findings")
    for line in window.panels.inspector.findings.lines():
        line.setChecked(True)
    press(window, Key_.Key_Q, CTRL | SHIFT)
    qtbot.waitUntil(window.panels.quarantine.isVisible)
    for panel in (window.panels.add_host, window.panels.check_host, window.panels.first_run):
        qtbot.addWidget(panel)
    window.show_tasks(True)
    window.open_palette()
    window.show_keys()


def nameless(window: MainWindow) -> list[str]:
    parts = (window, window.panels.add_host, window.panels.check_host, window.panels.first_run)
    buttons = [one for part in parts for one in part.findChildren(QAbstractButton)]
    return [
        f"{type(one).__name__} {one.objectName()} in {type(one.parent()).__name__}"
        for one in buttons
        if not (one.text() or one.accessibleName() or one.objectName().startswith(QT_OWN))
    ]


def test_every_button_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    open_everything(window, qtbot)
    assert nameless(window) == []


def test_every_picture_says_what_it_shows(window: MainWindow, qtbot: QtBot) -> None:
    open_everything(window, qtbot)
    for kind in PICTURES:
        for picture in window.findChildren(kind):
            assert picture.accessibleName(), kind
    line = window.findChild(ScoreLine)
    assert line is not None
    assert line.isHidden() or line.accessibleName()


def test_every_place_for_the_keys_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    open_everything(window, qtbot)
    taking = [
        part
        for part in window.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(part, QAbstractButton | QLabel | QScrollArea)
        and not part.objectName().startswith(QT_OWN)
        and not (isinstance(part, FactList) and not part.facts())
    ]
    unnamed = [
        f"{type(part).__name__} {part.objectName()} in {type(part.parent()).__name__}"
        for part in taking
        if not part.accessibleName()
    ]
    assert "\n".join(unnamed) == ""


def test_nothing_moves_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    open_everything(window, qtbot)
    moving = [
        type(one.parent()).__name__
        for one in window.findChildren(QAbstractAnimation)
        if one.state() is QAbstractAnimation.State.Running
    ]
    assert moving == []
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
