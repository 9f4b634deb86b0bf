"""The warm channel to ringfence-host: started by the first order, kept until the login ends.

The file itself goes over the channel, behind a constant command; nothing is left on the host's
disk. Where the login is not root's, the one that was installed is started with sudo, which allows
exactly it. Orders are obeyed one after another; whatever goes wrong is a Failure, and the next
order begins anew.
"""

import queue
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from core.hosts.helper.closed_set import ANSWERS, TAKE_SECONDS, AnyHelperOrder, AnyHelperResult
from core.hosts.helper.on_host.prepare_items import PROGRAM_FILE
from core.hosts.helper.on_host.verbs import VERSION
from core.hosts.helper.one_file import one_file
from core.hosts.helper.orders import RaiseBarrier
from core.hosts.protocol import FRAME_HEAD_BYTES, Failure
from core.hosts.ssh.protocol import HelperAnswer
from core.hosts.ssh.wires import Wire

# Isolated and without site: only the standard library, only what is sent. It keeps what it was
# sent: that is what preparing a host installs.
COMMAND = (
    "exec python3 -I -S -c 'import sys; r = sys.stdin.buffer; "
    "RINGFENCE_SOURCE = r.read(int(r.readline())); "
    'exec(compile(RINGFENCE_SOURCE, "ringfence-host", "exec"))\''
)
SUDO_COMMAND = f"exec sudo -n {PROGRAM_FILE}"
ANSWER_DEADLINE_S = 15.0
MAX_ANSWER_BYTES = 48 * 1024 * 1024
HELLO = {"number": 0, "verb": "hello"}


class _Hello(msgspec.Struct, frozen=True):
    version: int
    kernel: str
    root: bool
    nft: str


