"""What goes wrong in a cut stands large, says what is not known, and what to do about it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.incidents.model import Mode
from core.text import Catalogue, load_catalogue
from gui.incidents.attempt import Attempt, Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import view
from tests.ui.incidents.bench import MAC, ONE, SmallStation

K = Qt.Key


@pytest.fixture(params=["en", "zh_CN"])
def words(request: pytest.FixtureRequest) -> Catalogue:
    return load_catalogue(str(request.param))


@pytest.fixture
def panel(
    qtbot: QtBot, words: Catalogue, theme: Theme, small: SmallStation
) -> Iterator[QuarantinePanel]:
    made = QuarantinePanel(words, theme, small.incidents)
    qtbot.addWidget(made)
    made.resize(400, 900)
    yield made
    made.shut()


def at(panel: QuarantinePanel, qtbot: QtBot, stage: Stage) -> Attempt:
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is stage)
    return panel.attempts()[0]


def test_a_host_that_is_silent_before_has_changed_nothing_and_is_asked_again(
    panel: QuarantinePanel, small: SmallStation, words: Catalogue, qtbot: QtBot
) -> None:
    small.host.silent.add(ONE)
    panel.open([view(1, "web-03")])
    attempt = at(panel, qtbot, Stage.REFUSED)
    for part in ("cause", "step"):
        assert words(f"error.plan-no-answer.{part}", host="hv1") in attempt.line.text()
    assert panel.again.isVisible() and not panel.go.isVisible()
    small.host.silent.clear()
    panel.again.click()
    at(panel, qtbot, Stage.READY)


def test_a_host_that_falls_silent_in_the_cut_is_not_called_contained(
    panel: QuarantinePanel, small: SmallStation, words: Catalogue, qtbot: QtBot
) -> None:
    panel.open([view(1, "web-03")])
    at(panel, qtbot, Stage.READY)
    small.host.silent.add(ONE)
    QTest.keyClick(panel, K.Key_Return)
    attempt = at(panel, qtbot, Stage.ENDED)
    assert panel.number.text() == words("containment.unknown")
    assert words("panels.result.unknown.why") in attempt.line.text()


def test_a_card_outside_the_barrier_stands_larger_than_the_time_of_the_cut(
    panel: QuarantinePanel, small: SmallStation, words: Catalogue, qtbot: QtBot
) -> None:
    small.host.kernel.leaky.add(ONE)
    panel.open([view(1, "web-03")])
    at(panel, qtbot, Stage.READY)
    QTest.keyClick(panel, K.Key_Return)
    attempt = at(panel, qtbot, Stage.ENDED)
    assert panel.number.text() == words("containment.partial")
    assert words("panels.result.partial.why") in attempt.line.text()
    assert MAC in attempt.line.text()


def test_without_ringfence_host_that_is_read_first(
    panel: QuarantinePanel, small: SmallStation, words: Catalogue, qtbot: QtBot
) -> None:
    small.host.reached.clear()
    panel.open([view(1, "web-03")])
    attempt = at(panel, qtbot, Stage.READY)
    warnings = attempt.warnings.text().split("\n")
    assert words("incidents.warning.no-barrier") in warnings[0]
    panel.modes.choose(list(Mode).index(Mode.OBSERVE) + 1)
    attempt = at(panel, qtbot, Stage.REFUSED)
    refused = words("error.mode-needs-barrier.cause", mode=Mode.OBSERVE.value, host="hv1")
    assert refused in attempt.line.text()
