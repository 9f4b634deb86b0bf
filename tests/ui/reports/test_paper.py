"""A report becomes a PDF, and a hostile title in it loads nothing and stays text."""

from datetime import UTC, datetime
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.fleet.model import FleetView, Key
from core.posture.score import NO_SCORE
from core.reports.posture import posture_page
from core.text import load_catalogue
from gui.reports.paper import write_page
from tests.unit.fleet.machines import machine, view

HOSTILE = "<img src=file:///etc/hostname>"


def test_a_hostile_title_is_literal_on_paper(qtbot: QtBot, tmp_path: Path) -> None:
    shown = view(machine=machine(title=HOSTILE))
    fleet = FleetView({}, {Key("hv1", shown.key.uuid): shown}, (), NO_SCORE, (), demo=False)
    page = posture_page(fleet, load_catalogue("en"), datetime.now(UTC))
    write_page(page, tmp_path / "posture.pdf")
    content = (tmp_path / "posture.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/Subtype /Image" not in content  # no picture was loaded
    write_page(page, tmp_path / "posture.html")
    assert "&lt;img src=file" in (tmp_path / "posture.html").read_text("utf-8")
