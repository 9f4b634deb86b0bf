"""Before-states hold passwords: they are sealed before they touch the disk.

AES-256-GCM; the plan and the name of the value are bound to it, so that a sealed value cannot be
moved to another plan. Each blob names its key, so that a missing key is told apart from damage.
"""

import hashlib
import os
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.keys.store import Keys
from core.text import RingfenceError

KEY_NAME = "journal-seal"
_VERSION = b"RF1"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12


class Sealer(Protocol):
    def seal(self, text: str, bound_to: str) -> bytes: ...

    def unseal(self, blob: bytes, bound_to: str) -> str: ...


class KeySealer:
    """Seals with the first key of the station and opens with any of them."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])

    def seal(self, text: str, bound_to: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._first].encrypt(nonce, text.encode(), bound_to.encode())
        return _VERSION + self._first + nonce + sealed

    def unseal(self, blob: bytes, bound_to: str) -> str:
        """Open a sealed value.

        Raises:
            RingfenceError: sealed with another key, or damaged.
        """
        body = blob[len(_VERSION) + _KEY_ID_BYTES :]
        cipher = self._ciphers.get(blob[len(_VERSION) : len(_VERSION) + _KEY_ID_BYTES])
        if cipher is None or not blob.startswith(_VERSION):
            raise RingfenceError("seal-key-not-here")
        nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, bound_to.encode()).decode()
        except InvalidTag as error:
            raise RingfenceError("seal-damaged") from error


class LateSealer:
    """Opens the keys at first use, in the thread that seals: a locked keyring asks a person, and
    neither the window nor the cut waits for that."""

    def __init__(self, opened: Callable[[], Sealer]) -> None:
        self._open = opened

    def seal(self, text: str, bound_to: str) -> bytes:
        return self._open().seal(text, bound_to)

    def unseal(self, blob: bytes, bound_to: str) -> str:
        return self._open().unseal(blob, bound_to)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"ringfence seal" + key).digest()[:_KEY_ID_BYTES]


def open_sealer(keys: Keys) -> KeySealer:
    """Fetch the station's sealing keys; one is made on first use."""
    keys.get(KEY_NAME, lambda: AESGCM.generate_key(256))
    return KeySealer(keys.all(KEY_NAME))
