"""Graphical and serial consoles, and how far each of them can be reached."""

import ipaddress
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from core.facts.unknown import Unknown


class ConsoleKind(StrEnum):
    VNC = "vnc"
    SPICE = "spice"
    RDP = "rdp"
    SDL = "sdl"
    DBUS = "dbus"
    EGL = "egl-headless"
    SERIAL = "serial"  # <serial> and <console> with a reachable back end (tcp, udp, unix, pty)


class Exposure(StrEnum):
    """How far a listener can be reached, widest last."""

    OFF = "off"
    LOCAL = "local"  # pty, unix socket, loopback
    NETWORK = "network"  # one address of the host
    EVERYWHERE = "everywhere"  # every address of the host
    UNKNOWN = "unknown"


class Console(Struct, frozen=True, gc=False):
    """One console. A VNC password is hidden from us: `password_set` is True only when its expiry
    or the secure XML shows it, otherwise Unknown (a read-only connection cannot tell)."""

    kind: ConsoleKind
    listen: tuple[str, ...]  # addresses, socket paths or "host:service"
    port: int  # 0 when none is open
    tls_port: int = 0
    tls: bool | Unknown = False
    password_set: bool | Unknown = False
    password_expires: str = ""  # as libvirt writes it, UTC without a zone
    share_policy: str = ""
    websocket_port: int = 0  # -1: one will be chosen at the start
    clipboard: bool = True
    file_transfer: bool = True
    back_end: str = ""  # serial: pty, tcp, unix, ...
    default_listen: bool = False  # the XML names no address: qemu.conf decides
    open_gl: bool = False

    @property
    def exposure(self) -> Exposure:
        """Judged on the addresses only; TLS and passwords are separate facts."""
        by_default = Exposure.UNKNOWN if self.default_listen else Exposure.OFF
        return max(self.named_exposure, by_default, key=_WIDTH.index)

    @property
    def named_exposure(self) -> Exposure:
        """How far the listeners reach that the XML names; a further one may be `default_listen`."""
        return max(map(reach_of_address, self.listen), key=_WIDTH.index, default=Exposure.OFF)


_WIDTH = [
    Exposure.OFF,
    Exposure.LOCAL,
    Exposure.UNKNOWN,
    Exposure.NETWORK,
    Exposure.EVERYWHERE,
]


@lru_cache(1024)  # asked of every console of a fleet, by columns and checks alike
def reach_of_address(address: str) -> Exposure:
    if address.startswith("/") or address in {"pty", "none", "stdio", "file", "localhost"}:
        return Exposure.LOCAL
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return Exposure.UNKNOWN
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return Exposure.LOCAL
    return Exposure.EVERYWHERE if parsed.is_unspecified else Exposure.NETWORK
