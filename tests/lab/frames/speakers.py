"""Frames under machines' addresses that no machine sends: by way of a bridge, or past it.

A host that lies about its barrier looks so from outside: what comes past the bridge no rule of a
barrier sees.
"""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

from tests.lab.commands import plain_environment

SPEAKERS = r"""
import socket, sys, time
ends = []
for word in sys.argv[1:]:
    device, mac = word.split("/")
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    end.bind((device, 0))
    ends.append((end, b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) + b"\x88\xb5" + bytes(46)))
print("ready", flush=True)
while True:
    for end, frame in ends:
        end.send(frame)
    time.sleep(0.05)
"""


@contextmanager
def speaking(space: str, **addresses: str) -> Generator[None]:
    """Say so on each device, under its address, until the block ends."""
    words = [f"{device}/{mac}" for device, mac in addresses.items()]
    with subprocess.Popen(
        ["ip", "netns", "exec", space, sys.executable, "-I", "-c", SPEAKERS, *words],
        stdout=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.terminate()
