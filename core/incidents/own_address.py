"""Which of our own addresses a host sees: what a door is usually opened for. Sends no packet."""

import asyncio
import socket

from core.facts import Transport
from core.hosts.uri import parse_uri
from core.text import RingfenceError

LOOK_FOR_S = 2.0
_ANY_PORT = 22  # connecting a UDP socket only asks the kernel for the route


async def own_address(uri: str) -> str:
    """Return our IPv4 address towards a host; "" when it cannot be told."""
    try:
        parsed = parse_uri(uri)
    except RingfenceError:
        return ""
    if not parsed.host or parsed.transport is Transport.LOCAL:
        return ""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_FOR_S):
            found = await loop.getaddrinfo(
                parsed.host, _ANY_PORT, family=socket.AF_INET, type=socket.SOCK_DGRAM
            )
    except (OSError, UnicodeError):  # TimeoutError is one: a name that nobody can resolve
        return ""
    return _towards(found[0][4]) if found else ""


def _towards(address: tuple[object, ...]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(address[:2])
        except OSError:
            return ""
        own = str(asking.getsockname()[0])
    return "" if own.startswith("127.") or own == "0.0.0.0" else own
