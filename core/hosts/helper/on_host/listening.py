"""Whether frames of some addresses come to this host: asked of the second host on a segment.

The kernel picks them out, so that a busy wire loses none before they are counted; what it lost is
told all the same. A machine's own taps are left out: a socket sees their frames before any rule.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import Counter
from ctypes import addressof, create_string_buffer
from typing import Any

from core.hosts.helper.on_host.machines import NET
from core.hosts.helper.on_host.netlink import RECEIVE_FORCED
from core.hosts.helper.on_host.ring import EVERY_PROTOCOL, RING_ROOM_BYTES, SOL_PACKET
from core.hosts.helper.on_host.values import Refused, checked_macs

MAX_LISTEN_S = 5.0
PACKET_STATISTICS, ATTACH_FILTER = 6, 26
OUTGOING = 4
LOAD_WORD, LOAD_HALF, JUMP_EQUAL, RETURN = 0x20, 0x28, 0x15, 0x06
KEPT_BYTES = 64


def source_filter(macs: tuple[str, ...]) -> bytes:
    """A classic filter: keep a frame whose source is one of them."""
    code: list[tuple[int, int, int, int]] = []
    for mac in macs:
        body = bytes.fromhex(mac.replace(":", ""))
        first, last = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:], "big")
        code += [(LOAD_WORD, 0, 0, 8), (JUMP_EQUAL, 0, 3, last)]
        code += [(LOAD_HALF, 0, 0, 6), (JUMP_EQUAL, 0, 1, first), (RETURN, 0, 0, KEPT_BYTES)]
    code.append((RETURN, 0, 0, 0))
    return b"".join(struct.pack("=HBBI", *line) for line in code)


def own_devices() -> list[str]:
    """Ethernet devices that are up and no machine's tap."""
    found: list[str] = []
    for place in sorted(NET.iterdir()):
        try:
            ethernet = (place / "type").read_text().strip() == "1"
            up = int((place / "flags").read_text(), 16) & 1
        except (OSError, ValueError):
            continue
        if ethernet and up and not (place / "tun_flags").exists():
            found.append(place.name)
    return found


def listen(values: dict[str, Any]) -> dict[str, Any]:
    macs, seconds = checked_macs(values.get("macs")), values.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise Refused("helper-value", "seconds")
    if not 0 < seconds <= MAX_LISTEN_S or not macs:
        raise Refused("helper-value", "seconds")
    devices, heard_of = own_devices(), Counter[tuple[str, str]]()
    with filtered_ear(macs) as ear:
        begun = time.monotonic()
        while (left := begun + seconds - time.monotonic()) > 0:
            if select.select([ear], [], [], left)[0]:
                count_one(ear, frozenset(devices), heard_of)
        packets_lost = struct.unpack("=II", ear.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        took = time.monotonic() - begun
    frames = [{"device": d, "mac": m, "count": n} for (d, m), n in sorted(heard_of.items())]
    return {"seconds": took, "devices": devices, "frames": frames, "lost": packets_lost}


def filtered_ear(macs: tuple[str, ...]) -> socket.socket:
    """Hears only them; what came before its filter stood is thrown away."""
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    code = create_string_buffer(source_filter(macs))
    program = struct.pack("@HP", (len(code) - 1) // 8, addressof(code))
    ear.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, program)
    ear.setsockopt(socket.SOL_SOCKET, RECEIVE_FORCED, RING_ROOM_BYTES)
    ear.setblocking(False)
    try:
        while ear.recv(KEPT_BYTES):
            continue
    except BlockingIOError:
        ear.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)  # reading it begins it anew
    return ear


def count_one(
    ear: socket.socket, devices: frozenset[str], heard_of: Counter[tuple[str, str]]
) -> None:
    try:
        frame, source = ear.recvfrom(KEPT_BYTES)
    except BlockingIOError:
        return
    if source[0] in devices and source[2] != OUTGOING and len(frame) >= 12:
        heard_of[(source[0], frame[6:12].hex(":"))] += 1
