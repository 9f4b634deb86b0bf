"""When which frames of one machine came where, by the kernel's own clock of this machine.

A place is DEVICE/PROTOCOL. `any` is the host's stack itself: a socket bound to one protocol there
gets what the stack would deliver, unlike one for all protocols, which sees frames on a tap before
any rule does.
"""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from tests.lab.commands import plain_environment

ALL = 0x0003

# Frames from one of the addresses (or any, without one), of at most that many a place kept.
CAPTURE = r"""
import json, select, socket, struct, sys
STAMPS, OUTGOING = 35, 4
owners = {bytes.fromhex(word.replace(":", "")) for word in sys.argv[1].split(",") if word}
places = {}
for word in sys.argv[2:]:
    device, protocol = word.split("/")
    kind = socket.htons(int(protocol)) if device == "any" else 0
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, kind)
    end.setsockopt(socket.SOL_SOCKET, STAMPS, 1)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    if device != "any":
        end.bind((device, int(protocol)))
    places[end] = (word, [])
print("ready", flush=True)
def take(end):
    word, stamps = places[end]
    while True:
        try:
            body, extra, _, source = end.recvmsg(2048, 64, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if owners and body[6:12] not in owners:
            continue
        seconds, nanoseconds = struct.unpack("qq", extra[0][2])
        stamps.append(seconds * 10**9 + nanoseconds)
while True:
    ready, _, _ = select.select([*places, sys.stdin], [], [])
    for end in ready:
        if end is not sys.stdin:
            take(end)
    if sys.stdin in ready:
        if not sys.stdin.readline():
            break
        for end in places:
            take(end)
        print(json.dumps({word: stamps for word, stamps in places.values()}), flush=True)
        for _, stamps in places.values():
            stamps.clear()
"""


class Heard(msgspec.Struct, frozen=True):
    """The times of the frames at each place, in nanoseconds of CLOCK_REALTIME."""

    at: dict[str, list[int]]

    @property
    def count(self) -> int:
        return sum(len(times) for times in self.at.values())

    @property
    def places(self) -> set[str]:
        return {place for place, times in self.at.items() if times}

    def last(self, place: str) -> int:
        """The time of the last one there; 0: there was none."""
        return max(self.at[place], default=0)

    def span_s(self) -> float:
        """From the first to the last one, wherever they came."""
        times = [each for found in self.at.values() for each in found]
        return (max(times) - min(times)) / 1e9 if times else 0.0


class Capture:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def heard(self) -> Heard:
        """What came since it was last asked."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Heard(json.loads(self._process.stdout.readline()))


@contextmanager
def capturing(space: str, *places: str, source: str = "") -> Generator[Capture]:
    """Listen in a namespace for frames from these addresses (commas between; "": from anybody)."""
    inside = ["ip", "netns", "exec", space] if space else []
    with subprocess.Popen(
        [*inside, sys.executable, "-I", "-c", CAPTURE, source, *places],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Capture(process)
        finally:
            process.stdin.close()
