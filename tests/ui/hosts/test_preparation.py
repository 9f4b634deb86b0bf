"""Stories of preparing a host: the very code of hosts on a tree of its own, driven by keys."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.hosts.preparation.model import HostStatus, Wishes
from core.text import Catalogue, RingfenceError, load_catalogue
from gui.hosts.preparation import PreparationPanel
from gui.incidents.result import missing_line
from gui.theme import Theme
from gui.window import MainWindow
from tests.unit.changes.prepared_lives import desk_of, do, new_host, opened
from tests.unit.changes.station import HOST, Station
from tests.unit.hosts.helper.prepare_ground import tree_of

PATIENCE_MS = 15_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_host(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def host(folder: Path) -> Iterator[Station]:
    made = opened(folder)
    yield made
    made.close()


@pytest.fixture
def panel(
    qtbot: QtBot, host: Station, folder: Path, t: Catalogue, theme: Theme, loop: object
) -> PreparationPanel:
    made = PreparationPanel(t, theme, desk_of(host, folder))
    qtbot.addWidget(made)
    made.show()
    return made


def looked(qtbot: QtBot, panel: PreparationPanel) -> None:
    panel.open(HOST)
    qtbot.waitUntil(lambda: bool(panel.items), timeout=PATIENCE_MS)


def planned(qtbot: QtBot, panel: PreparationPanel) -> Plan:
    qtbot.waitUntil(lambda: panel.plan is not None and panel.run is None, timeout=PATIENCE_MS)
    assert panel.plan is not None
    return panel.plan


def ended(qtbot: QtBot, panel: PreparationPanel) -> None:
    qtbot.waitUntil(
        lambda: panel.run is not None and not panel.run.running and bool(panel.result.text()),
        timeout=PATIENCE_MS,
    )


def states(panel: PreparationPanel) -> set[str]:
    return {item.state for item in panel.items}


def prepare(folder: Path) -> None:
    """By somebody else: in a thread with a loop of its own."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(do, folder, "prepare").result()


def press(panel: PreparationPanel, key: Qt.Key) -> None:
    QTest.keyClick(panel, key)


