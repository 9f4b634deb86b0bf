"""Which sockets a process has, from the kernel's own tables in the process's own network."""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LISTENS, ESTABLISHED = "0A", "01"
MAX_TABLE_BYTES = 16 * 1024 * 1024
NETLINK_SOCK_DIAG, SOCK_DESTROY = 4, 21
NO_COOKIE = 0xFFFFFFFF
LISTENING_FLAG = 0x10000


class TcpSocket(NamedTuple):
    state: str
    local: tuple[bytes, int]
    remote: tuple[bytes, int]


def inodes_of(pid: int) -> frozenset[str]:
    found: set[str] = set()
    for handle in Path("/proc", str(pid), "fd").iterdir():
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", str(handle.readlink()))
        except OSError:
            continue
        if match:
            found.add(match[1])
    return frozenset(found)


def table_lines(pid: int, name: str) -> list[str]:
    with Path("/proc", str(pid), "net", name).open("rb") as source:
        return source.read(MAX_TABLE_BYTES).decode("utf-8", "replace").splitlines()[1:]


def tcp_sockets(pid: int) -> Iterator[TcpSocket]:
    own = inodes_of(pid)
    for name in ("tcp", "tcp6"):
        for line in table_lines(pid, name):
            words = line.split()
            if len(words) > 9 and words[9] in own:
                yield TcpSocket(words[3], end_of(words[1]), end_of(words[2]))


def end_of(text: str) -> tuple[bytes, int]:
    """The kernel prints each four bytes of an address as one number of this machine's order."""
    address, port = text.split(":")
    numbers = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    return b"".join(struct.pack("=I", number) for number in numbers), int(port, 16)


def end_text(end: tuple[bytes, int]) -> str:
    address = ipaddress.ip_address(end[0])
    plain = getattr(address, "ipv4_mapped", None) or address
    return f"[{plain}]:{end[1]}" if plain.version == 6 else f"{plain}:{end[1]}"


def listening_paths(pid: int) -> Iterator[str]:
    own = inodes_of(pid)
    for line in table_lines(pid, "unix"):
        words = line.split(None, 7)
        if len(words) == 8 and words[6] in own and int(words[3], 16) & LISTENING_FLAG:
            yield words[7]


def destroyed(found: TcpSocket) -> bool:
    """End a connection from outside; False where the kernel cannot."""
    family = socket.AF_INET if len(found.local[0]) == 4 else socket.AF_INET6
    ends = struct.pack("!HH", found.local[1], found.remote[1])
    ends += found.local[0].ljust(16, b"\0") + found.remote[0].ljust(16, b"\0")
    body = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + ends
    body += struct.pack("=III", 0, NO_COOKIE, NO_COOKIE)
    head = struct.pack("=IHHII", 16 + len(body), SOCK_DESTROY, 1 | 4, 1, 0)  # wants an answer
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as end:
        end.settimeout(1.0)
        try:
            end.send(head + body)
            answer = end.recv(4096)
        except OSError:
            return False
    return len(answer) >= 20 and struct.unpack("=i", answer[16:20])[0] == 0


def same_network(pid: int) -> bool:
    """Whether the process is in the network that we are in."""
    own, other = (Path("/proc", who, "ns/net").stat().st_ino for who in ("self", str(pid)))
    return own == other
