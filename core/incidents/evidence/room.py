"""Cases on this station's disk: sealed files, a record of each, and at the end the manifest.

A collection is open while its notes lie beside it; sealed it is read-only and its notes are gone.
Nothing a host named becomes a path: names of files are ours or of a closed set.
"""

import hashlib
import os
import re
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from core.audit.head import Head
from core.changes.case_room import FILE_NAME, Collection, Part, Sealed, Taking
from core.incidents.evidence.custody import CUSTODY, CUSTODY_KEY, CUSTODY_SIGNATURE, Entry, append
from core.incidents.evidence.manifest import (
    FORMAT,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    SUMS,
    ChainHead,
    Encryption,
    Manifest,
    canonical,
    items_of,
    missing_of,
    read_manifest,
    relative,
    sha256_of,
    sums_of,
)
from core.incidents.evidence.rfc3161 import ANSWER, read_authority, stamp
from core.incidents.evidence.sealing import ENCRYPTION, SealedStream, openssl, seal
from core.keys.purposes import Purpose
from core.keys.ring import KeyRing
from core.settings.atomic_write import write_atomically
from core.settings.places import make_private
from core.text import RingfenceError

NOTES = ".takings"
CERTIFICATE = "case.pem"
UNSUMMED = frozenset({SUMS, CUSTODY, CUSTODY_SIGNATURE, CUSTODY_KEY})


