"""Two ways to have a shell on a host, one face: paramiko's login, or OpenSSH's as a child."""

import socket
import threading
from contextlib import suppress
from typing import Protocol

from paramiko import Channel, SSHException

from core.hosts.ssh.login import Login

CHANNEL_DEADLINE_S = 10.0
PIECE_BYTES = 64 * 1024
MAX_ERROR_BYTES = 2000


class Wire(Protocol):
    """A login that runs fixed scripts and opens fixed doors."""

    carrier: str

    def run(self, script: bytes, most_bytes: int, deadline_s: float) -> bytes:
        """Feed a script to /bin/sh there. Raises OSError."""
        ...

    def join(self, near: socket.socket, command: str) -> str:
        """Join a local connection to a command there until either ends; returns what the
        command complained of when nothing came from it. Raises OSError: no channel."""
        ...

    def wait_end(self) -> str:
        """Wait until the login is gone; returns why."""
        ...

    def close(self) -> None: ...


class ParamikoWire:
    """Channels of one paramiko transport."""

    carrier = "paramiko"

    def __init__(self, login: Login) -> None:
        self._login = login

    def run(self, script: bytes, most_bytes: int, deadline_s: float) -> bytes:
        try:
            channel = self._open("/bin/sh")
            channel.settimeout(deadline_s)
            channel.sendall(script)
            channel.shutdown_write()
            return _all_of(channel, most_bytes)
        except SSHException as error:
            raise OSError(str(error)) from error

    def join(self, near: socket.socket, command: str) -> str:
        try:
            channel = self._open(command)
        except SSHException as error:
            near.close()
            raise OSError(str(error)) from error
        outward = threading.Thread(target=_pour_out, args=(near, channel), daemon=True)
        outward.start()
        received = _pour_in(channel, near)
        channel.close()
        near.close()
        outward.join(CHANNEL_DEADLINE_S)
        return "" if received else _error_words(channel)  # helpers complain at every normal end

    def wait_end(self) -> str:
        self._login.transport.join()
        return str(self._login.transport.get_exception() or "")

    def close(self) -> None:
        self._login.close()

    def _open(self, command: str) -> Channel:
        channel = self._login.transport.open_session(timeout=CHANNEL_DEADLINE_S)
        channel.exec_command(command)
        return channel


def _all_of(channel: Channel, most_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while size < most_bytes and (piece := channel.recv(PIECE_BYTES)):
        pieces.append(piece)
        size += len(piece)
    channel.close()
    return b"".join(pieces)[:most_bytes]


def _pour_out(near: socket.socket, channel: Channel) -> None:
    with suppress(OSError, EOFError):
        while piece := near.recv(PIECE_BYTES):
            channel.sendall(piece)
    with suppress(OSError, EOFError):
        channel.shutdown_write()


def _pour_in(channel: Channel, near: socket.socket) -> int:
    """Returns how many bytes came."""
    received = 0
    with suppress(OSError, EOFError):
        while piece := channel.recv(PIECE_BYTES):
            received += len(piece)
            near.sendall(piece)
    with suppress(OSError):
        near.shutdown(socket.SHUT_RDWR)
    return received


def _error_words(channel: Channel) -> str:
    with suppress(OSError, EOFError):
        if channel.recv_stderr_ready():
            return channel.recv_stderr(MAX_ERROR_BYTES).decode("utf-8", "replace").strip()
    return ""
