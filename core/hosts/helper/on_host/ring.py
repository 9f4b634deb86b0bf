"""The last packets of a machine's cards, in two files that replace each other.

A process of its own writes them, so that they go on when nobody is connected. It holds a lock as
long as it lives, and ends when `wanted` goes, or the machine does.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from pathlib import Path
from typing import Any, BinaryIO

from core.hosts.helper.on_host.files import is_locked, object_in, packed, put, take_away, taken
from core.hosts.helper.on_host.happenings import alone
from core.hosts.helper.on_host.machines import Machine
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.values import Refused

RING_FILE_BYTES = 16 * 1024 * 1024
RING_FILES = ("now.pcap", "before.pcap")
RING_TICK_S = 1.0
RING_WAIT_S = 3.0
RING_ROOM_BYTES = 4 * 1024 * 1024
MAX_PACKET_BYTES = 262144
EVERY_PROTOCOL = 0x0003
SOL_PACKET, PACKET_AUXDATA, TAG_VALID = 263, 8, 1 << 4
PCAP_HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, MAX_PACKET_BYTES, 1)


def ring_room(uuid: str, here: Places = HERE) -> Path:
    return here.run / "ring" / uuid


def ring_wish(machine: Machine) -> dict[str, Any]:
    return {"pid": machine.pid, "cards": [[card.number, card.device] for card in machine.cards]}


def ring_runs(uuid: str, machine: Machine, here: Places = HERE) -> bool:
    """Whether the packets of just these cards are being kept; a stopped machine has none."""
    return not machine.pid or (
        ring_busy(ring_room(uuid, here)) and ring_says(uuid, "watching", here) == ring_wish(machine)
    )


def ring_says(uuid: str, name: str, here: Places) -> dict[str, Any]:
    return room_says(ring_room(uuid, here), name)


def room_says(room: Path, name: str) -> dict[str, Any]:
    try:
        return object_in(taken(room / name))
    except Refused:
        return {}


def ring_busy(room: Path) -> bool:
    return is_locked(room / "lock")


def begin_ring(uuid: str, machine: Machine, here: Places = HERE) -> None:
    """Start it, or tell the one that runs which cards there are; returns when they are watched."""
    if not machine.pid:
        return
    room = ring_room(uuid, here)
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    put(room / "wanted", packed(ring_wish(machine)))
    if not ring_busy(room):
        apart(lambda: keep_ring(uuid, here))
    until = time.monotonic() + RING_WAIT_S
    while not ring_runs(uuid, machine, here) and time.monotonic() < until:
        time.sleep(0.01)


def end_ring(uuid: str, here: Places = HERE, forget: bool = False) -> None:
    """End it; what it kept stays until it is forgotten."""
    room = ring_room(uuid, here)
    if not room.is_dir():
        return
    take_away(room / "wanted")
    if not forget:
        return
    until = time.monotonic() + RING_WAIT_S
    while ring_busy(room) and time.monotonic() < until:
        time.sleep(0.02)
    take_away(*(room / name for name in (*RING_FILES, "watching", "lock")))
    room.rmdir()


def apart(work: Any) -> None:
    """Do this in a process that belongs to nobody: it outlives the channel it was asked over."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if not os.fork():
            os.closerange(3, 65536)
            for stream in range(3):
                os.dup2(os.open(os.devnull, os.O_RDWR), stream)
            work()
    finally:
        os._exit(0)


def keep_ring(uuid: str, here: Places) -> None:
    room = ring_room(uuid, here)
    with (room / "lock").open("wb") as lock:
        if not alone(lock):
            return
        wish: dict[str, Any] = {}
        ears: list[socket.socket] = []
        with Ring(room) as ring:
            while wanted := ring_says(uuid, "wanted", here):
                if not Path("/proc", str(wanted.get("pid"))).exists():
                    return
                if wanted != wish:
                    for ear in ears:
                        ear.close()
                    wish, ears = wanted, ears_on(wanted)
                    put(room / "watching", packed(wish))
                listen_once(ears, ring)


class Ring:
    """Two files in the pcap format; the fuller one becomes the older one."""

    def __init__(self, room: Path, file_bytes: int = RING_FILE_BYTES) -> None:
        self._room = room
        self._file_bytes = file_bytes
        self._out = self._begun()

    def __enter__(self) -> Ring:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def _begun(self) -> BinaryIO:
        now, before = (self._room / name for name in RING_FILES)
        if now.exists():
            now.replace(before)
        out = now.open("wb")
        out.write(PCAP_HEAD)
        return out

    def keep(self, frame: bytes, at: float) -> None:
        if self._out.tell() + len(frame) > self._file_bytes:
            self._out.close()
            self._out = self._begun()
        kept = frame[:MAX_PACKET_BYTES]
        seconds = int(at)
        head = struct.pack("<IIII", seconds, int((at - seconds) * 1e6), len(kept), len(frame))
        self._out.write(head + kept)

    def flush(self) -> None:
        self._out.flush()


def ears_on(wanted: dict[str, Any]) -> list[socket.socket]:
    """A socket on each card that has still the number it had."""
    ears: list[socket.socket] = []
    for number, device in wanted.get("cards", []):
        ear = ear_on(str(device))
        if ear is not None and socket.if_nametoindex(str(device)) == number:
            ears.append(ear)
        elif ear is not None:
            ear.close()
    return ears


def ear_on(device: str) -> socket.socket | None:
    """Hear every frame of a device, both ways, with its tag."""
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    try:
        ear.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        ear.setsockopt(socket.SOL_SOCKET, 33, RING_ROOM_BYTES)  # SO_RCVBUFFORCE
        ear.setblocking(False)
        ear.bind((device, EVERY_PROTOCOL))
    except OSError:
        ear.close()
        return None
    return ear


def listen_once(ears: list[socket.socket], ring: Ring) -> None:
    ready, _, _ = select.select(ears, [], [], RING_TICK_S)
    for ear in ready:
        for _ in range(256):
            frame = heard(ear)
            if not frame:
                break
            ring.keep(frame, time.time())
    ring.flush()


def heard(ear: socket.socket) -> bytes:
    """One frame as it was on the wire; b"" when there is none now."""
    try:
        frame, notes, _, _ = ear.recvmsg(MAX_PACKET_BYTES, 64)
    except OSError:  # none is waiting, or the device went
        return b""
    for level, kind, body in notes:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and len(body) >= 20:
            status, _, _, _, _, tag, protocol = struct.unpack("=IIIHHHH", body[:20])
            if status & TAG_VALID:
                return frame[:12] + struct.pack("!HH", protocol or 0x8100, tag) + frame[12:]
    return frame