class CaseFiles:
    """Implements core.changes.case_room.CaseRoom below one directory."""

    def __init__(
        self,
        root: Path,
        config_dir: Path,
        ring: Callable[[], KeyRing],
        head: Callable[[], Head | None],
    ) -> None:
        self._root = root
        self._config_dir = config_dir
        self._ring = ring
        self._head = head

    def begin(self, which: Collection) -> str:
        """Raises RingfenceError: key-none, place-not-made."""
        key = self._ring().need(Purpose.CASE)
        folder = self.folder(which)
        for each in (self._root, folder.parent):
            make_private(each)
        if not (folder / MANIFEST).exists():
            make_private(folder)
            make_private(folder / NOTES)
            write_atomically(folder / CERTIFICATE, key.certificate.encode(), keep_previous=False)
            began = datetime.now(UTC).isoformat()
            if not (folder / NOTES / "began").exists():
                write_atomically(folder / NOTES / "began", began.encode(), keep_previous=False)
        return key.certificate

    def folder(self, which: Collection) -> Path:
        for each in (which.case, which.id):
            if str(UUID(each)) != each:
                raise ValueError("no uuid")
        return self._root / relative(which)

    def free_bytes(self) -> int:
        make_private(self._root)
        return shutil.disk_usage(self._root).free

    def taking(self, which: Collection, kind: str) -> Taking | None:
        try:
            body = self._note(which, kind).read_bytes()
            return msgspec.json.decode(body, type=Taking)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise _unwritable(error, self.folder(which)) from error

    def put_here(self, which: Collection, name: str, content: bytes) -> tuple[Part, str]:
        folder = self.folder(which)
        if not FILE_NAME.fullmatch(name):
            raise RingfenceError("answer-of-another-kind", order="read-material")
        sealed = seal(content, folder / CERTIFICATE)
        file = folder / f"{name}.000.cms"
        try:
            partial = file.with_name(file.name + ".partial")
            _write_new(partial, sealed)
            partial.replace(file)
        except OSError as error:
            raise _unwritable(error, folder) from error
        part = Part(file.name, len(sealed), hashlib.sha256(sealed).hexdigest())
        return part, hashlib.sha256(content).hexdigest()

    def stream(self, which: Collection, name: str) -> SealedStream:
        folder = self.folder(which)
        if not FILE_NAME.fullmatch(name):
            raise RingfenceError("answer-of-another-kind", order="read-piece")
        return SealedStream(folder, name, folder / CERTIFICATE)

    def forget(self, which: Collection, prefix: str) -> None:
        folder = self.folder(which)
        known = {part.path for item in items_of(self._takings(which)) for part in item.parts}
        for file in folder.glob("*.cms*"):
            if file.name.startswith(prefix) and file.name not in known:
                file.unlink(missing_ok=True)

    def record(self, which: Collection, taking: Taking) -> None:
        """Each part is read again, at rest: what lies here must be what came.

        Raises:
            RingfenceError: evidence-changed, file-not-written.
        """
        folder = self.folder(which)
        for item in taking.items:
            for part in item.parts:
                if sha256_of(folder / part.path) != part.sha256:
                    raise RingfenceError("evidence-changed", name=part.path)
        body = msgspec.json.encode(taking)
        write_atomically(self._note(which, taking.kind), body, keep_previous=False)

    def sealed(self, which: Collection) -> Sealed | None:
        folder = self.folder(which)
        if not (folder / SUMS).exists() or (folder / NOTES).exists():
            return None
        manifest, body = read_manifest(folder)
        return self._sealed(folder, manifest, body)

    def seal(
        self,
        which: Collection,
        kinds: tuple[str, ...],
        operator: str,
        reason: str,
        now: datetime,
    ) -> Sealed:
        folder = self.folder(which)
        self.forget(which, "")
        takings = self._takings(which)
        manifest = self._manifest(which, kinds, takings, operator, reason, now)
        try:
            _replace(folder / MANIFEST, canonical(manifest))
            self.sign(folder)
            shutil.rmtree(folder / NOTES)
            folder.chmod(0o550)
        except OSError as error:
            raise _unwritable(error, folder) from error
        return self._sealed(folder, manifest, canonical(manifest))

    def sign(self, folder: Path) -> bool:
        """Sign the manifest and open the custody record; False while the key is closed. Sums are
        written in any case, so that a change is seen before somebody can sign."""
        manifest, body = read_manifest(folder)
        ring = self._ring()
        if not ring.is_open(Purpose.EVIDENCE):
            self._write_sums(folder, manifest)
            return False
        key = ring.need(Purpose.EVIDENCE)
        if manifest.key != key.fingerprint:  # the key was changed before anybody signed
            manifest = msgspec.structs.replace(manifest, key=key.fingerprint)
            body = canonical(manifest)
            _replace(folder / MANIFEST, body)
        _replace(folder / SIGNATURE, ring.sign(Purpose.EVIDENCE, body))
        _replace(folder / PUBLIC_KEY, key.public.encode())
        authority = read_authority(self._config_dir)
        if authority is not None and not (folder / ANSWER).exists():
            stamp(folder, folder / MANIFEST, authority)
        for name in (CUSTODY, CUSTODY_SIGNATURE, CUSTODY_KEY):
            (folder / name).unlink(missing_ok=True)
        append(folder, _entries(manifest, folder), self._signer(), key.public)
        self._write_sums(folder, manifest)
        return True

    def sign_case(self, case: str) -> int:
        """Sign what a case has that was closed unsigned; how many collections that were."""
        root = self._root / str(UUID(case))
        closed = [each.parent for each in root.glob(f"*/{SUMS}")]
        late = [
            each
            for each in closed
            if not (each / SIGNATURE).exists() and not (each / NOTES).exists()
        ]
        return sum([self.sign_late(each) for each in late])

    def sign_late(self, folder: Path) -> bool:
        """Sign a collection that is read-only since it was closed."""
        folder.chmod(0o750)
        try:
            return self.sign(folder)
        finally:
            folder.chmod(0o550)

    def hand_over(self, folder: Path, target: Path, receiver: str, operator: str, why: str) -> None:
        """Copy a sealed collection elsewhere; both copies say so in their custody record.

        Raises:
            RingfenceError: key-locked, key-none, evidence-manifest, evidence-target.
        """
        manifest, body = read_manifest(folder)
        sign, key = self._signer(), self._ring().need(Purpose.EVIDENCE)
        sign(b"")  # refused before anything is copied
        entry = Entry(
            number=0,
            at=datetime.now(UTC).isoformat(),
            event="exported",
            giver=manifest.station,
            receiver=receiver,
            by=operator,
            why=why,
            files={MANIFEST: hashlib.sha256(body).hexdigest()},
            previous="",
        )
        try:
            folder.chmod(0o750)
            try:
                append(folder, (entry,), sign, key.public)
            finally:
                folder.chmod(0o550)
            shutil.copytree(folder, target)
        except OSError as error:
            raise RingfenceError("evidence-target", str(error), path=str(target)) from error

    def _signer(self) -> Callable[[bytes], bytes]:
        ring = self._ring()
        return lambda message: ring.sign(Purpose.EVIDENCE, message)

    def _sealed(self, folder: Path, manifest: Manifest, body: bytes) -> Sealed:
        signed = manifest.key if (folder / SIGNATURE).exists() else ""
        stamped = (folder / ANSWER).exists()
        return Sealed(hashlib.sha256(body).hexdigest(), signed, stamped, len(manifest.items))

    def _write_sums(self, folder: Path, manifest: Manifest) -> None:
        known = {part.path: part.sha256 for item in manifest.items for part in item.parts}
        files = [file for file in folder.iterdir() if file.is_file()]
        for file in files:
            file.chmod(0o440)
        names = tuple(file.name for file in files if file.name not in UNSUMMED)
        _replace(folder / SUMS, sums_of(folder, names, known))

    def _manifest(
        self,
        which: Collection,
        kinds: tuple[str, ...],
        takings: tuple[Taking, ...],
        operator: str,
        reason: str,
        now: datetime,
    ) -> Manifest:
        folder, head = self.folder(which), self._head()
        key = self._ring().find(Purpose.EVIDENCE)
        return Manifest(
            format=FORMAT,
            case=which.case,
            collection=which.id,
            host=which.host,
            uuid=which.uuid,
            machine=which.machine,
            operator=operator,
            station=socket.gethostname(),
            reason=reason,
            began_at=(folder / NOTES / "began").read_text(),
            made_at=now.isoformat(),
            kinds=kinds,
            items=items_of(takings),
            missing=missing_of(takings, kinds),
            deleted={each.kind: each.deleted_at for each in takings if each.deleted_at},
            encryption=Encryption(ENCRYPTION, sha256_of(folder / CERTIFICATE)),
            key=key.fingerprint if key else "",
            head=ChainHead(head.count if head else 0, head.sha256 if head else ""),
            tools={"openssl": openssl(("version",)).decode("utf-8", "replace").strip()},
        )

    def _takings(self, which: Collection) -> tuple[Taking, ...]:
        notes = self.folder(which) / NOTES
        files = sorted(notes.glob("*.json")) if notes.is_dir() else []
        return tuple(msgspec.json.decode(file.read_bytes(), type=Taking) for file in files)

    def _note(self, which: Collection, kind: str) -> Path:
        if not re.fullmatch(r"[a-z-]{1,30}", kind):
            raise ValueError("no kind")
        return self.folder(which) / NOTES / f"{kind}.json"


