"""Four ways to cut a machine off, by keys: what is chosen is what is done, and nothing else."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.hosts.helper.orders import Door
from core.incidents.model import Mode
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import view
from tests.ui.incidents.bench import MAC, ONE, SmallStation

ALT = Qt.KeyboardModifier.AltModifier
K = Qt.Key


@pytest.fixture
def panel(
    qtbot: QtBot, t: Catalogue, theme: Theme, small: SmallStation
) -> Iterator[QuarantinePanel]:
    made = QuarantinePanel(t, theme, small.incidents)
    qtbot.addWidget(made)
    made.resize(400, 740)
    made.open([view(1, "web-03")])
    made.activateWindow()
    yield made
    made.shut()


def ready(panel: QuarantinePanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is not Stage.PLANNING)


def ended(panel: QuarantinePanel, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is Stage.ENDED)
    return panel.attempts()[0].result


def modes_done(small: SmallStation) -> list[str]:
    return [record.plan.mode for record in small.journal.records()]


def test_enter_alone_freezes(panel: QuarantinePanel, small: SmallStation, qtbot: QtBot) -> None:
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "contained"
    assert modes_done(small) == ["freeze"]
    assert ONE in small.host.paused
    assert small.host.kernel.standing(ONE) is not None


def test_an_arrow_down_is_strict(panel: QuarantinePanel, small: SmallStation, qtbot: QtBot) -> None:
    QTest.keyClick(panel, K.Key_Down)
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "contained"
    assert modes_done(small) == ["strict"]
    assert ONE not in small.host.paused
    assert not small.host.up(ONE, MAC)


def test_alt_and_a_digit_choose_the_mode_and_a_digit_the_reason(panel: QuarantinePanel) -> None:
    QTest.keyClick(panel, K.Key_2, ALT)
    QTest.keyClick(panel, K.Key_4)
    assert panel.mode is Mode.STRICT
    assert panel.reason.presets[3].isChecked()


def test_in_the_list_of_modes_digits_are_modes(panel: QuarantinePanel) -> None:
    panel.modes.setFocus()
    QTest.keyClick(panel.modes, K.Key_3)
    assert panel.mode is Mode.FORENSIC
    assert panel.reason.presets[0].isChecked()
    assert panel.doors.isVisible()
    assert panel.attempts()[0].stage is Stage.OPEN  # the usual plan is not for this choice
    assert not panel.doors.rows[0].problem.isVisible()  # nobody has typed yet


def test_a_door_is_typed_and_lets_only_that_through(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot
) -> None:
    panel.doors.suggest("192.0.2.9")
    QTest.keyClick(panel, K.Key_3, ALT)
    port = panel.doors.rows[0].port
    port.selectAll()
    QTest.keyClicks(port, "8022")
    QTest.keyClick(port, K.Key_Return)
    assert ended(panel, qtbot) == "contained"
    raised = small.host.kernel.standing(ONE)
    assert raised is not None and raised.doors == (Door("192.0.2.9", 8022),)
    assert small.host.up(ONE, MAC)  # the link stays up before a door


@pytest.mark.parametrize(
    ("station_text", "port_text", "field"),
    [("fe80::1", "22", "station"), ("", "22", "station"), ("192.0.2.9", "99999", "port")],
)
def test_a_wrong_door_says_so_at_its_row_and_nothing_is_done(
    panel: QuarantinePanel,
    small: SmallStation,
    qtbot: QtBot,
    station_text: str,
    port_text: str,
    field: str,
) -> None:
    QTest.keyClick(panel, K.Key_3, ALT)
    row = panel.doors.rows[0]
    row.station.setText(station_text)
    row.port.setText(port_text)
    QTest.keyClick(panel, K.Key_Return)
    assert row.problem.isVisible()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is getattr(row, field))
    assert small.journal.records() == ()
    assert panel.open_to_choices()


def test_doors_can_be_added_and_the_last_one_stays(panel: QuarantinePanel) -> None:
    QTest.keyClick(panel, K.Key_3, ALT)
    panel.doors.suggest("192.0.2.9")
    assert not panel.doors.rows[0].remove.isEnabled()
    panel.doors.add.click()
    QTest.keyClicks(panel.doors.rows[1].port, "443")
    assert panel.doors.doors() == (Door("192.0.2.9", 22), Door("192.0.2.9", 443))
    panel.doors.rows[0].remove.click()
    assert panel.doors.doors() == (Door("192.0.2.9", 443),)


def test_observing_needs_two_yes(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot, t: Catalogue
) -> None:
    QTest.keyClick(panel, K.Key_4, ALT)
    ready(panel, qtbot)
    QTest.keyClick(panel, K.Key_Return)
    assert small.journal.records() == ()
    assert panel.problem.isVisible()
    assert panel.go.text() == t("panels.observe.again.one", name="web-03")
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "observed"
    assert small.host.up(ONE, MAC)
    assert ONE not in small.host.paused


def test_another_mode_takes_the_first_yes_back(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot
) -> None:
    QTest.keyClick(panel, K.Key_4, ALT)
    QTest.keyClick(panel, K.Key_Return)
    QTest.keyClick(panel, K.Key_Up)
    QTest.keyClick(panel, K.Key_Down)
    QTest.keyClick(panel, K.Key_Return)
    ready(panel, qtbot)
    assert small.journal.records() == ()


def test_a_key_that_is_held_down_is_one_yes(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot
) -> None:
    QTest.keyClick(panel, K.Key_4, ALT)
    ready(panel, qtbot)
    QTest.keyClick(panel, K.Key_Return)
    none = Qt.KeyboardModifier.NoModifier
    held = QKeyEvent(QEvent.Type.KeyPress, K.Key_Return, none, "\r", True, 1)
    QApplication.sendEvent(panel, held)
    assert panel.attempts()[0].stage is Stage.READY
    assert small.journal.records() == ()


def test_the_latest_choice_wins(panel: QuarantinePanel, small: SmallStation, qtbot: QtBot) -> None:
    for _ in range(3):
        QTest.keyClick(panel, K.Key_Down)
    for _ in range(2):
        QTest.keyClick(panel, K.Key_Up)
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "contained"
    assert modes_done(small) == ["strict"]


def test_a_mode_that_cannot_be_had_is_refused_and_another_still_cuts(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot
) -> None:
    small.host.reached.clear()
    panel.doors.suggest("192.0.2.9")
    QTest.keyClick(panel, K.Key_3, ALT)
    ready(panel, qtbot)
    attempt = panel.attempts()[0]
    assert attempt.stage is Stage.REFUSED
    assert attempt.steps is None
    assert not attempt.warnings.isVisible()
    assert not panel.go.isEnabled()
    QTest.keyClick(panel, K.Key_1, ALT)
    ready(panel, qtbot)
    assert attempt.warnings.isVisible()  # no barrier can be raised here: said before the cut
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "contained"
    assert "barrier" not in attempt.picture.text().lower()


def test_a_barrier_with_a_hole_is_partial_and_named(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot
) -> None:
    small.host.kernel.leaky.add(ONE)
    QTest.keyClick(panel, K.Key_2, ALT)
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "partial"
    attempt = panel.attempts()[0]
    assert MAC in attempt.line.text()
    assert [bar.good for bar in attempt.picture.bars() if bar.name == "proved"] == [False]


def test_the_course_is_drawn_in_real_milliseconds(panel: QuarantinePanel, qtbot: QtBot) -> None:
    QTest.keyClick(panel, K.Key_Return)
    ended(panel, qtbot)
    picture = panel.attempts()[0].picture
    assert [bar.name for bar in picture.bars()] == ["paused", "barrier", "link", "proved"]
    assert all(0 <= bar.begin_ms <= bar.end_ms for bar in picture.bars())
    assert picture.isVisible()
    assert "ms" in picture.accessibleName()


def test_a_drill_is_marked_in_the_plan_and_on_the_button(
    panel: QuarantinePanel, small: SmallStation, qtbot: QtBot
) -> None:
    panel.drill.setChecked(True)
    assert panel.go.text() == "Drill: cut off web-03"
    QTest.keyClick(panel, K.Key_Return)
    ended(panel, qtbot)
    assert [record.plan.drill for record in small.journal.records()] == [True]


def test_opening_again_begins_with_the_usual(panel: QuarantinePanel, qtbot: QtBot) -> None:
    QTest.keyClick(panel, K.Key_4, ALT)
    panel.drill.setChecked(True)
    panel.open([view(1, "web-03")])
    assert panel.mode is Mode.FREEZE
    assert not panel.drill.isChecked()
    assert len(panel.doors.rows) == 1
