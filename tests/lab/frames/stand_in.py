"""A process that looks like a machine's QEMU and sends whatever frames it is told to.

No guest kernel would send all of them on demand. It runs inside a lab host, where its process is
found as a machine's is: by its program's name and the uuid in its arguments.
"""

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.commands import plain_environment, run
from tests.lab.hosts import namespaces
from tests.lab.hosts.lab import Lab

PROGRAM = "/tmp/qemu-stand-in"
SCRIPT = r"""
import fcntl, os, struct, sys, threading
tap = os.open("/dev/net/tun", os.O_RDWR)
name = sys.argv[3]
fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x0002 | 0x1000))
got = []
def listen():
    while True:
        frame = os.read(tap, 65536)
        if b"RINGFENCE-TEST" in frame:
            got.append(frame)
threading.Thread(target=listen, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word == "send":
        os.write(tap, bytes.fromhex(rest))
        print("sent", flush=True)
    else:
        print(len(got), flush=True)
        got.clear()
"""


class StandIn:
    """A machine with one card on the host's br0, until the block ends."""

    def __init__(self, lab: Lab, host: str, uuid: str, tap: str) -> None:
        self._space = lab.address.namespace(host)
        program = lab.hosts[host].path(PROGRAM)
        if not program.exists():
            shutil.copy(Path("/usr/bin/python3").resolve(), program)
        inside = namespaces.way_in(namespaces.first_process(self._space))
        self._process = subprocess.Popen(
            [*inside, PROGRAM, "-I", "-c", SCRIPT, "-uuid", uuid, tap],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=plain_environment({"PYTHONHOME": "/usr"}),
        )
        assert self._heard() == "ready"
        lines = f"link set {tap} master br0\nlink set {tap} up\n"
        run(["ip", "-n", self._space, "-batch", "-"], input_text=lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def send(self, frame: bytes) -> None:
        self._say(f"send {frame.hex()}")
        assert self._heard() == "sent"

    def received(self) -> int:
        """How many marked frames came since it was last asked."""
        self._say("count")
        return int(self._heard())

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
