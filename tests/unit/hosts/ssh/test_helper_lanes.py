"""Neither a cut nor a hold waits behind what else was asked of ringfence-host."""

import queue
import socket
import threading
from typing import Any

import msgspec
import pytest

from core.hosts.helper.holds import HoldsSeen, Signature, WriteHold
from core.hosts.helper.observing import ReadVolatile
from core.hosts.helper.orders import BarrierSeen, RaiseBarrier, ReadBarrier
from core.hosts.protocol import Failure
from core.hosts.ssh.helper_channel import HelperLanes
from core.hosts.ssh.protocol import HelperAnswer

UUID = "11111111-2222-3333-4444-555555555555"
SEEN = BarrierSeen(True, True, True, (), (), 0, 0, False)
ANSWER_S = 5.0


class HostThatHangs:
    """A login to a host where one verb hangs; each channel counts."""

    carrier = "stand-in"

    def __init__(self, hangs: str = "read-barrier") -> None:
        self._hangs = hangs
        self.channels: list[socket.socket] = []
        self.over = threading.Event()

    def run(self, script: bytes, most_bytes: int, deadline_s: float) -> bytes:
        raise OSError("no shell here")

    def join(self, near: socket.socket, command: str) -> str:
        self.channels.append(near)
        with near, near.makefile("rb") as inward:
            inward.read(int(inward.readline()))  # the file itself
            while (head := inward.read(4)) and (body := inward.read(int.from_bytes(head, "big"))):
                asked: dict[str, Any] = msgspec.json.decode(body)
                if asked["verb"] == self._hangs:
                    self.over.wait()
                    break
                said = {"number": asked["number"], **_answer(asked["verb"])}
                frame = msgspec.json.encode(said)
                near.sendall(len(frame).to_bytes(4, "big") + frame)
        return ""

    def wait_end(self) -> str:
        return ""

    def close(self) -> None:
        self.over.set()


def _answer(verb: str) -> dict[str, Any]:
    if verb == "hello":
        return {"version": 1, "kernel": "6.1", "root": True, "nft": "1.0"}
    seen = HoldsSeen(True, True, False, ()) if verb == "write-hold" else SEEN
    found: dict[str, Any] = msgspec.to_builtins(seen)
    found.pop("tag", None)
    return found


@pytest.fixture
def host() -> HostThatHangs:
    return HostThatHangs()


def test_a_reading_that_hangs_holds_up_no_cut(host: HostThatHangs) -> None:
    said: queue.Queue[HelperAnswer] = queue.Queue()
    lanes = HelperLanes(host, "h1", said.put)
    lanes.give(ReadBarrier(1, UUID))
    lanes.give(RaiseBarrier(2, UUID, ()))
    answer = said.get(timeout=ANSWER_S)
    assert answer.number == 2 and isinstance(answer.result, BarrierSeen)
    host.close()
    lost = said.get(timeout=ANSWER_S)
    assert lost.number == 1 and isinstance(lost.result, Failure)


def test_a_channel_that_ended_is_opened_anew_before_the_cut(host: HostThatHangs) -> None:
    said: queue.Queue[HelperAnswer] = queue.Queue()
    lanes = HelperLanes(host, "h1", said.put)
    lanes.give(RaiseBarrier(1, UUID, ()))
    assert isinstance(said.get(timeout=ANSWER_S).result, BarrierSeen)
    host.channels[0].shutdown(socket.SHUT_RDWR)
    lanes.give(RaiseBarrier(2, UUID, ()))
    assert isinstance(said.get(timeout=ANSWER_S).result, BarrierSeen)
    assert len(host.channels) == 2


def test_a_hold_is_written_while_the_network_is_still_read() -> None:
    host = HostThatHangs("read-volatile")
    said: queue.Queue[HelperAnswer] = queue.Queue()
    lanes = HelperLanes(host, "h1", said.put)
    lanes.give(ReadVolatile(1, UUID, ()))
    lanes.give(WriteHold(2, UUID, "{}", Signature("", ""), 0))
    answer = said.get(timeout=ANSWER_S)
    assert answer.number == 2 and isinstance(answer.result, HoldsSeen)
    host.close()
    assert said.get(timeout=ANSWER_S).number == 1
