"""A file is replaced whole or not at all, and what it was before stays beside it as .bak."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from core.text import RingfenceError


def write_atomically(path: Path, content: bytes, *, keep_previous: bool) -> None:
    """Write beside the file, sync, rename, sync the directory. A link is followed, not replaced.

    Raises:
        RingfenceError: file-not-written.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = _written_beside(target, content)
        try:
            if keep_previous and target.exists():
                _copied(target, target.with_name(target.name + ".bak"))
            written.replace(target)
        except OSError:
            written.unlink(missing_ok=True)
            raise
        _sync_directory(target.parent)
    except OSError as error:
        raise RingfenceError("file-not-written", str(error), path=str(path)) from error


def _written_beside(target: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(stream.fileno(), stat.S_IMODE(target.stat().st_mode))
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        written.unlink(missing_ok=True)
        raise
    return written


def _copied(target: Path, previous: Path) -> None:
    _written_beside(previous, target.read_bytes()).replace(previous)


def _sync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
