"""A private key as it lies on the disk: sealed under a passphrase, or under a key of a token.

AES-256-GCM over the key, bound to its name. The sealing key comes from the passphrase by Argon2id,
or is itself encrypted by a token that never gives its own key away.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec import Struct

from core.keys.token import Token, sealed_by, unsealed_by
from core.text import RingfenceError

MEMORY_KIB = 256 * 1024
ITERATIONS, LANES = 3, 4
MAX_MEMORY_KIB = 4 * 1024 * 1024
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12
SHORTEST_PASSPHRASE = 10


class ByPassphrase(Struct, frozen=True, tag="argon2id"):
    """Bytes are lower hex. The costs are kept beside it, so that they may rise for new keys."""

    salt: str
    nonce: str
    sealed: str
    memory_kib: int = MEMORY_KIB
    iterations: int = ITERATIONS
    lanes: int = LANES


class ByToken(Struct, frozen=True, tag="pkcs11"):
    token: Token
    wrapped: str  # the sealing key, encrypted by the token
    iv: str
    nonce: str
    sealed: str


Wrapping = ByPassphrase | ByToken


def wrap_by_passphrase(
    key: bytes, name: str, passphrase: str, memory_kib: int = MEMORY_KIB
) -> ByPassphrase:
    """Seal a key.

    Raises:
        RingfenceError: key-passphrase-short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise RingfenceError("key-passphrase-short", shortest=SHORTEST_PASSPHRASE)
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    empty = ByPassphrase(salt.hex(), nonce.hex(), "", memory_kib)
    sealed = AESGCM(_derived(empty, passphrase)).encrypt(nonce, key, name.encode())
    return ByPassphrase(salt.hex(), nonce.hex(), sealed.hex(), memory_kib)


def wrap_by_token(key: bytes, name: str, token: Token, pin: str) -> ByToken:
    """Seal a key under a new sealing key that only the token can tell.

    Raises:
        RingfenceError: key-token.
    """
    sealing, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    iv, wrapped = sealed_by(token, pin, sealing)
    sealed = AESGCM(sealing).encrypt(nonce, key, name.encode())
    return ByToken(token, wrapped.hex(), iv.hex(), nonce.hex(), sealed.hex())


def unwrap(wrapping: Wrapping, name: str, secret: str) -> bytes:
    """Open a key with its passphrase, or its token's PIN.

    Raises:
        RingfenceError: key-wrong-passphrase: or its file was altered; key-token.
    """
    try:
        if isinstance(wrapping, ByToken):
            iv, wrapped = bytes.fromhex(wrapping.iv), bytes.fromhex(wrapping.wrapped)
            sealing = unsealed_by(wrapping.token, secret, iv, wrapped)
        else:
            sealing = _derived(wrapping, secret)
        nonce, sealed = bytes.fromhex(wrapping.nonce), bytes.fromhex(wrapping.sealed)
        return AESGCM(sealing).decrypt(nonce, sealed, name.encode())
    except (InvalidTag, ValueError) as error:
        raise RingfenceError("key-wrong-passphrase", key=name) from error


def _derived(wrapping: ByPassphrase, passphrase: str) -> bytes:
    if not 8 <= wrapping.memory_kib <= MAX_MEMORY_KIB:
        raise ValueError("a cost out of bounds")
    kdf = Argon2id(
        salt=bytes.fromhex(wrapping.salt),
        length=KEY_BYTES,
        iterations=wrapping.iterations,
        lanes=wrapping.lanes,
        memory_cost=wrapping.memory_kib,
    )
    return kdf.derive(passphrase.encode())
