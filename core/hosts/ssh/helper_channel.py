"""The warm channel to ringfence-host: started by the first order, kept until the login ends.

The file itself goes over the channel, behind a constant command; nothing is left on the host's
disk. Orders are obeyed one after another; whatever goes wrong is a Failure, and the next order
begins anew.
"""

import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

import msgspec

from core.hosts.helper.closed_set import ANSWERS, AnyHelperOrder, AnyHelperResult
from core.hosts.helper.one_file import one_file
from core.hosts.protocol import FRAME_HEAD_BYTES, Failure
from core.hosts.ssh.protocol import HelperAnswer
from core.hosts.ssh.wires import Wire

# Isolated and without site: only the standard library, only what is sent.
COMMAND = (
    "exec python3 -I -S -c 'import sys; r = sys.stdin.buffer; "
    'exec(compile(r.read(int(r.readline())), "ringfence-host", "exec"))\''
)
ANSWER_DEADLINE_S = 15.0
MAX_ANSWER_BYTES = 48 * 1024 * 1024
HELLO = {"number": 0, "verb": "hello"}


class _Hello(msgspec.Struct, frozen=True):
    version: int
    kernel: str
    root: bool
    nft: str


class _Refusal(Exception):
    """An answer that says no, with its code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class HelperChannel:
    def __init__(self, wire: Wire, host: str, say: Callable[[HelperAnswer], None]) -> None:
        self._wire = wire
        self._host = host
        self._say = say
        self._orders: queue.SimpleQueue[AnyHelperOrder] = queue.SimpleQueue()
        self._talk: socket.socket | None = None
        self._words = ""  # what the command complained of
        threading.Thread(target=self._work, daemon=True).start()

    def give(self, order: AnyHelperOrder) -> None:
        """Returns at once; the answer is said."""
        self._orders.put(order)

    def _work(self) -> None:
        while True:
            order = self._orders.get()
            answer = HelperAnswer(order.number, self._obey(order))
            try:
                self._say(answer)
            except OSError:  # the session closed: nobody is left to tell
                return

    def _obey(self, order: AnyHelperOrder) -> AnyHelperResult | Failure:
        where = {"host": self._host}
        try:
            if self._talk is None:
                self._talk = self._started()
            return msgspec.convert(_asked(self._talk, values_of(order)), ANSWERS[type(order)])
        except _Refusal as refusal:
            return Failure(refusal.code, where, refusal.detail)
        except (OSError, msgspec.DecodeError) as error:
            self._end()
            return Failure("helper-lost", where, f"{error} {self._words}".strip())

    def _started(self) -> socket.socket:
        """Send the file and hear what the host can.

        Raises:
            _Refusal: helper-no-python, helper-not-root, helper-no-nft.
        """
        near, ours = socket.socketpair()
        ours.settimeout(ANSWER_DEADLINE_S)
        self._words = ""
        joined = threading.Thread(target=self._join, args=(near,), daemon=True)
        joined.start()
        try:
            body = one_file()
            ours.sendall(b"%d\n" % len(body) + body)
            hello = msgspec.convert(_asked(ours, HELLO), _Hello)
        except (OSError, msgspec.DecodeError) as error:
            ours.close()
            joined.join(1.0)
            raise _Refusal("helper-no-python", self._words or str(error)) from error
        if not hello.root or not hello.nft:
            ours.close()
            raise _Refusal("helper-not-root" if not hello.root else "helper-no-nft")
        return ours

    def _join(self, near: socket.socket) -> None:
        try:
            self._words = self._wire.join(near, COMMAND)[:500]
        except OSError as error:
            self._words = str(error)

    def _end(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk = None


def values_of(order: AnyHelperOrder) -> dict[str, Any]:
    """What goes over the channel: the order's tag is the verb."""
    values: dict[str, Any] = msgspec.to_builtins(order)
    return {"verb": values.pop("order"), **values}


def _asked(talk: socket.socket, values: dict[str, Any]) -> dict[str, Any]:
    """Send one frame and wait for its answer.

    Raises:
        _Refusal: what the answer says.
        OSError: the channel ended or is too slow.
        msgspec.DecodeError: the answer is none.
    """
    body = msgspec.json.encode(values)
    talk.sendall(len(body).to_bytes(FRAME_HEAD_BYTES, "big") + body)
    size = int.from_bytes(_exactly(talk, FRAME_HEAD_BYTES), "big")
    if size > MAX_ANSWER_BYTES:
        raise OSError("answer too long")
    answer = msgspec.json.decode(_exactly(talk, size), type=dict[str, Any])
    if answer.pop("number", None) != values["number"]:
        raise OSError("answers another order")
    if "error" in answer:
        code, detail = str(answer["error"]), str(answer.get("detail", ""))[:500]
        raise _Refusal(code if code in REFUSALS else "helper-lost", detail)
    return answer


REFUSALS = frozenset(
    {
        "helper-value",
        "helper-nft",
        "helper-no-nft",
        "helper-machine-moved",
        "helper-system",
        "host-unprepared",
        "hold-stale",
        "hold-unsigned",
        "hold-not-released",
    }
)


def _exactly(talk: socket.socket, size: int) -> bytes:
    body = b""
    while len(body) < size:
        piece = talk.recv(size - len(body))
        if not piece:
            raise OSError("the channel ended")
        body += piece
    return body
