"""`python -P -m core.hosts.worker FD`: one host's confined child process.

The first frame must be `Open`. Nothing of libvirt is touched before the process is confined.
"""

import os
import socket
import sys
import traceback

from core.hosts.protocol import Close, Closed, Failure, Log, Open
from core.hosts.worker import exits
from core.hosts.worker.confinement import confine
from core.hosts.worker.wire import ProtocolAbuse, Wire


def main() -> int:
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        print("usage: python -m core.hosts.worker FD (started by ringfence)", file=sys.stderr)
        return exits.WRONG_USE
    stream = int(sys.argv[1])
    wire = Wire(socket.socket(fileno=stream))
    try:
        return _serve(wire, stream)
    except ProtocolAbuse as abuse:
        print(f"protocol: {abuse}", file=sys.stderr)
        return exits.PROTOCOL
    except (BrokenPipeError, ConnectionResetError):
        return exits.DONE  # the window is gone
    except Exception:  # the process's edge: every bug ends here, once, with its traceback
        traceback.print_exc()
        return exits.BUG


def _serve(wire: Wire, stream: int) -> int:
    order = wire.read_order()
    if order is None:
        return exits.DONE
    if not isinstance(order, Open):
        raise ProtocolAbuse("the first frame is not an Open")
    for line in confine(order, stream):
        wire.send(Log("info", line))
    from core.hosts.worker.sources import source_for  # libvirt's code runs only when confined
    from core.hosts.worker.worker import Worker

    source = source_for(order)
    if isinstance(source, Failure):
        wire.send(Closed(source))
        return exits.DONE
    worker = Worker(order, source, wire)
    sys.setswitchinterval(0.0005)
    worker.start()
    while (following := wire.read_order()) is not None:
        if isinstance(following, Close):
            break
        if isinstance(following, Open):
            raise ProtocolAbuse("a second Open")
        worker.take(following)
    return exits.DONE


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # links may hang in libvirt; nothing of theirs needs to be saved
