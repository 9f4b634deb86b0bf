"""What stands beside a cut: who depends on the machine, and the evidence that is taken after it."""

from collections.abc import Iterator

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.changes.course import Progress
from core.changes.outcome import PlanOutcome
from core.changes.plan import EVIDENCE, Plan
from core.facts import Reason, Unknown
from core.fleet.model import MachineView
from core.incidents.evidence.estimates import Estimate
from core.incidents.model import EvidenceKind, How, Wish
from core.incidents.quarantine import CUT_ANYWAY
from core.text import Catalogue, RingfenceError, Text
from gui.changes.plan_run import PlanRun
from gui.incidents.attempt import Stage
from gui.incidents.door import IncidentDoor
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.theme import Theme
from tests.ui.fleets import view
from tests.ui.incidents.bench import SmallStation

K = Qt.Key
DEPENDS = Text("incidents.warning.stale")  # any sentence that a plan may carry


class Beside:
    """The station's desk; plans of machines that others depend on need their yes, and evidence
    is a plan that only marks the case once more."""

    def __init__(self, desk: IncidentDoor) -> None:
        self._desk = desk
        self.needed = False
        self.no_keys = False
        self.asked: list[tuple[EvidenceKind, ...]] = []

    async def plan_quarantine(self, view: MachineView, reason: str, wish: Wish) -> Plan:
        plan = await self._desk.plan_quarantine(view, reason, wish)
        if not self.needed:
            return plan
        return structs.replace(plan, needs=(CUT_ANYWAY,), warnings=(DEPENDS,))

    async def plan_release(self, view: MachineView, reason: str, how: How, template: str) -> Plan:
        return await self._desk.plan_release(view, reason, how, template)

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str
    ) -> Plan:
        self.asked.append(kinds)
        if self.no_keys:
            raise RingfenceError("key-none", purpose="case")
        plan = await self._desk.plan_quarantine(view, reason, Wish())
        last = plan.steps[-1:]
        return structs.replace(plan, kind=EVIDENCE, case=case, steps=last, needs=())

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome:
        return await self._desk.run(plan, progress, confirmed_at)


class KnownCosts:
    """Our address, and what memory and disks will cost."""

    async def own_address(self, host: str) -> str:
        return "192.0.2.9"

    async def estimates(self, view: MachineView) -> tuple[Estimate, ...]:
        nothing = Unknown(Reason.NOT_SUPPORTED)
        note = Text("evidence.note.not-running")
        return (
            Estimate(EvidenceKind.MEMORY, 4 << 30, 64.0),
            Estimate(EvidenceKind.DISKS, 20 << 30, 600.0),
            Estimate(EvidenceKind.SCREENSHOT, nothing, nothing, note, possible=False),
        )


@pytest.fixture
def door(small: SmallStation) -> Beside:
    return Beside(small.incidents)


@pytest.fixture
def panel(qtbot: QtBot, t: Catalogue, theme: Theme, door: Beside) -> Iterator[QuarantinePanel]:
    made = QuarantinePanel(t, theme, door, around=KnownCosts())
    qtbot.addWidget(made)
    made.resize(400, 740)
    yield made
    made.shut()


def shown(panel: QuarantinePanel, qtbot: QtBot) -> None:
    panel.open([view(1, "web-03")])
    panel.activateWindow()
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is Stage.READY)


def test_who_depends_on_it_is_named_and_asks_for_a_tick(
    panel: QuarantinePanel, door: Beside, small: SmallStation, qtbot: QtBot, t: Catalogue
) -> None:
    door.needed = True
    shown(panel, qtbot)
    assert t.say(DEPENDS) in panel.dependents.lines.text()
    QTest.keyClick(panel, K.Key_Return)
    assert small.journal.records() == ()
    assert panel.problem.isVisible()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is panel.dependents.box)
    QTest.keyClick(panel.dependents.box, K.Key_Space)
    QTest.keyClick(panel.dependents.box, K.Key_Return)
    qtbot.waitUntil(lambda: panel.attempts()[0].result == "contained")


def test_a_plan_that_comes_after_the_yes_and_needs_another_begins_nothing(
    panel: QuarantinePanel, door: Beside, small: SmallStation, qtbot: QtBot
) -> None:
    door.needed = True
    panel.open([view(1, "web-03")])
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is Stage.READY)
    assert small.journal.records() == ()
    assert panel.problem.isVisible()
    assert panel.open_to_choices()


def test_sizes_and_times_stand_beside_each_kind(panel: QuarantinePanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    qtbot.waitUntil(lambda: "4 GiB" in panel.evidence.lines[0].cost.text())
    lines = {line.kind: line for line in panel.evidence.lines}
    assert lines[EvidenceKind.DISKS].cost.text() == "20 GiB, about 10\N{NO-BREAK SPACE}min"
    assert not lines[EvidenceKind.DISKS].box.isChecked()
    assert not lines[EvidenceKind.SCREENSHOT].box.isEnabled()
    assert EvidenceKind.SCREENSHOT not in panel.wish().evidence
    assert panel.doors.rows[0].station.text() == "192.0.2.9"
    panel.evidence.fold.setChecked(True)
    assert panel.evidence.minimumSizeHint().width() < 360  # nothing is pushed out of the panel


def test_one_yes_takes_the_evidence_after_the_cut(
    panel: QuarantinePanel, door: Beside, small: SmallStation, qtbot: QtBot
) -> None:
    runs: list[PlanRun] = []
    panel.run_started.connect(runs.append)
    shown(panel, qtbot)
    collecting = panel.attempts()[0].collecting
    qtbot.waitUntil(lambda: collecting.plan is not None)
    assert small.journal.records() == ()  # both are shown before the yes
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: collecting.bar() is not None)
    assert [run.plan.kind for run in runs] == ["quarantine", EVIDENCE]
    assert runs[0].plan.case == runs[1].plan.case
    assert "evidence" in [bar.name for bar in panel.attempts()[0].picture.bars()]


def test_ticks_choose_and_none_takes_nothing(
    panel: QuarantinePanel, door: Beside, small: SmallStation, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    for line in panel.evidence.lines:
        line.box.setChecked(False)
    asked = len(door.asked)
    assert panel.wish().evidence == ()
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: panel.attempts()[0].result == "contained")
    assert len(door.asked) == asked
    assert [record.plan.kind for record in small.journal.records()] == ["quarantine"]


def test_without_keys_the_cut_goes_on_and_says_what_is_not_taken(
    panel: QuarantinePanel, door: Beside, qtbot: QtBot
) -> None:
    door.no_keys = True
    shown(panel, qtbot)
    collecting = panel.attempts()[0].collecting
    qtbot.waitUntil(lambda: not collecting.warnings.isHidden())
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: panel.attempts()[0].result == "contained")
    assert not collecting.warnings.isHidden()
