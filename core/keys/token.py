"""A PKCS#11 token that seals keys: its own AES key never leaves it, and needs its PIN.

The module is a shared library the person names; it is loaded only when a token is really used.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from core.text import RingfenceError

LABEL = "ringfence-keys"
IV_BYTES = 16


class Token(Struct, frozen=True):
    """Which token: the module's library, and the token's label."""

    module: str
    label: str


def sealed_by(token: Token, pin: str, secret: bytes) -> tuple[bytes, bytes]:
    """Encrypt a secret on the token, whose key is made when it has none; (iv, encrypted).

    Raises:
        RingfenceError: key-token.
    """
    with _session(token, pin) as (session, pkcs11):
        key = _own_key(session, pkcs11) or session.generate_key(
            pkcs11.KeyType.AES, 256, label=LABEL, store=True
        )
        iv = os.urandom(IV_BYTES)
        encrypted: bytes = key.encrypt(
            secret, mechanism_param=iv, mechanism=pkcs11.Mechanism.AES_CBC_PAD
        )
        return iv, encrypted


def unsealed_by(token: Token, pin: str, iv: bytes, encrypted: bytes) -> bytes:
    """Decrypt it there again.

    Raises:
        RingfenceError: key-token: it is not there, the PIN is wrong, or it has not our key.
    """
    with _session(token, pin) as (session, pkcs11):
        key = _own_key(session, pkcs11)
        if key is None:
            raise RingfenceError("key-token", f"no key {LABEL}", token=token.label)
        secret: bytes = key.decrypt(
            encrypted, mechanism_param=iv, mechanism=pkcs11.Mechanism.AES_CBC_PAD
        )
        return secret


@contextmanager
def _session(token: Token, pin: str) -> Generator[tuple[Any, Any]]:
    """The binding is loaded here: who uses no token must not wait for it."""
    import pkcs11

    try:
        found = pkcs11.lib(token.module).get_token(token_label=token.label)
        with found.open(rw=True, user_pin=pin) as session:
            yield session, pkcs11
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        words = f"{type(error).__name__} {error}".strip()
        raise RingfenceError("key-token", words, token=token.label) from error


def _own_key(session: Any, pkcs11: Any) -> Any:
    wanted = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
        pkcs11.Attribute.LABEL: LABEL,
    }
    return next(iter(session.get_objects(wanted)), None)
