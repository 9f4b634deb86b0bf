"""The station's keys for evidence, reports and templates: wrapped on disk, open only in memory.

Public halves need no passphrase, so that evidence can be encrypted when nobody is there to give
one. Nothing here ever goes to a worker or a host. An older key stays: it opens what was sealed to
it and proves what it signed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from msgspec import Struct, structs

from core.keys.certificate import case_certificate
from core.keys.purposes import (
    PrivateKey,
    Purpose,
    fingerprint_of,
    make_key,
    private_bytes,
    private_key,
    public_pem,
)
from core.keys.trusted import TrustedKeys
from core.keys.wrapping import Wrapping, unwrap
from core.settings.atomic_write import write_atomically
from core.text import RingfenceError

FORMAT = 1
MAX_FILE_BYTES = 64 * 1024
_FILE = re.compile(r"(case|evidence|report|template)-[0-9a-f]{64}\.json")
Wrap = Callable[[bytes, str], Wrapping]  # key, name


class KeyFile(Struct, frozen=True, forbid_unknown_fields=True):
    """One key as it lies there. `retired_at`: a newer one took its place."""

    format: int
    purpose: Purpose
    fingerprint: str
    made_at: datetime
    public: str  # PEM
    wrapping: Wrapping
    certificate: str = ""  # PEM, of the case key alone
    retired_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.purpose.value}-{self.fingerprint}"


class KeyRing:
    """The keys in one private folder."""

    def __init__(self, folder: Path, trusted: TrustedKeys) -> None:
        self._folder = folder
        self.trusted = trusted
        self._open: dict[str, PrivateKey] = {}

    def all(self) -> tuple[KeyFile, ...]:
        """Every key, newest first."""
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        found = [_read(path) for path in files if _FILE.fullmatch(path.name)]
        return tuple(sorted(found, key=lambda key: key.made_at, reverse=True))

    def find(self, purpose: Purpose) -> KeyFile | None:
        """The key of now."""
        kept = (key for key in self.all() if key.purpose is purpose and key.retired_at is None)
        return next(kept, None)

    def need(self, purpose: Purpose) -> KeyFile:
        """Raises RingfenceError: key-none."""
        found = self.find(purpose)
        if found is None:
            raise RingfenceError("key-none", purpose=purpose.value)
        return found

    def missing(self) -> tuple[Purpose, ...]:
        return tuple(purpose for purpose in Purpose if self.find(purpose) is None)

    def make(self, purpose: Purpose, wrap: Wrap) -> KeyFile:
        """Make a key, keep it, trust it, and leave it open for this run; the one before it
        retires."""
        key, now = make_key(purpose), datetime.now(UTC)
        fingerprint = fingerprint_of(key.public_key())
        name = f"{purpose.value}-{fingerprint}"
        made = KeyFile(
            format=FORMAT,
            purpose=purpose,
            fingerprint=fingerprint,
            made_at=now,
            public=public_pem(key.public_key()),
            wrapping=wrap(private_bytes(key), name),
            certificate=case_certificate(key, now),
        )
        before = [old for old in self.all() if old.purpose is purpose and old.retired_at is None]
        self._keep(made)
        for old in before:
            self._keep(structs.replace(old, retired_at=now))
        self.trusted.add(fingerprint, f"own {purpose.value} key")
        self._open[fingerprint] = key
        return made

    def unlock(self, key: KeyFile, secret: str) -> None:
        """Open a key for this run with its passphrase or its token's PIN.

        Raises:
            RingfenceError: key-wrong-passphrase, key-token.
        """
        opened = private_key(unwrap(key.wrapping, key.name, secret))
        if fingerprint_of(opened.public_key()) != key.fingerprint:
            raise RingfenceError("key-file-bad", path=key.name)
        self._open[key.fingerprint] = opened

    def lock(self) -> None:
        """Forget every open key."""
        self._open.clear()

    def is_open(self, purpose: Purpose) -> bool:
        found = self.find(purpose)
        return found is not None and found.fingerprint in self._open

    def sign(self, purpose: Purpose, message: bytes) -> bytes:
        """Sign with the key of now.

        Raises:
            RingfenceError: key-none, key-locked.
        """
        key = self._open.get(self.need(purpose).fingerprint)
        if not isinstance(key, Ed25519PrivateKey):
            raise RingfenceError("key-locked", purpose=purpose.value)
        return key.sign(message)

    def openssl_pem(self, key: KeyFile, passphrase: str) -> bytes:
        """The private key as openssl reads it, encrypted under this passphrase; it must be open.

        Raises:
            RingfenceError: key-locked.
        """
        opened = self._open.get(key.fingerprint)
        if opened is None:
            raise RingfenceError("key-locked", purpose=key.purpose.value)
        sealing = BestAvailableEncryption(passphrase.encode())
        return opened.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing)

    def backup(self, folder: Path) -> tuple[Path, ...]:
        """Copy every key, wrapped as it is.

        Raises:
            RingfenceError: file-not-written.
        """
        copies = {folder / f"{key.name}.json": key for key in self.all()}
        for path, key in copies.items():
            write_atomically(path, _body(key), keep_previous=False)
        return tuple(copies)

    def restore(self, folder: Path) -> tuple[KeyFile, ...]:
        """Take back keys that are not here; none that is here is replaced.

        Raises:
            RingfenceError: key-file-bad, key-backup-none.
        """
        files = sorted(folder.glob("*.json")) if folder.is_dir() else []
        found = [_read(path) for path in files if _FILE.fullmatch(path.name)]
        if not found:
            raise RingfenceError("key-backup-none", path=str(folder))
        here = {key.fingerprint for key in self.all()}
        fresh = tuple(key for key in found if key.fingerprint not in here)
        for key in fresh:
            current = self.find(key.purpose)
            late = current is not None and key.retired_at is None
            self._keep(structs.replace(key, retired_at=datetime.now(UTC)) if late else key)
            self.trusted.add(key.fingerprint, f"own {key.purpose.value} key, restored")
        return fresh

    def _keep(self, key: KeyFile) -> None:
        path = self._folder / f"{key.name}.json"
        write_atomically(path, _body(key), keep_previous=False)


def no_ring() -> KeyRing:
    """Where nobody gave one.

    Raises:
        RingfenceError: key-none.
    """
    raise RingfenceError("key-none", purpose=Purpose.CASE.value)


def open_ring(config_dir: Path) -> KeyRing:
    """The ring of a station and the keys it trusts."""
    return KeyRing(config_dir / "keys", TrustedKeys(config_dir / "trusted-keys"))


def _body(key: KeyFile) -> bytes:
    return msgspec.json.format(msgspec.json.encode(key), indent=1) + b"\n"


def _read(path: Path) -> KeyFile:
    try:
        with path.open("rb") as stream:
            key = msgspec.json.decode(stream.read(MAX_FILE_BYTES), type=KeyFile)
    except (OSError, msgspec.DecodeError) as error:
        raise RingfenceError("key-file-bad", str(error), path=str(path)) from error
    if key.format != FORMAT or f"{key.name}.json" != path.name:
        raise RingfenceError("key-file-bad", path=str(path))
    return key
