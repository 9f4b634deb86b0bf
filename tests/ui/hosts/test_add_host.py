"""Adding a host: checked where it is typed, tried before it is kept, written to fleet.toml."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.settings.fleet_file import read_fleet
from core.settings.model import FleetFile, HostEntry, SshTarget
from core.settings.places import Places
from core.text import Catalogue, Text
from gui.hosts.add_host import AddHostPanel
from gui.hosts.doctor import CheckHostPanel
from gui.hosts.door import CheckStep, StationHosts, Tell
from gui.hosts.first_run import FirstRunPanel
from gui.hosts.form import HostKind
from gui.inspector.panel import InspectorPanel
from gui.theme import Theme
from tests.ui.fleets import HOSTILE, host


class Looked(Struct, frozen=True):
    ok: bool
    cause: Text
    step: Text | None = None


GOOD = Looked(True, Text("panels.key.address"))
BAD = Looked(
    False, Text("panels.unverified", detail=HOSTILE), Text("panels.stale", {"seen": HOSTILE})
)


async def two_steps(entry: HostEntry, tell: Tell) -> Sequence[CheckStep]:
    tell(GOOD)
    await asyncio.sleep(0)
    return (GOOD, BAD)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.under(tmp_path).make()


@pytest.fixture
def taken() -> list[FleetFile]:
    return []


@pytest.fixture
def panel(
    qtbot: QtBot, t: Catalogue, theme: Theme, places: Places, taken: list[FleetFile]
) -> AddHostPanel:
    made = AddHostPanel(t, theme, StationHosts(places, two_steps, taken.append))
    qtbot.addWidget(made)
    made.resize(420, 700)
    made.open()
    return made


def fill(panel: AddHostPanel, kind: HostKind = HostKind.SSH, **texts: str) -> None:
    panel.kind.setCurrentIndex(list(HostKind).index(kind))
    for name, text in texts.items():
        panel.fields[name].edit.clear()
        QTest.keyClicks(panel.fields[name].edit, text)


def test_fields_become_a_uri(panel: AddHostPanel) -> None:
    fill(panel, name="hv1", address="2001:db8::7", port="2222", user="admin")
    assert panel.uri.text() == "qemu+ssh://admin@[2001:db8::7]:2222/system"
    assert panel.add.text() == "Add hv1"
    assert panel.add.isEnabled()


def test_a_tls_host_may_have_a_shell(panel: AddHostPanel, places: Places) -> None:
    fill(panel, HostKind.TLS, name="hv2", address="hv2.example.net", shell="ops@hv2:22")
    panel.read_only.setChecked(True)
    QTest.keyClick(panel.fields["name"].edit, Qt.Key.Key_Return)
    (entry,) = read_fleet(places.fleet_file).hosts
    assert entry.uri == "qemu+tls://hv2.example.net/system"
    assert entry.ssh == SshTarget("hv2", "ops", 22)
    assert entry.read_only


def test_adding_writes_the_file_and_tells(
    panel: AddHostPanel, qtbot: QtBot, taken: list[FleetFile]
) -> None:
    fill(panel, name="hv1", address="hv1")
    with qtbot.waitSignal(panel.added):
        panel.add.click()
    assert [entry.name for entry in taken[0].hosts] == ["hv1"]
    assert not panel.isVisible()


@pytest.mark.parametrize(
    ("field", "text"), [("address", "-oProxyCommand"), ("port", "70000"), ("name", "-hv")]
)
def test_a_bad_field_says_so_where_it_is(panel: AddHostPanel, field: str, text: str) -> None:
    fill(panel, name="hv1", address="hv1")
    fill(panel, HostKind.SSH, **{field: text})
    assert panel.fields[field].problem.isVisible()
    assert not panel.add.isEnabled()
    assert panel.add.toolTip()


def test_an_empty_form_does_not_nag(panel: AddHostPanel) -> None:
    assert not any(field.problem.isVisible() for field in panel.fields.values())
    assert not panel.add.isEnabled()


def test_a_uri_that_is_a_program_is_refused(panel: AddHostPanel) -> None:
    fill(panel, HostKind.OTHER, name="x", uri="qemu+ext://h/system?command=/tmp/x")
    assert panel.fields["uri"].problem.isVisible()
    assert not panel.add.isEnabled()


def test_a_name_is_not_given_twice(panel: AddHostPanel) -> None:
    fill(panel, name="hv1", address="hv1")
    panel.add.click()
    panel.open()
    fill(panel, name="hv1", address="other")
    assert panel.fields["name"].problem.isVisible()


def test_the_connection_is_tried_before_it_is_kept(
    panel: AddHostPanel,
    places: Places,
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
    t: Catalogue,
) -> None:
    fill(panel, name="hv1", address="hv1")
    panel.test.click()
    qtbot.waitUntil(lambda: len(panel.doctor.lines()) == 2)
    good, bad = panel.doctor.lines()
    assert good.ok
    assert bad.cause.text() == t("panels.unverified")
    assert HOSTILE in bad.next.text()
    assert "<img" not in bad.cause.toolTip()
    assert not places.fleet_file.exists()


def test_escape_keeps_nothing(panel: AddHostPanel, places: Places) -> None:
    fill(panel, name="hv1", address="hv1")
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert not places.fleet_file.exists()


def test_the_doctor_examines_a_declared_host(
    t: Catalogue, theme: Theme, places: Places, qtbot: QtBot, loop: asyncio.AbstractEventLoop
) -> None:
    made = CheckHostPanel(t, theme, StationHosts(places, two_steps, lambda _: None))
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.doctor.ended):
        made.open(HostEntry("hv1", "qemu:///system"))
    assert made.doctor.line.text() == t("panels.doctor.trouble", host="hv1")
    made.again.click()
    qtbot.waitUntil(lambda: len(made.doctor.lines()) == 2)


def test_a_newcomer_has_two_ways_in(t: Catalogue, theme: Theme, qtbot: QtBot) -> None:
    made = FirstRunPanel(t, theme)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.demo_wanted):
        made.demo.click()
    with qtbot.waitSignal(made.add_wanted):
        made.add.click()


def test_the_inspector_examines_the_host_it_shows(
    t: Catalogue, theme: Theme, places: Places, qtbot: QtBot, loop: asyncio.AbstractEventLoop
) -> None:
    door = StationHosts(places, two_steps, lambda _: None)
    inspector = InspectorPanel(t, theme, None, {}, hosts=door)
    qtbot.addWidget(inspector)
    inspector.show_host(host("hv1", 1))
    inspector.choose_tab("doctor")
    assert inspector.doctor is not None
    inspector.doctor.examine.click()
    doctor = inspector.doctor.doctor
    qtbot.waitUntil(lambda: len(doctor.lines()) == 2)
    inspector.show_host(host("hv2", 1))
    assert doctor.lines() == ()
