"""What one host's worker needs of this machine: files to read, one port, socket families."""

import os
import socket
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from core.hosts.protocol import Open

CODE = Path(__file__).resolve().parents[3]  # the `core` folder itself

_SYSTEM = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl",
    "/etc/gnutls",
    "/etc/crypto-policies",
    "/etc/pki/tls",
    "/etc/pki/ca-trust",
    "/etc/sasl2",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/group",
    "/etc/libvirt/libvirt.conf",  # libvirt refuses to open anything when it sees but cannot read it
    "/run/systemd/resolve",
    "/proc/self",
    "/dev/urandom",
    "/dev/random",
)
_DEFAULT_PKI = ("/etc/pki/CA/cacert.pem", "/etc/pki/libvirt")
_DEFAULT_PORTS = {"esx": 443, "gsx": 443, "vpx": 443, "hyperv": 5986}
_TLS_PORT = 16514
_DNS_PORT = 53
_RESOLVING = (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)


class Needs(Struct, frozen=True):
    """Paths that exist on this machine; `sockets` are UNIX sockets or folders of them."""

    readable: tuple[Path, ...]
    sockets: tuple[Path, ...]
    tcp_ports: tuple[int, ...]
    families: tuple[int, ...]


def needs_of(order: Open) -> Needs:
    parts = urlsplit(order.uri)
    driver, _, _ = parts.scheme.partition("+")
    sockets = tuple(_existing(_sockets(order, driver, parts.netloc)))
    remote = bool(parts.netloc) and not order.socket_path and driver != "test"
    ports = (_port(driver, parts.port), _DNS_PORT) if remote else ()
    return Needs(
        readable=tuple(_existing(_readable(order, driver, parts.path, remote))),
        sockets=sockets,
        tcp_ports=ports,
        families=_families(driver, remote),
    )


def _families(driver: str, remote: bool) -> tuple[int, ...]:
    if remote:
        return tuple(int(family) for family in _RESOLVING)
    return () if driver == "test" else (int(socket.AF_UNIX),)


def _port(driver: str, port: int | None) -> int:
    return port or _DEFAULT_PORTS.get(driver, _TLS_PORT)


def _readable(order: Open, driver: str, path: str, remote: bool) -> Iterator[Path]:
    yield from (Path(name) for name in _SYSTEM)
    yield CODE
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield Path(sysconfig.get_path(name))
    yield Path(sys.base_prefix) / "lib"
    if order.pki_dir:
        yield Path(order.pki_dir)
    elif remote and driver not in _DEFAULT_PORTS:
        yield from (Path(name) for name in _DEFAULT_PKI)
    if driver == "test" and path != "/default":
        yield Path(unquote(path))
    if order.demo_facts:
        yield Path(order.demo_facts)


def _sockets(order: Open, driver: str, netloc: str) -> Iterator[Path]:
    if order.socket_path:
        yield Path(order.socket_path)
    elif driver != "test" and not netloc:
        yield Path("/run/libvirt")
        if driver == "xen":
            yield from (Path("/run/xen"), Path("/run/xenstored"))


def _existing(paths: Iterator[Path]) -> Iterator[Path]:
    return (path for path in dict.fromkeys(paths) if os.path.lexists(path) and path.exists())
