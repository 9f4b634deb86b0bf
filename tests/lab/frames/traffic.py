"""Everything a guest and its neighbour can have under way at once: TCP and pings, both ways, both
families, every twenty milliseconds. Each kind is told apart by the guest's own frames.
"""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from tests.lab.commands import plain_environment
from tests.lab.frames.segment import FAR
from tests.lab.guests.console import Console

ECHO = {"4": 17, "6": 18}  # ports of the guest's echoes
SINK = {"4": 9004, "6": 9006}  # ports of the neighbour
PINGS = frozenset({"ping-in4", "ping-in6", "ping-out4", "ping-out6"})
TCP = frozenset({"tcp-in4", "tcp-in6", "tcp-out4", "tcp-out6"})

# Speaks to the guest's echoes, listens for its callers, and counts the guest's frames by kind.
NEIGHBOUR = r"""
import json, select, socket, sys, time
device, mac, guest4, guest6, shift = sys.argv[1:6]
shift = int(shift)
owner = bytes.fromhex(mac.replace(":", ""))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
wire.bind((device, 3))
names = {17: "tcp-in4", 18: "tcp-in6", 9004: "tcp-out4", 9006: "tcp-out6"}
ports = {port + shift: name for port, name in names.items()}
counts = {}
def kind_of(frame):
    family, body = frame[12:14], frame[14:]
    if family == b"\x08\x00":
        protocol, rest, version = body[9], body[(body[0] & 15) * 4:], "4"
    elif family == b"\x86\xdd":
        protocol, rest, version = body[6], body[40:], "6"
    else:
        return None
    if protocol == 6:
        source, target = int.from_bytes(rest[:2], "big"), int.from_bytes(rest[2:4], "big")
        return ports.get(source) or ports.get(target)
    if protocol in (1, 58):
        found = {0: "in", 129: "in", 8: "out", 128: "out"}.get(rest[0])
        return found and f"ping-{found}{version}"
    return None
sinks = []
for family, port in ((socket.AF_INET, 9004), (socket.AF_INET6, 9006)):
    sink = socket.socket(family)
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sink.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sink.bind(("", port + shift))
    sink.listen()
    sinks.append(sink)
def called(address, port):
    give_up = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection((address, port), 2)
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)
calls = [called(guest4, 17 + shift), called(guest6, 18 + shift)]
for call in calls:
    call.setblocking(False)
print("ready", flush=True)
ends, said_at = list(calls), 0.0
while True:
    ready, _, _ = select.select([wire, sys.stdin, *sinks, *ends], [], [], 0.01)
    if time.monotonic() - said_at > 0.02:
        said_at = time.monotonic()
        for call in calls:
            try:
                call.send(b"x" * 8)
            except OSError:
                pass
    for end in ready:
        if end is wire:
            while True:
                try:
                    frame = wire.recv(2048, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    break
                if frame[6:12] == owner:
                    kind = kind_of(frame)
                    if kind:
                        counts[kind] = counts.get(kind, 0) + 1
        elif end in sinks:
            ends.append(end.accept()[0])
            ends[-1].setblocking(False)
        elif end is sys.stdin:
            if not sys.stdin.readline():
                sys.exit()
            print(json.dumps(counts), flush=True)
            counts.clear()
        else:
            try:
                if not end.recv(65536) and end not in calls:
                    ends.remove(end)
            except OSError:
                pass
"""


class Traffic:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def counts(self) -> dict[str, int]:
        """The guest's frames of each kind since it was last asked."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, int] = json.loads(self._process.stdout.readline())
        return found


def listen_in(shell: Console, shift: int = 0) -> None:
    """Start the guest's echoes."""
    for port in ECHO.values():
        shell.type(f"busybox nc -ll -p {port + shift} -e cat &")


def call_out(shell: Console, neighbour: dict[str, str], shift: int = 0) -> None:
    """Start the guest's own connections."""
    for family, address in neighbour.items():
        words = "while :; do echo x; busybox usleep 20000; done"
        shell.type(f"({words}) | busybox nc {address} {SINK[family] + shift} >/dev/null &")


def ping_out(shell: Console, neighbour: dict[str, str]) -> None:
    for address in neighbour.values():
        ping = f"busybox ping -q -i 0.02 {address} >/dev/null 2>&1"
        shell.type(f"(while :; do {ping}; busybox usleep 100000; done) &")


@contextmanager
def pinging_in(space: str, guest: dict[str, str]) -> Generator[None]:
    """Ping the guest from its neighbour until the block ends."""
    with ExitStack() as stack:
        for address in guest.values():
            process = subprocess.Popen(
                ["ip", "netns", "exec", space, "ping", "-q", "-i", "0.02", address],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=plain_environment(),
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield


@contextmanager
def traffic(space: str, mac: str, guest: dict[str, str], shift: int = 0) -> Generator[Traffic]:
    """The neighbour's part; `shift` moves every port, for connections that are not the old ones."""
    words = [FAR, mac, guest["4"], guest["6"], str(shift)]
    with subprocess.Popen(
        ["ip", "netns", "exec", space, sys.executable, "-I", "-c", NEIGHBOUR, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Traffic(process)
        finally:
            process.stdin.close()
