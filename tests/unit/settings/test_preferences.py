"""Preferences survive a round trip; a damaged file costs only the likes."""

from pathlib import Path

import pytest

from core.settings.preferences import Preferences, load_preferences, save_preferences


def test_they_come_back_as_saved(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    wanted = Preferences(
        theme="dark", columns=("name", "score"), column_widths={"name": 200}, filter="zone:dmz"
    )
    save_preferences(path, wanted)
    assert load_preferences(path) == wanted


@pytest.mark.parametrize(
    "content", ["", "{", '{"theme": "pink"}', "[]", '{"column_widths": {"a": "b"}}', "\xff"]
)
def test_damage_gives_the_defaults(tmp_path: Path, content: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(content, "latin-1")
    assert load_preferences(path) == Preferences()


def test_a_newer_version_s_keys_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_text('{"version": 2, "hologram": true, "theme": "light"}')
    assert load_preferences(path).theme == "light"


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "none.json") == Preferences()