def _entries(manifest: Manifest, folder: Path) -> tuple[Entry, ...]:
    """What changed hands until now: each kind from its host, its copy there, the seal."""
    here, host = manifest.station, manifest.host
    found: list[Entry] = []

    def note(at: str, event: str, giver: str, receiver: str, files: dict[str, str]) -> None:
        told = {"at": at, "event": event, "giver": giver, "receiver": receiver}
        about = {"by": manifest.operator, "why": manifest.reason}
        found.append(Entry(number=0, previous="", files=files, **told, **about))

    for kind in dict.fromkeys(item.kind for item in manifest.items):
        items = [item for item in manifest.items if item.kind == kind]
        parts = {part.path: part.sha256 for item in items for part in item.parts}
        note(max(item.ended_at for item in items), "taken", host, here, parts)
        if kind in manifest.deleted:
            note(manifest.deleted[kind], "deleted-on-host", host, "", {})
    closing = (MANIFEST, SIGNATURE, ANSWER)
    sums = {name: sha256_of(folder / name) for name in closing if (folder / name).exists()}
    note(manifest.made_at, "sealed", here, here, sums)
    return tuple(found)


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, content)
    fresh.chmod(0o440)
    fresh.replace(path)


def _write_new(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _unwritable(error: Exception, folder: Path) -> RingfenceError:
    return RingfenceError("evidence-no-room-here", str(error), path=str(folder))
