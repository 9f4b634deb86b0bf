"""openssl on this station: encrypts to the case key exactly as a host does, and stamps.

Always a constant program with constant words; content goes through pipes, never through a shell.
"""

import hashlib
import os
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from core.changes.case_room import Part
from core.text import RingfenceError

PLACES = ("/usr/bin/openssl", "/bin/openssl", "/usr/local/bin/openssl")
DEADLINE_S = 60.0
ENCRYPTION = "CMS AuthEnvelopedData, AES-256-GCM, RSA-OAEP"
PART_BYTES = 256 * 1024 * 1024  # plain; as on a host
_PIECE_BYTES = 512 * 1024
_ZEROS = memoryview(bytes(1024 * 1024))
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SEAL = ("cms", "-encrypt", "-binary", "-stream", "-aes-256-gcm", "-outform", "DER")


def program() -> str:
    """Raises RingfenceError: evidence-openssl: it is not there."""
    found = next((place for place in PLACES if os.access(place, os.X_OK)), "")
    if not found:
        raise RingfenceError("evidence-openssl", "not installed")
    return found


def openssl(words: tuple[str, ...], feed: bytes = b"") -> bytes:
    """Run it and return what it printed.

    Raises:
        RingfenceError: evidence-openssl: it is not there, or it refuses.
    """
    try:
        done = subprocess.run(
            [program(), *words],
            input=feed,
            capture_output=True,
            timeout=DEADLINE_S,
            env={"LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RingfenceError("evidence-openssl", str(error)) from error
    if done.returncode:
        raise RingfenceError("evidence-openssl", done.stderr.decode("utf-8", "replace")[:500])
    return done.stdout


def seal(content: bytes, certificate: Path) -> bytes:
    """Encrypt to the case key's certificate."""
    return openssl((*_SEAL, *_to(certificate)), content)


def _to(certificate: Path) -> tuple[str, ...]:
    return ("-recip", str(certificate), "-keyopt", "rsa_padding_mode:oaep")


class SealedStream:
    """A piece of evidence of any length, encrypted as it comes: nothing of it lies here plain.

    It goes in parts, each its own file, so that a small machine can open them. Implements
    core.changes.case_room.Stream; who calls is in a thread, one at a time.
    """

    def __init__(
        self, folder: Path, name: str, certificate: Path, part_bytes: int = PART_BYTES
    ) -> None:
        self._folder = folder
        self._name = name
        self._certificate = certificate
        self._part_bytes = part_bytes
        self._whole = hashlib.sha256()
        self._bytes = 0
        self._parts: list[Part] = []
        self._open: _OpenPart | None = None

    def feed(self, piece: bytes | int) -> None:
        """More of it; a number stands for that many zeros.

        Raises:
            RingfenceError: evidence-openssl, evidence-no-room-here.
        """
        if not isinstance(piece, int):
            self._feed(memoryview(piece))
            return
        while piece > 0:
            count = min(piece, len(_ZEROS))
            self._feed(_ZEROS[:count])
            piece -= count

    def close(self) -> tuple[tuple[Part, ...], int, str]:
        """The parts, how many bytes went in, and their SHA-256."""
        self._end_part()
        return tuple(self._parts), self._bytes, self._whole.hexdigest()

    def abandon(self) -> None:
        """Leave nothing behind of a part that is not finished; whole parts are forgotten later."""
        part, self._open = self._open, None
        if part is not None:
            part.abandon()

    def _feed(self, piece: memoryview) -> None:
        self._whole.update(piece)
        self._bytes += len(piece)
        while piece:
            if self._open is None:
                file = self._folder / f"{self._name}.{len(self._parts):03}.cms"
                self._open = _OpenPart(file, self._certificate)
            count = min(len(piece), self._part_bytes - self._open.fed)
            self._open.feed(piece[:count])
            piece = piece[count:]
            if self._open.fed == self._part_bytes:
                self._end_part()

    def _end_part(self) -> None:
        part, self._open = self._open, None
        if part is not None:
            self._parts.append(part.end())


class _OpenPart:
    """One run of openssl: a thread takes what it gives, hashes it and writes it."""

    def __init__(self, file: Path, certificate: Path) -> None:
        self._file = file
        self._partial = file.with_name(file.name + ".partial")
        self._sealed = hashlib.sha256()
        self._size = 0
        self._problem: OSError | None = None
        self.fed = 0
        self._partial.unlink(missing_ok=True)
        words = [program(), *_SEAL, *_to(certificate)]
        try:
            handle = os.open(self._partial, _NEW_FILE, 0o600)
        except OSError as error:
            raise RingfenceError(
                "evidence-no-room-here", str(error), path=str(file.parent)
            ) from error
        try:
            self._child = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C"},
            )
        except OSError as error:
            os.close(handle)
            raise RingfenceError("evidence-openssl", str(error)) from error
        self._writer = threading.Thread(target=self._write, args=(handle,), daemon=True)
        self._writer.start()

    def feed(self, piece: memoryview) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(piece)
        except OSError as error:  # openssl is gone: the writer knows why, or it refused
            self.abandon()
            raise self._why(str(error)) from error
        self.fed += len(piece)

    def end(self) -> Part:
        assert self._child.stdin is not None
        try:
            self._child.stdin.close()
        except OSError as error:
            self.abandon()
            raise self._why(str(error)) from error
        self._writer.join()
        if self._child.wait() or self._problem is not None:
            self.abandon()
            raise self._why("openssl failed")
        self._partial.replace(self._file)
        return Part(self._file.name, self._size, self._sealed.hexdigest())

    def abandon(self) -> None:
        self._child.kill()
        self._writer.join()
        with suppress(OSError):
            if self._child.stdin is not None:
                self._child.stdin.close()
        self._child.wait()
        self._partial.unlink(missing_ok=True)

    def _write(self, handle: int) -> None:
        source = self._child.stdout
        assert source is not None
        try:
            with source, os.fdopen(handle, "wb") as out:
                while piece := source.read(_PIECE_BYTES):
                    self._sealed.update(piece)
                    self._size += out.write(piece)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            self._problem = error
            self._child.kill()  # else it waits for ever until somebody reads

    def _why(self, words: str) -> RingfenceError:
        if self._problem is None:
            return RingfenceError("evidence-openssl", words)
        where = str(self._file.parent)
        return RingfenceError("evidence-no-room-here", str(self._problem), path=where)
