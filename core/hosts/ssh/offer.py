"""The socket on which libvirt is offered to the worker: each connection is one channel."""

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from core.hosts.ssh.wires import Wire

MAX_CONNECTIONS = 16


def offer_libvirt(
    path: Path, wire: Wire, command: str, on_refusal: Callable[[str], None]
) -> socket.socket:
    """Listen at `path`, for this user only. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old_mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(old_mask)
    listener.listen(MAX_CONNECTIONS)
    work = (listener, wire, command, on_refusal)
    threading.Thread(target=_accept, args=work, daemon=True).start()
    return listener


def _accept(
    listener: socket.socket, wire: Wire, command: str, on_refusal: Callable[[str], None]
) -> None:
    places = threading.BoundedSemaphore(MAX_CONNECTIONS)
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        if not places.acquire(blocking=False):
            near.close()
            continue
        work = (near, wire, command, on_refusal, places)
        threading.Thread(target=_carry, args=work, daemon=True).start()


def _carry(
    near: socket.socket,
    wire: Wire,
    command: str,
    on_refusal: Callable[[str], None],
    places: threading.BoundedSemaphore,
) -> None:
    try:
        said = wire.join(near, command)
    except OSError as error:
        said = str(error) or type(error).__name__
    finally:
        places.release()
    if said:
        on_refusal(said)
