"""Evidence on a channel of its own: neither the barrier nor the facts wait behind it.

What the host sends is sealed already. It is written to files whose names are made here, `.partial`
until the host's hash and ours over the same bytes agree.
"""

import errno
import hashlib
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from core.hosts.helper.closed_set import ANSWERS, AnyHelperResult
from core.hosts.helper.evidence import EvidenceFetched, FetchEvidence, LongOrder, SealedPart
from core.hosts.protocol import Failure
from core.hosts.ssh.helper_channel import (
    HelperStart,
    Refusal,
    answer_in,
    next_frame,
    send_values,
    values_of,
)
from core.hosts.ssh.protocol import HelperAnswer
from core.hosts.ssh.wires import Wire

LONGEST_SILENCE_S = 6 * 3600.0  # a disk of some terabytes is hashed before a word is said
MAX_PIECE_BYTES = 1024 * 1024 + 1
MAX_PARTS = 100_000
TRIES, TRY_AGAIN_S = 4, 2.0  # a host may grant no further channel while its facts are read
SOON_S = 5.0  # a channel that is not granted is refused sooner than a lost login is noticed
_MAY_COME = frozenset({"helper-no-python", "helper-lost"})
PARTIAL = ".partial"
_NAME = re.compile(r"[a-z][a-z0-9.-]{1,60}")


class _PartTold(msgspec.Struct, frozen=True):
    """What the host says of the part it sent last."""

    bytes: int
    plain_bytes: int
    sha256: str


class _WholeTold(msgspec.Struct, frozen=True):
    bytes: int
    sha256: str
    parts: int


class BulkChannel:
    """One long order, obeyed in a thread; its answer is said, whatever it is."""

    def __init__(self, wire: Wire, host: str, say: Callable[[HelperAnswer], None]) -> None:
        self._start = HelperStart(wire)
        self._host = host
        self._say = say

    def give(self, order: LongOrder) -> None:
        """Returns at once."""
        threading.Thread(target=self._work, args=(order,), daemon=True).start()

    def _work(self, order: LongOrder) -> None:
        answer = HelperAnswer(order.number, self._obey(order))
        try:
            self._say(answer)
        except OSError:  # the session closed: nobody is left to tell
            return

    def _obey(self, order: LongOrder) -> AnyHelperResult | Failure:
        where = {"host": self._host}
        try:
            talk = self._opened()
            with talk:
                talk.settimeout(LONGEST_SILENCE_S)
                values = values_of(order)
                values.pop("folder", None)
                send_values(talk, values)
                if isinstance(order, FetchEvidence):
                    return _Fetch(talk, order).run()
                return msgspec.convert(answer_in(next_frame(talk), order.number), _answer(order))
        except Refusal as refusal:
            return Failure(refusal.code, where, refusal.detail)
        except _NoRoomHere as error:
            return Failure("evidence-no-room-here", {"path": error.path}, str(error))
        except (OSError, msgspec.DecodeError) as error:
            return Failure("helper-lost", where, f"{error} {self._start.words}".strip())

    def _opened(self) -> socket.socket:
        for left in reversed(range(TRIES)):
            began = time.monotonic()
            try:
                return self._start.opened()
            except Refusal as refusal:
                soon = time.monotonic() - began < SOON_S
                if refusal.code not in _MAY_COME or not (left and soon):
                    raise
                time.sleep(TRY_AGAIN_S)
        raise AssertionError("the last try returns or raises")


def _answer(order: LongOrder) -> type[AnyHelperResult]:
    return ANSWERS[type(order)]


class _NoRoomHere(Exception):
    """The station's own disk takes no more."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(str(error))
        self.path = str(path)


class _Fetch:
    """Reads one stream of sealed parts."""

    def __init__(self, talk: socket.socket, order: FetchEvidence) -> None:
        if not _NAME.fullmatch(order.name):
            raise OSError("no name of evidence")
        self._talk = talk
        self._order = order
        self._folder = Path(order.folder)
        self._parts: list[SealedPart] = []

    def run(self) -> EvidenceFetched:
        """Raises as `asked`, and OSError when the two hashes differ."""
        for leftover in self._folder.glob(f"{self._order.name}.*{PARTIAL}"):
            leftover.unlink()
        frame = next_frame(self._talk, MAX_PIECE_BYTES)
        while frame[:1] in (b"D", b"P"):
            if len(self._parts) >= MAX_PARTS:
                raise OSError("too many parts")
            self._take_part(frame)
            frame = next_frame(self._talk, MAX_PIECE_BYTES)
        whole = msgspec.convert(answer_in(frame, self._order.number), _WholeTold)
        if whole.parts != len(self._parts):
            raise OSError("parts are missing")
        return EvidenceFetched(tuple(self._parts), whole.bytes, whole.sha256)

    def _take_part(self, frame: bytes) -> None:
        """Write one part; it gets its name when the host's hash is ours."""
        file = self._folder / f"{self._order.name}.{len(self._parts):03}.cms"
        partial = file.with_name(file.name + PARTIAL)
        sealed, size = hashlib.sha256(), 0
        try:
            with _new_file(partial) as out:
                while frame[:1] == b"D":
                    piece = memoryview(frame)[1:]
                    sealed.update(piece)
                    size += out.write(piece)
                    frame = next_frame(self._talk, MAX_PIECE_BYTES)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _NoRoomHere(self._folder, error) from error
            raise
        if frame[:1] != b"P":
            answer_in(frame, self._order.number)  # says why there is no more
            raise OSError("a part ended early")
        told = msgspec.json.decode(frame[1:], type=_PartTold)
        if (told.sha256, told.bytes) != (sealed.hexdigest(), size):
            raise OSError("what came is not what was sent")
        partial.replace(file)
        self._parts.append(SealedPart(file.name, size, told.sha256, told.plain_bytes))


def _new_file(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    return os.fdopen(handle, "wb")
