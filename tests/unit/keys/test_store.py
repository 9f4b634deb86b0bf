"""Keys are made once, kept privately, and found wherever they were made."""

from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from core.keys.store import FileKeys, open_keys
from core.text import RingfenceError


class Desktop:
    """A keyring of this process."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.values.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.values[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.values[service, username]


class Locked(Desktop):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked")


def test_a_key_file_is_private_and_made_once(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys", None)
    first = keys.get("seal", lambda: b"one")
    assert (first, keys.get("seal", lambda: b"two")) == (b"one", b"one")
    assert (tmp_path / "keys" / "seal").stat().st_mode & 0o777 == 0o600
    assert keys.place().code == "keys.place.file"


def test_a_key_file_others_can_read_is_refused(tmp_path: Path) -> None:
    FileKeys(tmp_path).keep("seal", b"one")
    (tmp_path / "seal").chmod(0o640)
    with pytest.raises(RingfenceError, match="key-file-open"):
        FileKeys(tmp_path).fetch("seal")


def test_the_second_writer_finds_the_first_ones_key(tmp_path: Path) -> None:
    FileKeys(tmp_path).keep("seal", b"one")
    FileKeys(tmp_path).keep("seal", b"two")
    assert FileKeys(tmp_path).fetch("seal") == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["seal"]


def test_the_desktop_keyring_is_used_where_there_is_one(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys", Desktop())
    assert keys.get("seal", lambda: b"\x00one") == b"\x00one"
    assert not (tmp_path / "keys").exists()
    assert keys.place().code == "keys.place.keyring"


def test_a_key_made_in_a_terminal_is_found_on_the_desktop(tmp_path: Path) -> None:
    made = open_keys(tmp_path / "keys", None).get("seal", lambda: b"one")
    assert open_keys(tmp_path / "keys", Desktop()).get("seal", lambda: b"two") == made


def test_a_locked_keyring_is_no_keyring(tmp_path: Path) -> None:
    assert open_keys(tmp_path / "keys", Locked()).place().code == "keys.place.file"


class LockedLater(Desktop):
    """Answers once, then its session ends."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = 1

    def get_password(self, service: str, username: str) -> str | None:
        if not self.answers:
            raise KeyringLocked("locked")
        self.answers -= 1
        return super().get_password(service, username)


def test_a_keyring_that_is_locked_later_is_a_known_error(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys", LockedLater())
    with pytest.raises(RingfenceError, match="keyring-failed"):
        keys.get("seal", lambda: b"one")


def test_a_keyring_that_holds_no_key_of_ours_is_a_known_error(tmp_path: Path) -> None:
    desktop = Desktop()
    keys = open_keys(tmp_path / "keys", desktop)
    keys.get("seal", lambda: b"one")
    desktop.values = dict.fromkeys(desktop.values, "not base64!")
    with pytest.raises(RingfenceError, match="keyring-failed"):
        keys.get("seal", lambda: b"two")
