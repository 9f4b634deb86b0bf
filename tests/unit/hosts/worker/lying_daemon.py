"""A socket that is taken for libvirt's and speaks something else."""

import os
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HEAD = struct.Struct(">IIIiiIi")  # length, program, version, procedure, type, serial, status
REMOTE_PROGRAM, REPLY, OK = 0x20008086, 1, 0
MEBIBYTE = 1 << 20

Lie = Callable[[socket.socket, int, int], None]  # wire, procedure and serial of the call


def garbage(wire: socket.socket, procedure: int, serial: int) -> None:
    wire.sendall(os.urandom(4096))


def web_page(wire: socket.socket, procedure: int, serial: int) -> None:
    wire.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 4)


def endless(wire: socket.socket, procedure: int, serial: int) -> None:
    wire.sendall((0xFFFFFFFF).to_bytes(4, "big") + b"x" * 65536)


def empty(wire: socket.socket, procedure: int, serial: int) -> None:
    wire.sendall((0).to_bytes(4, "big") * 64)


def wrong_answer(wire: socket.socket, procedure: int, serial: int) -> None:
    """A well-formed answer whose contents are noise."""
    _reply(wire, procedure, serial, os.urandom(200))


def huge_list(wire: socket.socket, procedure: int, serial: int) -> None:
    """Yes to everything; a count of four thousand million wherever one is read."""
    _reply(wire, procedure, serial, b"\xff" * MEBIBYTE)


def hang_up(wire: socket.socket, procedure: int, serial: int) -> None:
    wire.close()


LIES: tuple[Lie, ...] = (
    garbage,
    web_page,
    endless,
    empty,
    wrong_answer,
    huge_list,
    hang_up,
)


def _reply(wire: socket.socket, procedure: int, serial: int, body: bytes) -> None:
    head = HEAD.pack(
        HEAD.size + len(body), REMOTE_PROGRAM, 1, procedure, REPLY, serial & 0xFFFFFFFF, OK
    )
    wire.sendall(head + body)


class LyingDaemon:
    """Accepts, and answers each call with one lie. It agrees to the first `polite` calls."""

    def __init__(self, path: Path, lie: Lie, polite: int = 0) -> None:
        self._lie = lie
        self._polite = polite
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(8)
        self._wires: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            self._wires.append(wire)
            threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        with suppress(OSError):
            while len(head := wire.recv(HEAD.size, socket.MSG_WAITALL)) == HEAD.size:
                length, _, _, procedure, _, serial, _ = HEAD.unpack(head)
                wire.recv(max(0, length - HEAD.size), socket.MSG_WAITALL)
                if self._polite > 0:
                    self._polite -= 1
                    _reply(wire, procedure, serial, b"\0" * 4)
                else:
                    self._lie(wire, procedure, serial)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self._wires:
            wire.close()
