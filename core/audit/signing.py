"""The station's signature under every audit record, and the keys that are believed.

A key's public half is kept beside the file keys when it is made, so that a terminal without the
desktop's keyring can verify what the window signed.
"""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.keys.store import FileKeys, Keys

KEY_NAME = "audit-sign"
_PUBLIC = "audit-public-"


class Signer:
    def __init__(self, key: Ed25519PrivateKey, believed: dict[str, Ed25519PublicKey]) -> None:
        self._key = key
        self._believed = believed
        self.key_id = fingerprint(key.public_key())

    def sign(self, sha256: str) -> str:
        return self._key.sign(sha256.encode()).hex()

    def check(self, key_id: str, sha256: str, signature: str) -> str:
        """Return the problem's code, or "" for a good signature by a believed key."""
        key = self._believed.get(key_id)
        if key is None:
            return "unknown-key"
        try:
            key.verify(bytes.fromhex(signature), sha256.encode())
        except (InvalidSignature, ValueError):
            return "signature"
        return ""


def open_signer(keys: Keys, public_folder: Path) -> Signer:
    """Fetch the signing key, made on first use, and every public half that is known."""
    seed = keys.get(KEY_NAME, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key()
    FileKeys(public_folder).keep(_PUBLIC + fingerprint(public), public.public_bytes_raw())
    return Signer(key, _believed(public_folder))


def fingerprint(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _believed(folder: Path) -> dict[str, Ed25519PublicKey]:
    keys = [
        Ed25519PublicKey.from_public_bytes(path.read_bytes())
        for path in sorted(folder.glob(f"{_PUBLIC}*"))
    ]
    return {fingerprint(key): key for key in keys}
