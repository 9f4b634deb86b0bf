"""Cutting off by keyboard: plan ready, reason by digit, Enter, proof on screen."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.hosts.effects import EFFECTS
from core.hosts.helper.closed_set import READINGS
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.incidents.release_panel import ReleasePanel
from gui.theme import Theme
from tests.ui.fleets import HOSTILE, uuid_of, view
from tests.ui.incidents.bench import SmallStation

MAC = "52:54:00:00:00:01"
VF = "52:54:00:00:00:99"


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SmallStation]:
    made = SmallStation(tmp_path)
    for number in range(1, 4):
        made.host.add(uuid_of(number), MAC)
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, t: Catalogue, theme: Theme, station: SmallStation) -> QuarantinePanel:
    made = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(made)
    made.resize(440, 760)
    return made


def ready(qtbot: QtBot, panel: QuarantinePanel | ReleasePanel) -> None:
    qtbot.waitUntil(lambda: all(a.stage is not Stage.PLANNING for a in panel.attempts()))


def ended(qtbot: QtBot, panel: QuarantinePanel | ReleasePanel) -> None:
    left = {Stage.PLANNING, Stage.READY, Stage.RUNNING}
    qtbot.waitUntil(lambda: not any(a.stage in left for a in panel.attempts()))


def test_three_keys_cut_a_machine_off(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(1, "web-03")])
    ready(qtbot, panel)
    assert panel.go.text() == "Cut off web-03"
    assert station.host.up(uuid_of(1), MAC)
    QTest.keyClick(panel, Qt.Key.Key_3)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    ended(qtbot, panel)
    assert not station.host.up(uuid_of(1), MAC)
    attempt = panel.attempts()[0]
    assert attempt.result == "contained"
    assert panel.number.text().endswith("ms")
    assert station.journal.records()[0].plan.reason == panel.reason.presets[2].words
    assert attempt.steps is not None
    assert all(line.proof.text() for line in attempt.steps.lines)


def test_escape_changes_nothing(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(1, "web-03")])
    ready(qtbot, panel)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert station.journal.records() == ()
    acts = [order for order in station.host.orders if isinstance(order, EFFECTS)]
    assert not [order for order in acts if not isinstance(order, READINGS)]


def test_a_reason_may_be_edited_but_not_emptied(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(1, "web-03")])
    ready(qtbot, panel)
    panel.reason.edit.clear()
    QTest.keyClick(panel.reason.edit, Qt.Key.Key_Return)
    assert panel.reason.problem.isVisible()
    assert station.journal.records() == ()
    QTest.keyClicks(panel.reason.edit, "beacons to 203.0.113.9")
    QTest.keyClick(panel.reason.edit, Qt.Key.Key_Return)
    ended(qtbot, panel)
    assert station.journal.records()[0].plan.reason == "beacons to 203.0.113.9"


def test_enter_before_the_plan_is_ready_counts(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    panel.open([view(1, "web-03")])
    QTest.keyClick(panel, Qt.Key.Key_Return)
    ended(qtbot, panel)
    assert panel.attempts()[0].result == "contained"


def test_what_cannot_be_cut_is_named_before_and_after(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    station.host.add(uuid_of(1), MAC, hostdev=VF)
    panel.open([view(1, "web-03")])
    ready(qtbot, panel)
    attempt = panel.attempts()[0]
    assert attempt.warnings.isVisible()
    panel.confirm()
    ended(qtbot, panel)
    assert attempt.result == "partial"
    assert VF in attempt.line.text()


def test_several_machines_are_cut_side_by_side(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot
) -> None:
    station.host.silent.add(uuid_of(2))
    closed = view(3, "db-01", read_only=True)
    panel.open([view(1, "web-03"), view(2, "web-04"), closed])
    assert panel.go.text() == "Cut off 3 machines"
    panel.confirm()
    ended(qtbot, panel)
    assert [a.stage for a in panel.attempts()] == [Stage.ENDED, Stage.REFUSED, Stage.REFUSED]
    assert not station.host.up(uuid_of(1), MAC)
    assert station.host.up(uuid_of(3), MAC)


def test_a_driver_that_refuses_is_not_called_contained(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot, t: Catalogue
) -> None:
    station.host.deaf.add(uuid_of(1))
    panel.open([view(1, "web-03")])
    panel.confirm()
    ended(qtbot, panel)
    assert panel.attempts()[0].result == "partial"
    assert panel.number.text() == t("containment.partial")


def test_the_preview_reads_like_a_review(panel: QuarantinePanel, qtbot: QtBot) -> None:
    panel.open([view(1, "web-03")])
    ready(qtbot, panel)
    steps = panel.attempts()[0].steps
    assert steps is not None
    text = steps.preview_text().splitlines()
    assert any(line.startswith("-") and "up" in line for line in text)
    assert any(line.startswith("+") and "down" in line for line in text)


def test_a_hostile_name_is_shown_as_it_is(panel: QuarantinePanel, qtbot: QtBot) -> None:
    panel.open([view(1, "a & b " + HOSTILE)])
    ready(qtbot, panel)
    assert panel.go.text() == "Cut off a && b <img src=file:///etc/host…"
    assert "<img" not in panel.attempts()[0].name.toolTip()


def test_a_release_gives_the_link_back(
    panel: QuarantinePanel, station: SmallStation, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    panel.open([view(1, "web-03")])
    panel.confirm()
    ended(qtbot, panel)
    release = ReleasePanel(t, theme, station.incidents)
    qtbot.addWidget(release)
    release.open([view(1, "web-03")])
    ready(qtbot, release)
    QTest.keyClick(release, Qt.Key.Key_2)
    QTest.keyClick(release, Qt.Key.Key_Return)
    ended(qtbot, release)
    assert release.attempts()[0].result == "released"
    assert station.host.up(uuid_of(1), MAC)


def test_releasing_what_is_not_held_is_refused(
    station: SmallStation, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    release = ReleasePanel(t, theme, station.incidents)
    qtbot.addWidget(release)
    release.open([view(1, "web-03")])
    ready(qtbot, release)
    assert release.attempts()[0].stage is Stage.REFUSED
    assert not release.go.isEnabled()
