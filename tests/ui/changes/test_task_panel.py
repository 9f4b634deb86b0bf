"""The task panel: what runs, what ended, what was left unfinished, and complaints counted."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from core.text import Catalogue, Text
from gui.changes.panel import TaskPanel
from gui.changes.plan_run import PlanRun
from gui.changes.task_card import TaskCard
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import HOSTILE, uuid_of, view
from tests.ui.incidents.bench import SmallStation

MAC = "52:54:00:00:00:01"


@pytest.fixture
def station(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SmallStation]:
    made = SmallStation(tmp_path)
    made.host.add(uuid_of(1), MAC)
    yield made
    made.close()


@pytest.fixture
def tasks(qtbot: QtBot, t: Catalogue, theme: Theme, station: SmallStation) -> TaskPanel:
    made = TaskPanel(t, theme, station.runner)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    return made


@pytest.fixture
def quarantine(
    qtbot: QtBot, t: Catalogue, theme: Theme, station: SmallStation, tasks: TaskPanel
) -> QuarantinePanel:
    made = QuarantinePanel(t, theme, station.incidents)
    qtbot.addWidget(made)
    made.run_started.connect(tasks.watch)
    return made


def cut(quarantine: QuarantinePanel, tasks: TaskPanel, qtbot: QtBot, name: str = "web") -> TaskCard:
    quarantine.open([view(1, name)])
    quarantine.confirm()
    qtbot.waitUntil(lambda: bool(tasks.cards()) and not tasks.cards()[0].run.running)
    return tasks.cards()[0]


def test_a_run_is_shown_to_its_end(
    quarantine: QuarantinePanel, tasks: TaskPanel, qtbot: QtBot
) -> None:
    finished: list[PlanRun] = []
    tasks.finished.connect(finished.append)
    card = cut(quarantine, tasks, qtbot)
    assert card.line.text().startswith("Done and read back")
    assert card.buttons["dismiss"].isVisible()
    assert not card.buttons["cancel"].isVisible()
    assert finished == [card.run]


def test_a_silent_host_leaves_a_plan_that_can_go_on(
    quarantine: QuarantinePanel, tasks: TaskPanel, station: SmallStation, qtbot: QtBot
) -> None:
    quarantine.open([view(1, "web")])
    qtbot.waitUntil(lambda: quarantine.attempts()[0].plan is not None)
    station.host.silent.add(uuid_of(1))
    quarantine.confirm()
    qtbot.waitUntil(lambda: bool(tasks.cards()) and not tasks.cards()[0].run.running)
    card = tasks.cards()[0]
    assert card.buttons["resume"].isVisible()
    assert quarantine.attempts()[0].result == "unknown"
    station.host.silent.clear()
    card.buttons["resume"].click()
    qtbot.waitUntil(lambda: not card.run.running)
    assert card.line.text().startswith("Done and read back")
    assert not station.host.up(uuid_of(1), MAC)


def test_what_a_crash_left_is_offered_and_undone_after_a_warning(
    tasks: TaskPanel, station: SmallStation, quarantine: QuarantinePanel, qtbot: QtBot
) -> None:
    quarantine.open([view(1, "web")])
    qtbot.waitUntil(lambda: quarantine.attempts()[0].plan is not None)
    plan = quarantine.attempts()[0].plan
    assert plan is not None
    station.journal.begin(plan, "apply", [0])
    tasks.show_unfinished(station.journal.unfinished())
    (card,) = tasks.cards()
    card.buttons["rollback"].click()
    assert "ends the quarantine" in card.line.text()
    assert card.buttons["confirm"].text() == "Roll back web"
    card.buttons["confirm"].click()
    qtbot.waitUntil(lambda: not card.run.running)
    assert card.line.text().startswith("Rolled back")
    assert station.journal.unfinished() == ()


def test_the_same_complaint_is_one_line_with_a_count(tasks: TaskPanel) -> None:
    for _ in range(3):
        tasks.report("hv1", Text("panels.stale", {"seen": HOSTILE}, "libvirt's words"))
    tasks.report("hv2", Text("panels.stale", {"seen": "x"}))
    first, second = tasks.errors()
    assert first.words.text() == f"hv1: Stale: last seen {HOSTILE} (3 times)"
    assert first.text().endswith("libvirt's words")
    assert second.count == 1


def test_a_course_copies_as_text(
    quarantine: QuarantinePanel, tasks: TaskPanel, qtbot: QtBot
) -> None:
    card = cut(quarantine, tasks, qtbot, HOSTILE)
    card.buttons["copy"].click()
    text = QGuiApplication.clipboard().text()
    assert HOSTILE in text
    assert "read back" in text


def test_a_finished_task_can_be_dismissed(
    quarantine: QuarantinePanel, tasks: TaskPanel, qtbot: QtBot
) -> None:
    card = cut(quarantine, tasks, qtbot)
    card.buttons["dismiss"].click()
    assert tasks.cards() == ()
