"""Keys beside the cut: asked for after the yes, made or opened off the loop, never in the way."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.incidents.evidence.room import CaseFiles
from core.incidents.model import EvidenceKind
from core.keys.purposes import Purpose
from core.keys.ring import KeyRing, open_ring
from core.keys.wrapping import Wrapping, wrap_by_passphrase
from core.text import Catalogue
from gui.incidents.attempt import Stage
from gui.incidents.quarantine_panel import QuarantinePanel
from gui.incidents.unlock import StationKeys
from gui.theme import Theme
from tests.ui.fleets import view
from tests.ui.incidents.bench import SmallStation
from tests.ui.incidents.test_beside_the_cut import Beside

PASSPHRASE = "a long enough passphrase"
K = Qt.Key


def cheap(key: bytes, name: str, passphrase: str) -> Wrapping:
    return wrap_by_passphrase(key, name, passphrase, 64)


class LateKeys(Beside):
    """Evidence needs the ring's case key, as the station's desk does."""

    def __init__(self, small: SmallStation, ring: KeyRing) -> None:
        super().__init__(small.incidents)
        self._ring = ring

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str
    ) -> Plan:
        self._ring.need(Purpose.CASE)
        return await super().plan_evidence(view, case, kinds, reason)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return open_ring(tmp_path / "config")


@pytest.fixture
def panel(
    qtbot: QtBot, t: Catalogue, theme: Theme, small: SmallStation, ring: KeyRing, tmp_path: Path
) -> Iterator[QuarantinePanel]:
    cases = CaseFiles(tmp_path / "cases", tmp_path / "config", lambda: ring, lambda: None)
    keys = StationKeys(lambda: ring, lambda: cases, cheap)
    made = QuarantinePanel(t, theme, LateKeys(small, ring), keys=keys)
    qtbot.addWidget(made)
    made.resize(400, 740)
    yield made
    made.shut()


def cut(panel: QuarantinePanel, qtbot: QtBot) -> None:
    panel.open([view(1, "web-03")])
    qtbot.waitUntil(lambda: panel.attempts()[0].stage is Stage.READY)
    assert panel.unlock.isHidden()  # never before the yes
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: panel.attempts()[0].result == "contained")


def test_keys_are_made_beside_a_cut_that_did_not_wait_and_evidence_follows(
    panel: QuarantinePanel, ring: KeyRing, qtbot: QtBot
) -> None:
    cut(panel, qtbot)
    qtbot.waitUntil(lambda: not panel.unlock.isHidden())
    collecting = panel.attempts()[0].collecting
    assert collecting.without_key and collecting.run is None
    QTest.keyClicks(panel.unlock.secret, PASSPHRASE)
    QTest.keyClick(panel.unlock.secret, K.Key_Return)
    QTest.keyClicks(panel.unlock.again, PASSPHRASE)
    QTest.keyClick(panel.unlock.again, K.Key_Return)
    qtbot.waitUntil(lambda: collecting.run is not None, timeout=30_000)
    assert panel.isVisible()  # Enter in the field is no yes to close
    assert ring.missing() == () and ring.is_open(Purpose.EVIDENCE)
    assert panel.unlock.secret.text() == "" and panel.unlock.secret.isHidden()


def test_a_wrong_passphrase_is_said_and_the_right_one_opens(
    panel: QuarantinePanel, ring: KeyRing, qtbot: QtBot, t: Catalogue
) -> None:
    for purpose in (Purpose.CASE, Purpose.EVIDENCE):
        ring.make(purpose, lambda key, name: cheap(key, name, PASSPHRASE))
    ring.lock()
    cut(panel, qtbot)
    qtbot.waitUntil(lambda: not panel.unlock.isHidden())
    assert panel.unlock.again.isHidden()
    for secret in ("not the passphrase", PASSPHRASE):
        qtbot.waitUntil(panel.unlock.secret.isEnabled)
        QTest.keyClicks(panel.unlock.secret, secret)
        QTest.keyClick(panel.unlock.secret, K.Key_Return)
        if secret != PASSPHRASE:
            qtbot.waitUntil(lambda: not panel.unlock.problem.isHidden())
            assert not ring.is_open(Purpose.EVIDENCE)
    qtbot.waitUntil(lambda: ring.is_open(Purpose.EVIDENCE))
    qtbot.waitUntil(lambda: panel.unlock.words.text() == t("panels.keys.opened"))
    assert panel.unlock.problem.isHidden()


def test_two_different_passphrases_make_nothing(
    panel: QuarantinePanel, ring: KeyRing, qtbot: QtBot
) -> None:
    cut(panel, qtbot)
    qtbot.waitUntil(lambda: not panel.unlock.isHidden())
    QTest.keyClicks(panel.unlock.secret, PASSPHRASE)
    QTest.keyClicks(panel.unlock.again, "another passphrase")
    QTest.mouseClick(panel.unlock.go, Qt.MouseButton.LeftButton)
    assert not panel.unlock.problem.isHidden()
    assert ring.all() == ()


def test_closing_the_panel_forgets_what_was_typed(panel: QuarantinePanel, qtbot: QtBot) -> None:
    cut(panel, qtbot)
    qtbot.waitUntil(lambda: not panel.unlock.isHidden())
    QTest.keyClicks(panel.unlock.secret, PASSPHRASE)
    QTest.keyClick(panel.unlock.secret, K.Key_Escape)
    assert panel.isHidden() and panel.unlock.secret.text() == ""


def test_no_evidence_asks_for_no_key(panel: QuarantinePanel, qtbot: QtBot) -> None:
    panel.open([view(1, "web-03")])
    panel.evidence.choose(())
    cut_without = panel.attempts()[0]
    qtbot.waitUntil(lambda: cut_without.stage is Stage.READY)
    QTest.keyClick(panel, K.Key_Return)
    qtbot.waitUntil(lambda: cut_without.result == "contained")
    assert panel.unlock.isHidden()


def test_nothing_is_signed_of_a_case_that_has_nothing(tmp_path: Path, ring: KeyRing) -> None:
    cases = CaseFiles(tmp_path / "cases", tmp_path / "config", lambda: ring, lambda: None)
    assert cases.sign_case(str(uuid4())) == 0
