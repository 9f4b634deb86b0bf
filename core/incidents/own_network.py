"""Our own station's routers, resolvers and addresses: read from its kernel, no packet is sent."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from msgspec import Struct

MAX_BYTES = 1024 * 1024
_GATEWAY, _HOST_ROUTE = 0x2, 0x4  # flags of a route


class OwnNetwork(Struct, frozen=True):
    """`peers`: single addresses we have a route of their own to, as a VPN's far end has."""

    routers: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()


def own_network(root: Path = Path("/")) -> OwnNetwork:
    """Read it; what cannot be read is not there, and there is nobody to ask."""
    v4, v6 = list(_routes4(root)), list(_routes6(root))
    return OwnNetwork(
        routers=_once(router for _, router, _ in (*v4, *v6)),
        resolvers=_once(_resolvers(root)),
        peers=_once(target for target, _, single in (*v4, *v6) if single),
        macs=_once(_macs(root)),
    )


def _once(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in found if each))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("ascii", "replace")
    except OSError:
        return ""


def _routes4(root: Path) -> Iterator[tuple[str, str, bool]]:
    """(target, gateway, whether it is a single host's) of each route through a gateway."""
    for line in _text(root / "proc/net/route").splitlines()[1:]:
        words = line.split()
        with suppress(ValueError, IndexError):
            flags = int(words[3], 16)
            if flags & _GATEWAY:
                yield _v4(words[1]), _v4(words[2]), words[7].upper() == "FFFFFFFF"


def _v4(word: str) -> str:
    """The kernel prints the number as this machine has it in memory."""
    return str(IPv4Address(socket.ntohl(int(word, 16))))


def _routes6(root: Path) -> Iterator[tuple[str, str, bool]]:
    for line in _text(root / "proc/net/ipv6_route").splitlines():
        words = line.split()
        with suppress(ValueError, IndexError):
            target, gateway = (IPv6Address(bytes.fromhex(words[at])) for at in (0, 4))
            if int(words[8], 16) & _GATEWAY and int(gateway):
                yield str(target), str(gateway), int(words[1], 16) == 128


def _resolvers(root: Path) -> Iterator[str]:
    """A local stub (127.0.0.53) tells nothing; what it asks stands in systemd's own file."""
    for place in ("etc/resolv.conf", "run/systemd/resolve/resolv.conf"):
        for line in _text(root / place).splitlines():
            words = line.split()
            if words[:1] == ["nameserver"] and len(words) > 1:
                yield words[1].partition("%")[0]


def _macs(root: Path) -> Iterator[str]:
    for place in sorted(root.glob("sys/class/net/*/address")):
        mac = _text(place).strip().lower()
        if mac != "00:00:00:00:00:00":
            yield mac
