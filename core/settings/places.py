"""Where everything lives: XDG directories, or all of it under RINGFENCE_HOME.

Every directory is private (0700) and ours; one that belongs to somebody else is refused, so that
nobody can plant a socket or a journal for us.
"""

import os
import stat
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Self

from msgspec import Struct

from core.text import RingfenceError

APPLICATION = "ringfence"
# A UNIX socket's path ends at 107 bytes; a host's directory and the socket's name need the rest.
MAX_RUNTIME_PATH_BYTES = 60


class Places(Struct, frozen=True):
    """The directories of one station and the files in them."""

    config_dir: Path
    state_dir: Path
    runtime_dir: Path
    cache_dir: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        home = environment.get("RINGFENCE_HOME", "")
        return cls.under(Path(home)) if home else cls._from_xdg(environment)

    @classmethod
    def under(cls, home: Path) -> Self:
        """Everything below one directory, as tests, portable installs and the lab want it."""
        root = home.expanduser().absolute()
        return cls(root / "config", root / "state", _short(root / "run"), root / "cache")

    @classmethod
    def _from_xdg(cls, environment: Mapping[str, str]) -> Self:
        def base(variable: str, fallback: str) -> Path:
            value = environment.get(variable, "")
            # The XDG specification: a relative path is to be ignored.
            root = Path(value) if value.startswith("/") else Path.home() / fallback
            return root / APPLICATION

        state = base("XDG_STATE_HOME", ".local/state")
        runtime = environment.get("XDG_RUNTIME_DIR", "")
        return cls(
            base("XDG_CONFIG_HOME", ".config"),
            state,
            _short(Path(runtime) / APPLICATION if runtime.startswith("/") else state / "run"),
            base("XDG_CACHE_HOME", ".cache"),
        )

    @property
    def fleet_file(self) -> Path:
        return self.config_dir / "fleet.toml"

    @property
    def prefs_file(self) -> Path:
        return self.config_dir / "preferences.json"

    @property
    def pki_dir(self) -> Path:
        """One directory a host, where `pki_dir` of the host's entry says nothing else."""
        return self.config_dir / "pki"

    @property
    def journal_file(self) -> Path:
        return self.state_dir / "journal.sqlite3"

    @property
    def audit_file(self) -> Path:
        return self.state_dir / "audit.sqlite3"

    @property
    def scores_file(self) -> Path:
        return self.state_dir / "scores.sqlite3"

    @property
    def cases_dir(self) -> Path:
        """Evidence, a directory a case."""
        return self.state_dir / "cases"

    @property
    def log_dir(self) -> Path:
        return self.state_dir / "logs"

    def make(self) -> Self:
        """Create what is missing, private, and check that it is ours.

        Raises:
            RingfenceError: place-not-ours, place-not-made.
        """
        for folder in (
            self.config_dir,
            self.state_dir,
            self.runtime_dir,
            self.cache_dir,
            self.log_dir,
        ):
            make_private(folder)
        return self


def make_private(folder: Path) -> None:
    """Make one directory 0700 and refuse it when it is a link or another user's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise RingfenceError("place-not-ours", path=str(folder))
        if stat.S_IMODE(status.st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as error:
        raise RingfenceError("place-not-made", str(error), path=str(folder)) from error


def _short(runtime: Path) -> Path:
    if len(os.fsencode(runtime)) <= MAX_RUNTIME_PATH_BYTES:
        return runtime
    mark = sha256(os.fsencode(runtime)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"{APPLICATION}-{os.geteuid()}-{mark}"
