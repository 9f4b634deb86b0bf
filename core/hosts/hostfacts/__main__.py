"""The reader of this very machine's facts: a child without keys, agent, home or network.

It speaks the shell protocol: Connect is answered with Ready, ReadHostFacts with Facts.
"""

import os
import socket
import subprocess
import sys

from core.hosts.hostfacts.confined import confine_reader
from core.hosts.hostfacts.reading import read_host
from core.hosts.lowered import lower_privileges
from core.hosts.ssh.protocol import (
    CloseShell,
    Connect,
    ReadHostFacts,
    Ready,
    next_shell_order,
    shell_frame,
)

HOW = "local socket"


def run_local_shell(script: bytes, most_bytes: int, deadline_s: float) -> bytes:
    """Feed a script to /bin/sh. Raises OSError when it cannot run or takes too long."""
    try:
        done = subprocess.run(
            ["/bin/sh"],
            input=script,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=deadline_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(str(error)) from error
    return done.stdout[:most_bytes]


def main() -> None:
    lower_privileges()
    confine_reader()
    talk = socket.socket(fileno=int(sys.argv[1]))
    host = ""
    while (order := next_shell_order(talk)) is not None:
        match order:
            case Connect():
                host = order.host
                talk.sendall(shell_frame(Ready(str(os.getuid()), HOW, "", "local", False)))
            case ReadHostFacts():
                talk.sendall(shell_frame(read_host(run_local_shell, host, HOW)))
            case CloseShell():
                return
            case _:
                return


if __name__ == "__main__":
    main()