class Refusal(Exception):
    """An answer that says no, with its code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class HelperStart:
    """Starts ringfence-host on a channel of its own; `words` is what the command complained of."""

    def __init__(self, wire: Wire, patience_s: float = ANSWER_DEADLINE_S) -> None:
        self._wire = wire
        self._patience_s = patience_s
        self._no_channel = False
        self.words = ""

    def opened(self) -> socket.socket:
        """Send the file and hear what the host can; not as root: start the installed one.

        Raises:
            Refusal: helper-no-python, helper-not-root, helper-no-nft, helper-outdated; helper-lost:
                nothing came from the host, so what it has is not known.
        """
        body = one_file()
        talk, hello = self._greeted(COMMAND, b"%d\n" % len(body) + body)
        if not hello.root:
            talk.close()
            talk, hello = self._installed()
        if not hello.nft:
            talk.close()
            raise Refusal("helper-no-nft")
        return talk

    def _installed(self) -> tuple[socket.socket, _Hello]:
        """It knows the same verbs, or is not asked for any."""
        try:
            talk, hello = self._greeted(SUDO_COMMAND, b"")
        except Refusal as refusal:
            raise Refusal("helper-not-root", refusal.detail) from refusal
        if not hello.root or hello.version != VERSION:
            talk.close()
            raise Refusal("helper-outdated" if hello.root else "helper-not-root")
        return talk, hello

    def _greeted(self, command: str, first: bytes) -> tuple[socket.socket, _Hello]:
        near, ours = socket.socketpair()
        ours.settimeout(self._patience_s)
        self.words, self._no_channel = "", False
        joined = threading.Thread(target=self._join, args=(near, command), daemon=True)
        joined.start()
        try:
            ours.sendall(first)
            hello = msgspec.convert(asked(ours, HELLO), _Hello)
        except TimeoutError as error:
            ours.close()
            raise Refusal("helper-lost", self.words or str(error)) from error
        except (OSError, msgspec.DecodeError) as error:
            ours.close()
            joined.join(1.0)
            nonsense = isinstance(error, msgspec.DecodeError)
            spoke = nonsense or (bool(self.words) and not self._no_channel)
            code = "helper-no-python" if spoke else "helper-lost"
            raise Refusal(code, self.words or str(error)) from error
        ours.settimeout(ANSWER_DEADLINE_S)
        return ours, hello

    def _join(self, near: socket.socket, command: str) -> None:
        try:
            self.words = self._wire.join(near, command)[:500]
        except OSError as error:
            self._no_channel = True
            self.words = str(error)


class HelperLanes:
    """Three channels to one host. Cuts have their own, so that none ever waits behind a reading, or
    behind whatever hangs; it is warm as soon as the second is. What takes seconds by its nature
    has the third, so that neither a plan nor what a host is given to remember waits behind it."""

    def __init__(self, wire: Wire, host: str, say: Callable[[HelperAnswer], None]) -> None:
        self._cuts = HelperChannel(wire, host, say)
        self._others = HelperChannel(wire, host, say, opened=self._cuts.warm)
        self._long = HelperChannel(wire, host, say)

    def give(self, order: AnyHelperOrder) -> None:
        """Returns at once; the answer is said."""
        if isinstance(order, RaiseBarrier):
            self._cuts.give(order)
        elif isinstance(order, TAKE_SECONDS):
            self._long.give(order)
        else:
            if self._others.open:
                self._cuts.warm()
            self._others.give(order)


class HelperChannel:
    """`opened` is called whenever it was."""

    def __init__(
        self,
        wire: Wire,
        host: str,
        say: Callable[[HelperAnswer], None],
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        self._host = host
        self._say = say
        self._opened = opened
        self._orders: queue.SimpleQueue[AnyHelperOrder | None] = queue.SimpleQueue()
        self._talk: socket.socket | None = None
        self._start = HelperStart(wire)
        threading.Thread(target=self._work, daemon=True).start()

    def give(self, order: AnyHelperOrder) -> None:
        """Returns at once; the answer is said."""
        self._orders.put(order)

    def warm(self) -> None:
        """Returns at once; the channel is opened, if it is not, for an order that may come."""
        self._orders.put(None)

    @property
    def open(self) -> bool:
        return self._talk is not None

    def _work(self) -> None:
        while True:
            order = self._orders.get()
            if order is None:
                with suppress(Refusal, OSError):  # said to the order that comes
                    self._talk_open()
                continue
            answer = HelperAnswer(order.number, self._obey(order))
            try:
                self._say(answer)
            except OSError:  # the session closed: nobody is left to tell
                return

    def _talk_open(self) -> socket.socket:
        """The channel as it is, or anew when it ended since."""
        talk = self._talk
        if talk is None or ended(talk):
            self._end()
            talk = self._talk = self._start.opened()
            self._opened()
        return talk

    def _obey(self, order: AnyHelperOrder) -> AnyHelperResult | Failure:
        where = {"host": self._host}
        try:
            talk = self._talk_open()
            return msgspec.convert(asked(talk, values_of(order)), ANSWERS[type(order)])
        except Refusal as refusal:
            return Failure(refusal.code, where, refusal.detail)
        except (OSError, msgspec.DecodeError) as error:
            self._end()
            return Failure("helper-lost", where, f"{error} {self._start.words}".strip())

    def _end(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk = None


def ended(talk: socket.socket) -> bool:
    """Whether the other side is gone; between an order and the next it has nothing to say."""
    waiting = select.poll()
    waiting.register(talk, select.POLLIN)
    try:
        return bool(waiting.poll(0)) and not talk.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def values_of(order: AnyHelperOrder) -> dict[str, Any]:
    """What goes over the channel: the order's tag is the verb."""
    values: dict[str, Any] = msgspec.to_builtins(order)
    return {"verb": values.pop("order"), **values}


def asked(talk: socket.socket, values: dict[str, Any]) -> dict[str, Any]:
    """Send one frame and wait for its answer.

    Raises:
        Refusal: what the answer says.
        OSError: the channel ended or is too slow.
        msgspec.DecodeError: the answer is none.
    """
    send_values(talk, values)
    return answer_in(next_frame(talk), values["number"])


def send_values(talk: socket.socket, values: dict[str, Any]) -> None:
    body = msgspec.json.encode(values)
    talk.sendall(len(body).to_bytes(FRAME_HEAD_BYTES, "big") + body)


def next_frame(talk: socket.socket, most_bytes: int = MAX_ANSWER_BYTES) -> bytes:
    size = int.from_bytes(_exactly(talk, FRAME_HEAD_BYTES), "big")
    if size > most_bytes:
        raise OSError("answer too long")
    return _exactly(talk, size)


def answer_in(frame: bytes, number: int) -> dict[str, Any]:
    """What a frame answers to the order of this number; raises as `asked`."""
    answer = msgspec.json.decode(frame, type=dict[str, Any])
    if answer.pop("number", None) != number:
        raise OSError("answers another order")
    if "error" in answer:
        code, detail = str(answer["error"]), str(answer.get("detail", ""))[:500]
        raise Refusal(code if code in REFUSALS else "helper-lost", detail)
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
        "hold-stands",
        "prepare-foreign",
        "prepare-not-empty",
        "prepare-record",
        "prepare-policy",
        "prepare-selinux",
        "prepare-sudoers",
        "prepare-systemd",
        "evidence-no-openssl",
        "evidence-no-room",
        "evidence-gone",
        "evidence-not-had",
        "evidence-changed",
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
