"""Where the station keeps its own keys: the desktop keyring, or a 0600 file when there is none.

A key is fetched by name and made on first use. None is made while an older one can be found:
what that one sealed must stay readable.
"""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from keyring.errors import KeyringError

from core.settings.secrets import SERVICE, Store
from core.text import RingfenceError, Text


class KeyStore(Protocol):
    """Keeps named secrets of a few bytes."""

    def fetch(self, name: str) -> bytes | None: ...

    def keep(self, name: str, key: bytes) -> None: ...

    def place(self) -> Text:
        """Say where the keys are, for the screens that must not hide it."""
        ...


class FileKeys:
    """Keys as files only the user may read, in the state directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            mode = path.stat().st_mode & 0o077
        except FileNotFoundError:
            return None
        if mode:
            raise RingfenceError("key-file-open", path=str(path))
        return path.read_bytes()

    def keep(self, name: str, key: bytes) -> None:
        """Write the key once; a second writer finds the first one's key and loses."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._folder / f".{name}.{os.getpid()}"
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(key)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(new, self._folder / name)
        except FileExistsError:
            return
        finally:
            new.unlink()

    def place(self) -> Text:
        return Text("keys.place.file", {"path": str(self._folder)})


class DesktopKeys:
    """Keys in the desktop keyring; the scope keeps two homes of the product apart.

    Raises:
        RingfenceError: keyring-failed: it is locked, refuses, or holds something that is no key.
    """

    def __init__(self, store: Store, scope: str) -> None:
        self._store = store
        self._scope = scope

    def fetch(self, name: str) -> bytes | None:
        try:
            found = self._store.get_password(SERVICE, self._entry(name))
            return None if found is None else base64.b64decode(found, validate=True)
        except (KeyringError, ValueError) as error:
            raise _failed(error) from error

    def keep(self, name: str, key: bytes) -> None:
        text = base64.b64encode(key).decode()
        try:
            self._store.set_password(SERVICE, self._entry(name), text)
        except KeyringError as error:
            raise _failed(error) from error

    def place(self) -> Text:
        return Text("keys.place.keyring")

    def _entry(self, name: str) -> str:
        return f"{name}@{self._scope}"


class Keys:
    """All stores of this station; new keys go to the first.

    A key made in a terminal without a keyring lies in a file; one made on the desktop lies in
    the keyring. Both are found, so that what one sealed the other opens.
    """

    def __init__(self, stores: tuple[KeyStore, ...]) -> None:
        self._stores = stores

    def all(self, name: str) -> tuple[bytes, ...]:
        found = (store.fetch(name) for store in self._stores)
        return tuple(dict.fromkeys(key for key in found if key is not None))

    def get(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the named key, made now when there is none.

        Raises:
            RingfenceError: it could not be kept.
        """
        if found := self.all(name):
            return found[0]
        self._stores[0].keep(name, make())
        kept = self._stores[0].fetch(name)
        if kept is None:
            raise RingfenceError("key-not-kept", name=name)
        return kept

    def place(self) -> Text:
        return self._stores[0].place()


def open_keys(folder: Path, desktop: Store | None) -> Keys:
    """Open the desktop keyring where one answers, and always the files in `folder`."""
    files = FileKeys(folder)
    if desktop is None:
        return Keys((files,))
    keyring = DesktopKeys(desktop, str(folder))
    try:
        keyring.fetch("probe")
    except RingfenceError:
        return Keys((files,))
    return Keys((keyring, files))


def _failed(error: Exception) -> RingfenceError:
    return RingfenceError("keyring-failed", str(error) or type(error).__name__)
