"""Listeners on a lab host's devices, and a neighbour on its bridge that can speak."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from tests.lab.commands import run

MARK = b"RINGFENCE-TEST"
EAPOL, LLDP, LLC = 0x888E, 0x88CC, 0x0004
SETTLE_SECONDS = 0.3

# Listens at each place given as DEVICE/PROTOCOL; says how many marked frames came to which.
LISTENER = r"""
import select, socket, sys
places = {}
for word in sys.argv[1:]:
    device, protocol = word.split("/")
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(int(protocol)))
    if device != "any":
        end.bind((device, int(protocol)))
    places[end] = [word, 0]
print("ready", flush=True)
while True:
    ready, _, _ = select.select([*places, sys.stdin], [], [])
    for end in ready:
        if end is sys.stdin:
            if not sys.stdin.readline():
                sys.exit()
            print(" ".join(word for word, count in places.values() if count), flush=True)
            for place in places.values():
                place[1] = 0
        elif b"RINGFENCE-TEST" in end.recv(65536):
            places[end][1] += 1
"""
SPEAKER = r"""
import errno, socket, sys
end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
end.bind((sys.argv[1], 0))
for word in sys.argv[2:]:
    try:
        end.send(bytes.fromhex(word))
    except OSError as error:  # dropped on its way into the device
        if error.errno != errno.ENOBUFS:
            raise
"""


class Listeners:
    """Hears at several places of one namespace."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def heard(self) -> set[str]:
        """The places where marked frames came since it was last asked."""
        time.sleep(SETTLE_SECONDS)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return set(self._process.stdout.readline().split())


@contextmanager
def listening(space: str, *places: str) -> Generator[Listeners]:
    command = ["ip", "netns", "exec", space, sys.executable, "-I", "-c", LISTENER, *places]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Listeners(process)
        finally:
            process.stdin.close()


@contextmanager
def neighbour(space: str) -> Generator[str]:
    """A veth on br0; yields the device at its far end."""
    lines = (
        "link add rfn0 type veth peer name rfn1\nlink set rfn0 master br0 up\nlink set rfn1 up\n"
    )
    run(["ip", "-n", space, "-batch", "-"], input_text=lines)
    try:
        yield "rfn1"
    finally:
        run(["ip", "-n", space, "link", "delete", "rfn0"])


def passing(frames: Mapping[str, bytes], heard: Callable[[list[bytes]], bool]) -> set[str]:
    """Which of these frames are heard. To listen takes a while: first all of them at once."""
    if not heard([*frames.values()]):
        return set()
    return {name for name, body in frames.items() if heard([body])}


def speak(space: str, device: str, *frames: bytes) -> None:
    words = [frame.hex() for frame in frames]
    run(["ip", "netns", "exec", space, sys.executable, "-I", "-c", SPEAKER, device, *words])


def frame(target: str, source: str, kind: int, body: bytes = b"") -> bytes:
    """One Ethernet frame; `kind` is its type, or for LLC its length is put there."""
    content = body + MARK
    kind = len(content) if kind == LLC else kind
    return _mac(target) + _mac(source) + kind.to_bytes(2, "big") + content.ljust(46, b"\0")


def udp(target: str, source: str, from_ip: str, to_ip: str) -> bytes:
    """A frame with an IPv4 packet in it, right enough for a bridge that looks at packets."""
    body = bytes.fromhex("0035003500160000") + MARK
    start = bytes.fromhex("4500") + (20 + len(body)).to_bytes(2, "big")
    start += bytes.fromhex("000000004011")
    ends = socket.inet_aton(from_ip) + socket.inet_aton(to_ip)
    words = sum(int.from_bytes((start + ends)[at : at + 2], "big") for at in range(0, 18, 2))
    checksum = 0xFFFF - (words % 0xFFFF or 0xFFFF)
    head = start + checksum.to_bytes(2, "big") + ends
    return _mac(target) + _mac(source) + b"\x08\x00" + head + body


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
