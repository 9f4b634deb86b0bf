"""Passwords and keys of this person: in the desktop's keyring, or in memory for this session.

Nothing is ever written to a file in the clear. Without a keyring everything works until the
program ends, and `kept` says so, so that the screen can. Calls may wait for the desktop to ask
for a password: keep them off the event loop (`asyncio.to_thread`).
"""

from typing import Protocol, cast

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from core.text import RingfenceError

SERVICE = "ringfence"
# Back ends of keyring below this priority keep nothing, or keep it in plain text.
_SAFE_PRIORITY = 1


class Store(Protocol):
    """The part of a keyring we use."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class Secrets:
    """Secrets by host and purpose ("sasl", "esx-password", "undo-key", ...)."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._session: dict[str, str] = {}

    @property
    def kept(self) -> bool:
        """Whether a secret survives the end of the program."""
        return self._store is not None

    def get(self, host: str, what: str) -> str | None:
        """Return the secret or None.

        Raises:
            RingfenceError: keyring-failed, when the keyring is there and refuses.
        """
        name = _entry(host, what)
        if self._store is None or name in self._session:
            return self._session.get(name)
        try:
            return self._store.get_password(SERVICE, name)
        except KeyringError as error:
            raise _failed(error) from error

    def put(self, host: str, what: str, secret: str, *, keep: bool = True) -> None:
        """Remember a secret; with keep=False only until the program ends.

        Raises:
            RingfenceError: keyring-failed.
        """
        name = _entry(host, what)
        if self._store is None or not keep:
            self._session[name] = secret
            return
        try:
            self._store.set_password(SERVICE, name, secret)
        except KeyringError as error:
            raise _failed(error) from error
        self._session.pop(name, None)

    def forget(self, host: str, what: str) -> None:
        """Remove a secret; one that is not there is no error.

        Raises:
            RingfenceError: keyring-failed.
        """
        name = _entry(host, what)
        self._session.pop(name, None)
        if self._store is None:
            return
        try:
            self._store.delete_password(SERVICE, name)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise _failed(error) from error


def desktop_store() -> Store | None:
    """The desktop's keyring; None where there is none that keeps secrets safe."""
    backend: KeyringBackend = keyring.get_keyring()
    try:
        return cast(Store, backend) if backend.priority >= _SAFE_PRIORITY else None
    except (RuntimeError, ImportError):
        return None  # a configured back end that cannot work here says so when asked


def _entry(host: str, what: str) -> str:
    return f"{host}/{what}"


def _failed(error: KeyringError) -> RingfenceError:
    return RingfenceError("keyring-failed", str(error) or type(error).__name__)
