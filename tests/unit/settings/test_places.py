"""Directories are XDG's or under one home, private, and never somebody else's."""

from pathlib import Path

import pytest

from core.settings.places import MAX_RUNTIME_PATH_BYTES, Places, make_private
from core.text import RingfenceError


def test_one_home_holds_everything(tmp_path: Path) -> None:
    places = Places.from_environment({"RINGFENCE_HOME": str(tmp_path / "h")})
    assert places.fleet_file == tmp_path / "h" / "config" / "fleet.toml"
    assert places.journal_file.is_relative_to(tmp_path / "h")
    assert places.cache_dir.is_relative_to(tmp_path / "h")


def test_xdg_directories_are_used_and_relative_ones_ignored() -> None:
    places = Places.from_environment(
        {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative", "XDG_RUNTIME_DIR": "/run/user/7"}
    )
    assert places.config_dir == Path("/c/ringfence")
    assert places.state_dir == Path.home() / ".local/state/ringfence"
    assert places.runtime_dir == Path("/run/user/7/ringfence")


def test_a_socket_always_fits_below_the_runtime_directory(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    places, again = Places.under(deep), Places.under(deep)
    assert len(bytes(places.runtime_dir)) <= MAX_RUNTIME_PATH_BYTES
    assert places.runtime_dir == again.runtime_dir
    assert places.runtime_dir != Places.under(tmp_path / ("e" * 90)).runtime_dir


def test_directories_are_private(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    places = Places.under(tmp_path).make()
    for folder in (places.config_dir, places.state_dir, places.runtime_dir, places.log_dir):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_planted_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RingfenceError) as caught:
        make_private(tmp_path / "link")
    assert caught.value.code == "place-not-ours"


def test_a_place_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RingfenceError) as caught:
        make_private(tmp_path / "file" / "below")
    assert caught.value.code == "place-not-made"
