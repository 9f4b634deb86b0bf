"""TCP and ARP as bytes, marked as the listeners want it."""

import socket
import struct

from tests.lab.frames.wire import MARK

SYN, RST, PSH, ACK, FIN = 2, 4, 8, 16, 1
MORE_FRAGMENTS = 0x2000


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def tcp(
    macs: tuple[str, str],
    source: tuple[str, int],
    target: tuple[str, int],
    flags: int,
    bits: int = 0,
) -> bytes:
    """A segment from `source` to `target`; `macs`: to, from; `bits`: of the fragment field."""
    segment = struct.pack("!HHIIBBHHH", source[1], target[1], 1, 1, 0x50, flags, 512, 0, 0) + MARK
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(segment), 7, bits, 64, 6)
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    words = sum(struct.unpack("!9H", start + ends))
    checksum = 0xFFFF - (words % 0xFFFF or 0xFFFF)
    return (
        _mac(macs[0])
        + _mac(macs[1])
        + b"\x08\x00"
        + start
        + struct.pack("!H", checksum)
        + ends
        + segment
    )


def tagged(frame: bytes, number: int = 5, kind: int = 0x8100) -> bytes:
    return frame[:12] + struct.pack("!HH", kind, number) + frame[12:]


def twice_tagged(frame: bytes) -> bytes:
    """As 802.1ad has it: the provider's tag outside."""
    return tagged(tagged(frame), 7, 0x88A8)


def arp(macs: tuple[str, str], sender: str, asked: str, word: int = 1) -> bytes:
    """A request (1) or an answer (2); `macs`: to, from."""
    body = bytes.fromhex("000108000604") + word.to_bytes(2, "big")
    body += _mac(macs[1]) + socket.inet_aton(sender) + _mac(macs[0]) + socket.inet_aton(asked)
    return _mac(macs[0]) + _mac(macs[1]) + b"\x08\x06" + body + MARK
