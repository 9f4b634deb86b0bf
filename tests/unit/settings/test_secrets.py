"""Secrets go to the keyring, or stay in memory; a keyring that refuses is said, not hidden."""

from collections.abc import Callable

import pytest
from keyring.errors import KeyringLocked, PasswordDeleteError

from core.settings.secrets import Secrets
from core.text import RingfenceError


class Keyring:
    """A keyring in memory, which can be locked."""

    def __init__(self) -> None:
        self.locked = False
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        self._ask()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._ask()
        if (service, username) not in self.kept:
            raise PasswordDeleteError("no such password")
        del self.kept[service, username]

    def _ask(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")


def test_a_secret_is_kept_in_the_keyring_by_host_and_purpose() -> None:
    keyring = Keyring()
    secrets = Secrets(keyring)
    secrets.put("hv1", "sasl", "s3")
    assert secrets.kept
    assert Secrets(keyring).get("hv1", "sasl") == "s3"
    assert Secrets(keyring).get("hv2", "sasl") is None
    secrets.forget("hv1", "sasl")
    secrets.forget("hv1", "sasl")
    assert keyring.kept == {}


def test_without_a_keyring_a_secret_lives_for_the_session() -> None:
    secrets = Secrets(None)
    secrets.put("hv1", "sasl", "s3")
    assert not secrets.kept
    assert secrets.get("hv1", "sasl") == "s3"
    assert Secrets(None).get("hv1", "sasl") is None
    secrets.forget("hv1", "sasl")
    assert secrets.get("hv1", "sasl") is None


def test_a_secret_not_to_be_kept_never_reaches_the_keyring() -> None:
    keyring = Keyring()
    secrets = Secrets(keyring)
    secrets.put("hv1", "sasl", "s3", keep=False)
    assert keyring.kept == {}
    assert secrets.get("hv1", "sasl") == "s3"


def test_a_locked_keyring_says_so() -> None:
    keyring = Keyring()
    keyring.locked = True
    uses: tuple[Callable[[], object], ...] = (
        lambda: Secrets(keyring).get("a", "b"),
        lambda: Secrets(keyring).put("a", "b", "c"),
        lambda: Secrets(keyring).forget("a", "b"),
    )
    for use in uses:
        with pytest.raises(RingfenceError) as caught:
            use()
        assert caught.value.code == "keyring-failed"
