"""A hand on a lab guest's serial console, where a root shell waits."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

from tests.lab.commands import plain_environment
from tests.lab.hosts import namespaces
from tests.lab.hosts.lab import Lab

# QEMU looks once a second whether somebody opened the console: until then it drops what is typed.
RELAY = r"""
import os, select, sys, time, tty
end = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(end)
heard, asked = b"", 0.0
while b"console-is-open" not in heard.replace(b"console-is-\"\"open", b""):
    if time.monotonic() > asked + 1.0:
        os.write(end, b"echo console-is-\"\"open\n")
        asked = time.monotonic()
    if select.select([end], [], [], 0.2)[0]:
        heard = (heard + os.read(end, 4096))[-4096:]
print("ready", flush=True)
while True:
    for ready in select.select([end, 0], [], [])[0]:
        found = os.read(ready, 4096)
        if ready == end:
            os.write(1, found)
        elif not found:
            sys.exit()
        else:
            os.write(end, found)
"""


class Console:
    """Types into a guest's shell; what the guest prints is thrown away unless it is waited for."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def wait_for(self, word: bytes) -> None:
        """Read until the guest prints this word; what was typed is echoed and counts too."""
        assert self._process.stdout is not None
        heard = b""
        while word not in heard:
            piece = os.read(self._process.stdout.fileno(), 4096)
            if not piece:
                raise EOFError(f"the console ended without {word!r}: {heard[-500:]!r}")
            heard = (heard + piece)[-8192:]


@contextmanager
def console(lab: Lab, guest: str) -> Generator[Console]:
    """Open a running guest's console; jobs started there go on after it is closed."""
    host = lab.host_of(guest)
    place = host.virsh(["ttyconsole", guest]).strip()
    inside = namespaces.way_in(namespaces.first_process(lab.address.namespace(host.name)))
    with subprocess.Popen(
        [*inside, "/usr/bin/python3", "-I", "-c", RELAY, place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=plain_environment(),
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert os.read(process.stdout.fileno(), 6) == b"ready\n"
        try:
            yield Console(process)
        finally:
            process.stdin.close()
            process.stdout.read()  # the relay types what it was given, and ends