def test_looking_changes_nothing_and_shows_every_file(
    qtbot: QtBot, panel: PreparationPanel, folder: Path
) -> None:
    before = tree_of(folder / "tree")
    looked(qtbot, panel)
    planned(qtbot, panel)
    assert states(panel) == {"absent"}
    assert "is not prepared" in panel.line.text()
    assert panel.steps is not None
    text = panel.steps.preview_text()
    assert "/etc/libvirt/hooks/qemu.d/50-ringfence 0755" in text and "+exec" in text
    assert panel.go.text().endswith(HOST) and not panel.back.isVisibleTo(panel)
    press(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible() and tree_of(folder / "tree") == before


def test_enter_prepares_and_shows_the_proof(qtbot: QtBot, panel: PreparationPanel) -> None:
    looked(qtbot, panel)
    planned(qtbot, panel)
    press(panel, Qt.Key.Key_Return)
    press(panel, Qt.Key.Key_Return)  # a second press while it runs does nothing
    ended(qtbot, panel)
    assert "by itself" in panel.result.text()
    qtbot.waitUntil(lambda: states(panel) == {"ours"}, timeout=PATIENCE_MS)
    assert panel.steps is not None
    proofs = "\n".join(line.proof.text() for line in panel.steps.lines)
    assert "/usr/sbin/ringfence-host 0755" in proofs
    assert panel.back.isVisibleTo(panel)


def test_what_somebody_changed_is_shown_and_put_right(
    qtbot: QtBot, panel: PreparationPanel, folder: Path
) -> None:
    prepare(folder)
    (folder / "tree/etc/libvirt/hooks/qemu.d/50-ringfence").write_text("#!/bin/sh\n")
    looked(qtbot, panel)
    plan = planned(qtbot, panel)
    assert "Somebody changed" in panel.line.text()
    assert any("-#!/bin/sh" in line or "+" in line for step in plan.steps for line in step.preview)
    press(panel, Qt.Key.Key_Return)
    ended(qtbot, panel)
    qtbot.waitUntil(lambda: states(panel) == {"ours"}, timeout=PATIENCE_MS)


def test_taking_it_back_needs_a_look_and_then_enter(
    qtbot: QtBot, panel: PreparationPanel, folder: Path
) -> None:
    before = tree_of(folder / "tree")
    prepare(folder)
    looked(qtbot, panel)
    qtbot.waitUntil(lambda: "is prepared" in panel.line.text(), timeout=PATIENCE_MS)
    assert panel.plan is None and not panel.go.isVisibleTo(panel)
    panel.back.click()
    plan = planned(qtbot, panel)
    assert plan.kind == "unprepare" and "everything" in panel.go.text()
    press(panel, Qt.Key.Key_Return)
    ended(qtbot, panel)
    assert "left" in panel.result.text()
    assert tree_of(folder / "tree") == before


def test_a_hold_refuses_it_in_words(qtbot: QtBot, panel: PreparationPanel, folder: Path) -> None:
    prepare(folder)
    (folder / "tree/var/lib/ringfence/holds/x.json").write_text("{}")
    looked(qtbot, panel)
    qtbot.waitUntil(lambda: panel.back.isVisibleTo(panel), timeout=PATIENCE_MS)
    panel.back.click()
    qtbot.waitUntil(lambda: "Machines are held" in panel.line.text(), timeout=PATIENCE_MS)
    assert panel.plan is None


def test_a_second_operator_two_people_and_a_group_are_asked_for(
    qtbot: QtBot, panel: PreparationPanel, t: Catalogue
) -> None:
    looked(qtbot, panel)
    planned(qtbot, panel)
    fields = panel.fields
    fields.two_people.click()
    qtbot.waitUntil(
        lambda: t("error.prepare-one-person.cause") in panel.line.text(), timeout=PATIENCE_MS
    )
    QTest.keyClicks(fields.name, "bob")
    QTest.keyClicks(fields.key, "no key")
    fields.add.click()
    assert fields.problem.isVisible() and panel.plan is None
    fields.key.setText("ab" * 32)
    press(panel, Qt.Key.Key_Return)  # adds what is typed; never runs a plan without it
    assert panel.run is None and not fields.problem.isVisible()
    plan = planned(qtbot, panel)
    assert "bob" in panel.notes.text()
    fields.group.setText("Bad Group")
    fields.group.editingFinished.emit()
    wrong = t("error.prepare-group.cause", name="Bad Group")
    qtbot.waitUntil(lambda: wrong in panel.line.text(), timeout=PATIENCE_MS)
    fields.group.setText("virt-admins")
    fields.group.editingFinished.emit()
    plan = planned(qtbot, panel)
    text = "\n".join(line for step in plan.steps for line in step.preview)
    assert "virt-admins" in text and "bob.pub" in text
    press(panel, Qt.Key.Key_Return)
    ended(qtbot, panel)
    qtbot.waitUntil(lambda: states(panel) == {"ours"}, timeout=PATIENCE_MS)
    assert fields.two_people.isChecked()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_failed_is_named_in_words(language: str) -> None:
    words = load_catalogue(language)
    said = missing_line(["item: qemu-hook", "item: network"], words)
    assert words("hosts.preparation.item.qemu-hook") in said
    assert words("hosts.preparation.item.network") in said and "qemu-hook" not in said


class WithoutSsh:
    """A host that is reached over TLS alone."""

    def __init__(self, status: HostStatus) -> None:
        self._status = status

    async def status(self, host: str, wishes: Wishes) -> HostStatus:
        return self._status

    async def plan_prepare(self, host: str, wishes: Wishes) -> Plan:
        raise RingfenceError("prepare-nothing", host=host)

    async def plan_unprepare(self, host: str) -> Plan:
        raise RingfenceError("prepare-nothing", host=host)

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome:
        raise AssertionError("nothing was to run")


def test_a_host_without_ssh_says_what_is_missing(
    qtbot: QtBot,
    host: Station,
    folder: Path,
    t: Catalogue,
    theme: Theme,
    loop: asyncio.AbstractEventLoop,
) -> None:
    status = loop.run_until_complete(desk_of(host, folder).status(HOST))
    why = RingfenceError("helper-no-ssh", host=HOST).cause
    panel = PreparationPanel(t, theme, WithoutSsh(structs.replace(status, seen=None, why=why)))
    qtbot.addWidget(panel)
    panel.show()
    looked(qtbot, panel)
    assert "unknown" in states(panel)
    qtbot.waitUntil(lambda: "root" in panel.line.text(), timeout=PATIENCE_MS)
    assert "without SSH" in panel.notes.text()


def test_the_menu_opens_it_for_the_host_of_the_selection(qtbot: QtBot, window: MainWindow) -> None:
    name = next(iter(window.fleet_view.hosts))
    window.sidebar.select_entry("host", name)
    window.table.clearSelection()
    window.trigger("prepare-host")
    assert window.panels.preparation.isVisible()
    qtbot.waitUntil(lambda: window.panels.preparation.line.text() != "", timeout=PATIENCE_MS)
