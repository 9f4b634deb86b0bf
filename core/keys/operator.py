"""The operator's key: what a host is given to know whose orders it may keep and obey.

It signs hold documents, release orders and anchors of the audit log. The private half stays on
this station; a host gets the public one, as hex, when it is prepared.
"""

from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.hosts.helper.holds import Signature
from core.keys.store import Keys
from core.text import RingfenceError

KEY_NAME = "operator"


class Operator(Protocol):
    """Who signs."""

    @property
    def public_hex(self) -> str: ...

    def sign(self, domain: bytes, body: bytes) -> Signature: ...


class OperatorKey:
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_hex(self) -> str:
        """What `host prepare` installs on a host."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, domain: bytes, body: bytes) -> Signature:
        """Sign a body; the domain keeps one kind of document from passing for another."""
        return Signature(self.public_hex, self._key.sign(domain + body).hex())


OperatorOpened = Callable[[], Operator]  # may wait for a keyring: never called on the loop


def no_operator() -> Operator:
    """For runs that sign nothing."""
    raise RingfenceError("operator-key-missing")


def operator_key(keys: Keys) -> OperatorKey:
    """Fetch this station's operator key; made on first use."""
    seed = keys.get(KEY_NAME, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    return OperatorKey(Ed25519PrivateKey.from_private_bytes(seed))


def is_signed(signature: Signature, domain: bytes, body: bytes) -> bool:
    """Whether the key that a signature names did sign this."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.key))
        key.verify(bytes.fromhex(signature.value), domain + body)
    except (InvalidSignature, ValueError):
        return False
    return True
