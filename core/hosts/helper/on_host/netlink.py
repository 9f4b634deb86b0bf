"""The kernel's own news: devices that come and go, tables that somebody changes."""

from __future__ import annotations

import re
import select
import socket
import struct
import uuid as uuids
from typing import NamedTuple

NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
LINK_GROUP, TABLES_GROUP = 1, 7
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
RECEIVE_FORCED = 33  # SO_RCVBUFFORCE
NEWS_ROOM_BYTES = 8 * 1024 * 1024
NEW_LINK = 16
TABLE_NAME = re.compile(rb"ringfence_barrier_([0-9a-f]{32})")


class News(NamedTuple):
    """`links`: a device appeared or changed; `tables`: whose barriers; `lost`: look at all."""

    links: bool
    tables: frozenset[str]
    lost: bool


class KernelNews:
    def __init__(self) -> None:
        self._links = listener(NETLINK_ROUTE, LINK_GROUP)
        self._tables = listener(NETLINK_NETFILTER, TABLES_GROUP)

    def wait(self, seconds: float) -> News:
        ready, _, _ = select.select([self._links, self._tables], [], [], max(0.0, seconds))
        links, tables, lost = False, frozenset[str](), False
        for end in ready:
            messages, overrun = waiting(end)
            lost = lost or overrun
            if end is self._links:
                links = any(kind_of(message) == NEW_LINK for message in messages)
            else:
                found = (TABLE_NAME.finditer(message) for message in messages)
                tables = frozenset(uuid_in(each[1]) for every in found for each in every)
        return News(links, tables, lost)

    def close(self) -> None:
        self._links.close()
        self._tables.close()


def listener(protocol: int, group: int) -> socket.socket:
    end = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    end.bind((0, 0))
    end.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
    end.setsockopt(socket.SOL_SOCKET, RECEIVE_FORCED, NEWS_ROOM_BYTES)
    end.setblocking(False)
    return end


def waiting(end: socket.socket) -> tuple[list[bytes], bool]:
    """Everything that is there now, and whether some was lost."""
    found: list[bytes] = []
    while True:
        try:
            found.append(end.recv(1 << 18))
        except BlockingIOError:
            return found, False
        except OSError:  # ENOBUFS
            return found, True


def kind_of(message: bytes) -> int:
    return int(struct.unpack("=IHHII", message[:16])[1]) if len(message) >= 16 else 0


def uuid_in(name: bytes) -> str:
    return str(uuids.UUID(name.decode()))
