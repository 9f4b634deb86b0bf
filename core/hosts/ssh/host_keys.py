"""Strict host keys: known is let in, unknown is asked about once, changed never gets through."""

import base64
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from paramiko import PKey, Transport
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey

from core.hosts.ssh.problems import SshProblem

AskTrust = Callable[[str, str, str], bool]  # address, kind, fingerprint


class KnownKey(Struct, frozen=True):
    kind: str
    blob: bytes
    file: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.blob)


def fingerprint(blob: bytes) -> str:
    """As OpenSSH shows it: SHA256:..."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return "SHA256:" + digest.rstrip("=")


def known_hosts_name(address: str, port: int, alias: str) -> str:
    """The name under which a host's key is kept."""
    if alias:
        return alias
    return address if port == 22 else f"[{address}]:{port}"


class HostKeyBook:
    """The user's known_hosts files and the station's own, read in that order."""

    def __init__(self, files: Sequence[str], station_file: str) -> None:
        self._station_file = station_file
        self._files = [*files, station_file] if station_file else list(files)

    def known(self, name: str) -> list[KnownKey]:
        """All keys under that name."""
        found: list[KnownKey] = []
        for file in self._files:
            for entry in self._entries(Path(file)):
                if _names(entry, name):
                    found.append(KnownKey(entry.key.get_name(), entry.key.asbytes(), file))
        return found

    def is_revoked(self, blob: bytes) -> bool:
        wanted = base64.b64encode(blob).decode("ascii")
        return any(
            line.startswith("@revoked") and wanted in line
            for file in self._files
            for line in _lines(Path(file))
        )

    def remember(self, name: str, key: PKey) -> None:
        """Add a key the user said yes to; the file is the station's own, private."""
        file = Path(self._station_file)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = f"{name} {key.get_name()} {key.get_base64()}\n".encode("ascii")
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _entries(self, file: Path) -> list[HostKeyEntry]:
        entries: list[HostKeyEntry] = []
        for number, line in enumerate(_lines(file), 1):
            if line.startswith("@"):
                continue
            try:
                entry = HostKeyEntry.from_line(line, number)
            except (InvalidHostKey, ValueError):
                continue  # one bad line must not hide the others
            if entry is not None:  # a line that is none, or of a kind nobody knows
                entries.append(entry)
        return entries


def prefer_known(transport: Transport, known: Sequence[KnownKey]) -> None:
    """Ask the server for a key of a kind we know, so that a new kind is no false alarm."""
    options = transport.get_security_options()
    kinds = {name for key in known for name in _algorithms(key.kind)}
    mine = [name for name in options.key_types if name in kinds]
    options.key_types = (*mine, *(name for name in options.key_types if name not in kinds))


def check(
    book: HostKeyBook, name: str, key: PKey, known: Sequence[KnownKey], ask: AskTrust
) -> None:
    """Let a known key through; ask for an unknown one; refuse a changed one.

    Raises:
        SshProblem: ssh-key-changed, ssh-key-revoked, ssh-key-untrusted.
    """
    blob = key.asbytes()
    offered = fingerprint(blob)
    if book.is_revoked(blob):
        raise SshProblem("ssh-key-revoked", name=name, offered=offered)
    if any(entry.blob == blob for entry in known):
        return
    if known:
        entry = next((one for one in known if one.kind == key.get_name()), known[0])
        raise SshProblem(
            "ssh-key-changed",
            name=name,
            kind=key.get_name(),
            known=entry.fingerprint,
            offered=offered,
            file=entry.file,
        )
    if not ask(name, key.get_name(), offered):
        raise SshProblem("ssh-key-untrusted", name=name, offered=offered)
    book.remember(name, key)


def _algorithms(kind: str) -> tuple[str, ...]:
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)


def _names(entry: HostKeyEntry, name: str) -> bool:
    for hostname in entry.hostnames or ():
        if hostname == name:
            return True
        if hostname.startswith("|1|") and HostKeys.hash_host(name, hostname) == hostname:
            return True
    return False


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
