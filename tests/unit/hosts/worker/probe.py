"""Started in place of a worker by the confinement test: confines itself for an `Open` exactly
like the worker does, then tries every path and address it was told to and says what opened."""

import errno
import os
import socket
import sys
from pathlib import Path

from core.hosts.protocol import Log, Open
from core.hosts.worker.confinement import confine
from core.hosts.worker.wire import Wire


def main() -> None:
    stream = int(sys.argv[1])
    targets = os.environ.get("HOME", "")
    wire = Wire(socket.socket(fileno=stream))
    order = wire.read_order()
    assert isinstance(order, Open)
    tries = [line.split(" ", 1) for line in order.credentials[0].value.splitlines()]
    for line in confine(order, stream):
        wire.send(Log("confined", line))
    for kind, target in tries:
        wire.send(Log(kind, f"{target} {_attempt(kind, target)}"))
    wire.send(Log("environment", " ".join(sorted(os.environ))))
    wire.send(Log("home", f"{targets} -> {os.environ['HOME']}"))
    wire.send(Log("end", ""))


def _attempt(kind: str, target: str) -> str:
    """ "open" when it worked, else the error that stopped it."""
    try:
        match kind:
            case "read":
                Path(target).read_bytes()
            case "list":
                list(Path(target).iterdir())
            case "write":
                Path(target).write_text("x")
            case "unix":
                _connect(socket.AF_UNIX, target)
            case "abstract":
                _connect(socket.AF_UNIX, "\0" + target)
            case "tcp":
                host, _, port = target.partition(":")
                _connect(socket.AF_INET, (host, int(port)))
            case "signal":
                os.kill(int(target), 0)
            case "run":
                os.execv(target, [target])
            case _:
                os.fork()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "failed")
    return "open"


def _connect(family: int, address: object) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as stream:
        stream.settimeout(2)
        stream.connect(address)  # type: ignore[arg-type] # each family has its own shape


if __name__ == "__main__":
    main()
    os._exit(0)
