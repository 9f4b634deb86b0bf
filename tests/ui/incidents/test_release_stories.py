"""Ways back: anew, rebuilt, by two people, and refused when somebody changed the hold meanwhile."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.incidents.desk import IncidentDesk
from core.incidents.model import How, Wish
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.release_panel import ReleasePanel
from gui.theme import Theme
from tests.unit.changes.host_memory import prepare
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import SimulatedHost
from tests.unit.changes.station import HOST, STRICT, Station, new_machine, view

K = Qt.Key


class Person:
    """Somebody at a station of their own, over the one host."""

    def __init__(self, folder: Path, host: SimulatedHost, asks_for_two: bool = False) -> None:
        folder.mkdir()
        self.name = folder.name
        self.station = Station(folder, NearHands(host))
        self.desk = IncidentDesk(
            hands=self.station.hands,
            journal=self.station.journal,
            runner=self.station.runner,
            sealer=self.station.sealer,
            operator=f"{folder.name}@desk",
            asks_for_two=lambda _: asks_for_two,
        )

    async def cut(self, wish: Wish = STRICT) -> Plan:
        plan = await self.desk.plan_quarantine(view(), "odd logins", wish)
        await self.desk.run(structs.replace(plan, needs=()))
        return plan


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "hv1"
        self.folder.mkdir()
        self.host = new_machine(self.folder)
        self.ann = Person(folder / "ann", self.host)
        self.bob = Person(folder / "bob", self.host)

    def prepare(self, *, two_people: bool = False) -> None:
        keys = (each.station.operator.public_hex for each in (self.ann, self.bob))
        prepare(self.folder, *keys, two_people=two_people)

    @property
    def remembered(self) -> int:
        seen = self.host.obey(ReadHolds(0))
        assert isinstance(seen, HoldsSeen)
        return len(seen.holds)


@pytest.fixture
def bench(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.ann.station.close()
    made.bob.station.close()


def held(bench: Bench, qtbot: QtBot) -> MachineView:
    """Cut by Ann; as it is read afterwards."""
    cut = asyncio.ensure_future(bench.ann.cut())
    qtbot.waitUntil(cut.done)
    cut.result()
    seen = asyncio.ensure_future(bench.ann.station.view())
    qtbot.waitUntil(seen.done)
    return seen.result()


def panel_of(
    person: Person, machine: MachineView, qtbot: QtBot, t: Catalogue, theme: Theme
) -> ReleasePanel:
    made = ReleasePanel(t, theme, person.desk)
    qtbot.addWidget(made)
    made.resize(440, 760)
    made.open([machine])
    planned(made, qtbot)
    return made


def planned(panel: ReleasePanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.attempts()[0].stage in {Stage.READY, Stage.REFUSED})


def ended(panel: ReleasePanel, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is Stage.ENDED)
    return panel.attempts()[0].result


def test_a_restart_says_what_it_costs_and_starts_it_anew(
    bench: Bench, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    panel = panel_of(bench.ann, held(bench, qtbot), qtbot, t, theme)
    QTest.keyClick(panel, K.Key_2, Qt.KeyboardModifier.AltModifier)
    assert panel.how is How.RESTART
    planned(panel, qtbot)
    plan = panel.attempts()[0].plan
    assert plan is not None and "switch-off" in {step.tag for step in plan.steps}
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) == "released"


def test_a_template_that_is_not_there_is_said_and_another_one_taken(
    bench: Bench, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    panel = panel_of(bench.ann, held(bench, qtbot), qtbot, t, theme)
    QTest.keyClick(panel, K.Key_3, Qt.KeyboardModifier.AltModifier)
    assert panel.template.isVisible()
    planned(panel, qtbot)
    attempt = panel.attempts()[0]
    assert t("error.template-needed.cause") in attempt.line.text()
    QTest.keyClicks(panel.template, "images/gone")
    wanted = t("error.volume-missing.cause", pool="images", volume="gone")
    qtbot.waitUntil(lambda: wanted in attempt.line.text())
    assert attempt.stage is Stage.REFUSED and bench.ann.station.hold() is not None
    assert panel.again.isVisible()


def test_a_rebuild_takes_the_template_that_is_there(
    bench: Bench, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    machine = held(bench, qtbot)
    panel = panel_of(bench.ann, machine, qtbot, t, theme)
    QTest.keyClick(panel, K.Key_3, Qt.KeyboardModifier.AltModifier)
    planned(panel, qtbot)
    QTest.keyClicks(panel.template, "images/template")
    attempt = panel.attempts()[0]
    qtbot.waitUntil(lambda: attempt.plan is not None and attempt.stage is Stage.READY)
    assert attempt.plan is not None
    steps = "\n".join(t.say(step.describe()) for step in attempt.plan.steps)
    assert "template" in steps and "clone-disk" in {step.tag for step in attempt.plan.steps}
    assert panel.go.text() == t("panels.release.rebuild.one", name=machine.name)
    assert panel.go.property("role") == "danger"
    QTest.keyClick(panel.template, K.Key_Return)
    assert ended(panel, qtbot) == "released"
    assert bench.ann.station.hold() is None


def test_two_people_release_each_from_a_station_of_their_own(
    bench: Bench, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    bench.prepare(two_people=True)
    machine = held(bench, qtbot)
    first = panel_of(bench.ann, machine, qtbot, t, theme)
    QTest.keyClick(first, K.Key_Return)
    assert ended(first, qtbot) == "waiting"
    assert t("panels.result.waiting.why") in first.attempts()[0].line.text()
    assert bench.remembered == 1
    second = panel_of(bench.bob, machine, qtbot, t, theme)
    assert "ann@desk" in second.attempts()[0].warnings.text()
    assert second.go.text() == t("panels.release.second.one", name=machine.name)
    QTest.keyClick(second, K.Key_Return)
    assert ended(second, qtbot) == "released"
    assert bench.remembered == 0


def test_a_station_that_is_late_is_told_what_differs(
    bench: Bench, qtbot: QtBot, t: Catalogue, theme: Theme
) -> None:
    bench.prepare()
    machine = held(bench, qtbot)
    panel = panel_of(bench.ann, machine, qtbot, t, theme)
    again = asyncio.ensure_future(bench.bob.cut(Wish()))  # another mode: another generation
    qtbot.waitUntil(again.done)
    again.result()
    QTest.keyClick(panel, K.Key_Return)
    assert ended(panel, qtbot) != "released"
    said = panel.attempts()[0].line.text()
    assert "bob@desk" in said and "generation" in said
    assert bench.remembered == 1


@pytest.mark.parametrize("asks_for_two", [False, True])
def test_not_prepared_is_said_only_where_two_people_are_asked_for(
    bench: Bench, tmp_path: Path, qtbot: QtBot, t: Catalogue, theme: Theme, asks_for_two: bool
) -> None:
    machine = held(bench, qtbot)
    bench.ann.desk = IncidentDesk(
        hands=bench.ann.station.hands,
        journal=bench.ann.station.journal,
        runner=bench.ann.station.runner,
        sealer=bench.ann.station.sealer,
        operator="ann@desk",
        asks_for_two=lambda host: asks_for_two and host == HOST,
    )
    panel = panel_of(bench.ann, machine, qtbot, t, theme)
    said = panel.attempts()[0].warnings.text()
    assert (t("incidents.warning.not-prepared") in said) is asks_for_two
