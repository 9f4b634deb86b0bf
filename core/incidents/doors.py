"""The doors of a forensic quarantine as a person writes them, checked before any host is asked.

A door is TCP that one station opens to one port of the guest. IPv4 only: an IPv6 door would need
neighbour discovery to pass, which a guest can abuse.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from core.incidents.model import Door
from core.text import RingfenceError

MOST_DOORS = 16
USUAL_PORT = 22
_LAST_PORT = 65535


def checked_door(station: str, port: str) -> Door:
    """Return the door.

    Raises:
        RingfenceError: door-empty, door-address, door-ipv6, door-station or door-port.
    """
    return Door(checked_station(station), checked_port(port))


def checked_station(text: str) -> str:
    """Return the address of one machine that can open a connection."""
    written = text.strip()
    if not written:
        raise RingfenceError("door-empty")
    try:
        address = ip_address(written)
    except ValueError:
        raise RingfenceError("door-address", address=written[:64]) from None
    if isinstance(address, IPv6Address):
        raise RingfenceError("door-ipv6", address=str(address))
    if _nobody(address):
        raise RingfenceError("door-station", address=str(address))
    return str(address)


def _nobody(address: IPv4Address) -> bool:
    """Addresses that no station on a network has."""
    return (
        address.is_unspecified
        or address.is_loopback
        or address.is_multicast
        or address.is_reserved  # 240/4 and the broadcast address
    )


def checked_port(text: str) -> int:
    written = text.strip()
    known = written.isascii() and written.isdecimal() and len(written) <= len(str(_LAST_PORT))
    port = int(written) if known else 0
    if not 1 <= port <= _LAST_PORT:
        raise RingfenceError("door-port", port=written[:16])
    return port


def checked_doors(doors: Sequence[Door]) -> tuple[Door, ...]:
    """Return each door once.

    Raises:
        RingfenceError: there is none, or there are more than a person can watch.
    """
    each = tuple(dict.fromkeys(doors))
    if not each:
        raise RingfenceError("door-missing")
    if len(each) > MOST_DOORS:
        raise RingfenceError("doors-too-many", limit=MOST_DOORS)
    return each


def parse_door(text: str) -> Door:
    """Read "192.0.2.9:22", as the terminal takes it."""
    station, separator, port = text.strip().rpartition(":")
    if not separator:
        raise RingfenceError("door-address", address=text[:64])
    return checked_door(station, port)
