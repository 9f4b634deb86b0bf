"""Keys to seal and sign with, made once a run by the real command: wrapping them takes seconds."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.lab.stations import ringfence

PASSPHRASE = "a long enough passphrase"


class Vault:
    """`secret` is the file with the passphrase; `opener` the case key as openssl reads it."""

    def __init__(self, folder: Path) -> None:
        self.secret = folder / "passphrase"
        self.secret.write_text(PASSPHRASE + "\n")
        self._home = folder / "home"
        self._ask("new", "case", "evidence")
        self._ask("backup", str(folder / "keys"), "--openssl")
        self.opener = next((folder / "keys").glob("case-*.pem"))

    def give(self, home: Path) -> None:
        """Let a station have these keys."""
        config = self._home / "config"
        shutil.copytree(config / "keys", home / "config/keys")
        shutil.copy(config / "trusted-keys", home / "config")

    def _ask(self, *words: str) -> None:
        done = ringfence(self._home, "key", *words, "--passphrase-file", str(self.secret))
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def made_keys(tmp_path_factory: pytest.TempPathFactory) -> Generator[Vault]:
    yield Vault(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def vault(made_keys: Vault, home: Path) -> Vault:
    """The keys, which this test's station has too."""
    made_keys.give(home)
    return made_keys
