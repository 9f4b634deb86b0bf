"""Edits touch one entry; comments, order and spacing of all others stay byte for byte."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.posture.model import Waiver
from core.settings.fleet_editor import FleetEditor
from core.settings.fleet_file import parse_fleet, read_fleet
from core.settings.model import (
    HostEntry,
    Protection,
    RiskEntry,
    SavedView,
    SshTarget,
    TenantEntry,
    ZoneEntry,
)
from core.text import RingfenceError

TEXT = """\
# Our hosts. Ask Anna before changing.
version = 1

[[hosts]]   # the old one
name = "hv1"
uri = "qemu+tls://hv1/system"   # rack 3

# this one is loud
[[hosts]]
name = "hv2"
uri = "qemu+tls://hv2/system"

# --- zones ---
[[zones]]
name = "dmz"
networks = ["dmz"]  # only this
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "fleet.toml"
    file.write_text(TEXT)
    return file


def test_adding_leaves_every_line_that_was_there(path: Path) -> None:
    editor = FleetEditor(path)
    editor.add(HostEntry("hv3", "qemu+ssh://root@hv3/system", SshTarget("hv3", "root", 22)))
    fleet = editor.save()
    assert [host.name for host in fleet.hosts] == ["hv1", "hv2", "hv3"]
    assert fleet.hosts[2].ssh == SshTarget("hv3", "root", 22)
    kept = iter(path.read_text().splitlines())
    assert all(line in kept for line in TEXT.splitlines())


def test_the_file_before_is_kept_beside(path: Path) -> None:
    path.chmod(0o640)
    editor = FleetEditor(path)
    editor.add(TenantEntry("acme"))
    editor.save()
    before = path.with_name("fleet.toml.bak")
    assert before.read_text() == TEXT
    assert before.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(path.parent.iterdir()) == [path, before]


def test_removing_leaves_the_comments_of_the_others(path: Path) -> None:
    editor = FleetEditor(path)
    editor.remove(HostEntry, "hv1")
    fleet = editor.save()
    assert [host.name for host in fleet.hosts] == ["hv2"]
    text = path.read_text()
    assert "# this one is loud\n[[hosts]]" in text
    assert "# --- zones ---" in text
    assert "hv1" not in text


def test_changing_keeps_the_comments_inside(path: Path) -> None:
    editor = FleetEditor(path)
    editor.put(ZoneEntry("dmz", protection=Protection.HIGH, networks=("dmz",), vlans=(7,)))
    zone = editor.save().zones[0]
    assert (zone.protection, zone.vlans) == (Protection.HIGH, (7,))
    assert 'networks = ["dmz"]  # only this' in path.read_text()


def test_a_name_that_is_taken_is_refused(path: Path) -> None:
    with pytest.raises(RingfenceError) as caught:
        FleetEditor(path).add(HostEntry("hv1", "test:///default"))
    assert caught.value.code == "fleet-name-taken"


@pytest.mark.parametrize(
    "entry",
    [
        HostEntry("-x", "test:///default"),
        HostEntry("x", "qemu+ssh://x/system?command=y"),
        SavedView(""),
        SavedView("two\nlines"),
        RiskEntry("awful", ("x",)),
    ],
)
def test_what_could_not_be_read_back_is_not_written(
    path: Path, entry: HostEntry | SavedView | RiskEntry
) -> None:
    with pytest.raises(RingfenceError) as caught:
        FleetEditor(path).put(entry)
    assert caught.value.code == "fleet-entry-refused"
    assert path.read_text() == TEXT


def test_a_broken_file_is_never_written(path: Path) -> None:
    path.write_text(TEXT + "\n[[hosts]]\nname = \n")
    with pytest.raises(RingfenceError) as caught:
        FleetEditor(path)
    assert (caught.value.code, caught.value.params["line"]) == ("fleet-broken", 19)


def test_a_newer_file_is_never_written(path: Path) -> None:
    path.write_text(TEXT.replace("version = 1", "version = 2"))
    with pytest.raises(RingfenceError) as caught:
        FleetEditor(path)
    assert caught.value.code == "fleet-newer"


def test_a_change_by_somebody_else_is_not_overwritten(path: Path) -> None:
    editor = FleetEditor(path)
    editor.add(TenantEntry("acme"))
    path.write_text(TEXT + "# theirs\n")
    with pytest.raises(RingfenceError) as caught:
        editor.save()
    assert caught.value.code == "fleet-changed-meanwhile"
    assert path.read_text().endswith("# theirs\n")


def test_the_first_host_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "fleet.toml"
    editor = FleetEditor(path)
    editor.add(HostEntry("hv1", "test:///default", read_only=True, note="x"))
    editor.save()
    assert read_fleet(path).hosts == (
        HostEntry("hv1", "test:///default", read_only=True, note="x"),
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(TEXT)
    link = tmp_path / "fleet.toml"
    link.symlink_to(real)
    editor = FleetEditor(link)
    editor.add(TenantEntry("acme"))
    editor.save()
    assert link.is_symlink()
    assert "acme" in real.read_text()


def test_a_waiver_is_found_by_check_and_target(path: Path) -> None:
    until = datetime(2027, 1, 1, tzinfo=UTC)
    waiver = Waiver("VM-SVIRT-001", "hv1/*", "known", "anna", until)
    editor = FleetEditor(path)
    editor.add(waiver)
    assert editor.save().waivers == (waiver,)
    editor.remove(Waiver, "VM-SVIRT-001 hv1/*")
    assert editor.save().waivers == ()
    assert path.read_text() == TEXT


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40)


@settings(max_examples=30)
@given(name=words.filter(bool), text=words, columns=st.lists(words, max_size=3))
def test_any_view_comes_back_as_it_was(name: str, text: str, columns: list[str]) -> None:
    view = SavedView(name, text, tuple(columns), "score", True, "zone")
    editor = FleetEditor(Path("/nonexistent/fleet.toml"))
    editor.put(view)
    assert parse_fleet(editor.text.encode()).views == (view,)
    editor.put(SavedView(name, "other"))
    assert parse_fleet(editor.text.encode()).views == (SavedView(name, "other"),)
    editor.remove(SavedView, name)
    assert parse_fleet(editor.text.encode()).views == ()
