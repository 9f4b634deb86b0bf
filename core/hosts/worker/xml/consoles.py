"""Graphical and serial consoles: where each listens, and what the XML does not say."""

from core.facts import Console, ConsoleKind, Reason, Unknown
from core.hosts.worker.xml.document import Element, at, attribute, nodes, number

_HOST_DECIDES = Unknown(Reason.NOT_KNOWN_TO_LIBVIRT)  # qemu.conf: vnc_tls, vnc_password, ...
_NO_PASSWORD_SEEN = Unknown(Reason.NOT_PERMITTED)  # libvirt hides it from plain XML
_WINDOWS = frozenset({ConsoleKind.SDL, ConsoleKind.EGL})


def consoles_of(devices: Element | None) -> tuple[Console, ...]:
    """All consoles of a machine, graphical ones first.

    `<console>` that only mirrors the first `<serial>` (libvirt writes it for old clients) is
    left out, so that one port is not shown twice.
    """
    graphics = [_graphics(element) for element in nodes(devices, "graphics")]
    serial = [_serial(element) for element in nodes(devices, "serial")]
    serial += [_serial(e) for e in nodes(devices, "parallel")]
    mirrored = devices is not None and devices.find("serial") is not None
    for index, element in enumerate(nodes(devices, "console")):
        is_mirror = index == 0 and mirrored and at(element, "target", "type") == "serial"
        if not is_mirror:
            serial.append(_serial(element))
    return tuple(console for console in (*graphics, *serial) if console is not None)


def _graphics(element: Element) -> Console | None:
    try:
        kind = ConsoleKind(attribute(element, "type"))
    except ValueError:
        return None
    listen, default_listen = _listeners(element, kind)
    port = number(attribute(element, "port"))
    return Console(
        kind=kind,
        listen=listen,
        port=max(0, port),
        tls_port=max(0, number(attribute(element, "tlsPort"))),
        tls=_graphics_tls(element, kind),
        password_set=_password_set(element, kind),
        password_expires=attribute(element, "passwdValidTo"),
        share_policy=attribute(element, "sharePolicy"),
        websocket_port=max(-1, number(attribute(element, "websocket"))),
        clipboard=_clipboard(element, kind),
        file_transfer=kind is ConsoleKind.SPICE and at(element, "filetransfer", "enable") != "no",
        default_listen=default_listen,
        open_gl=at(element, "gl", "enable") == "yes" or kind is ConsoleKind.EGL,
    )


def _listeners(element: Element, kind: ConsoleKind) -> tuple[tuple[str, ...], bool]:
    """The addresses, and whether one listener names none, so that qemu.conf decides."""
    if kind in _WINDOWS:
        return (), False
    if kind is ConsoleKind.DBUS:
        return _dbus_listener(element), False
    found: list[str] = []
    default = False
    listeners = list(nodes(element, "listen"))
    for listener in listeners:
        text = _listener(listener)
        found += [text] if text else []
        default = default or (not text and attribute(listener, "type") != "none")
    if not listeners:
        old = attribute(element, "socket") or attribute(element, "listen")
        found, default = ([old], False) if old else ([], True)
    return tuple(dict.fromkeys(found)), default


def _listener(listener: Element) -> str:
    if attribute(listener, "type") == "socket":
        return attribute(listener, "socket") or "/"
    network = attribute(listener, "network")  # while it is off, nobody knows its address
    return attribute(listener, "address") or (f"network {network}" if network else "")


def _dbus_listener(element: Element) -> tuple[str, ...]:
    address = attribute(element, "address")
    if attribute(element, "p2p") == "yes" or address.startswith("unix:"):
        return ("localhost",)
    return (address,) if address else ("localhost",)


def _graphics_tls(element: Element, kind: ConsoleKind) -> bool | Unknown:
    if kind is ConsoleKind.SPICE:
        if attribute(element, "defaultMode") == "secure":
            return True
        return _HOST_DECIDES
    return _HOST_DECIDES if kind in (ConsoleKind.VNC, ConsoleKind.RDP) else False


def _password_set(element: Element, kind: ConsoleKind) -> bool | Unknown:
    if element.get("passwd") or element.get("passwdValidTo"):
        return True
    if kind in (ConsoleKind.VNC, ConsoleKind.SPICE):
        return _NO_PASSWORD_SEEN
    return _HOST_DECIDES if kind is ConsoleKind.RDP else False


def _clipboard(element: Element, kind: ConsoleKind) -> bool:
    """SPICE shares unless told not to; VNC and the others only through a vdagent channel."""
    return kind is ConsoleKind.SPICE and at(element, "clipboard", "copypaste") != "no"


def _serial(element: Element) -> Console | None:
    back_end = attribute(element, "type")
    if not back_end or back_end in {"null", "dev"}:
        return None
    listen, port = _serial_listener(element, back_end)
    tls = next((attribute(s, "tls") for s in nodes(element, "source") if s.get("tls")), "")
    network = back_end in {"tcp", "udp"}
    return Console(
        kind=ConsoleKind.SERIAL,
        listen=listen,
        port=port,
        tls=(tls == "yes" if tls else _HOST_DECIDES) if network else False,
        clipboard=False,
        file_transfer=False,
        back_end=back_end,
        password_set=False,
    )


def _serial_listener(element: Element, back_end: str) -> tuple[tuple[str, ...], int]:
    if back_end == "unix":
        return (at(element, "source", "path") or "/",), 0
    if back_end not in {"tcp", "udp"}:
        return (back_end if back_end in {"pty", "stdio", "file"} else "localhost",), 0
    bound = next((s for s in nodes(element, "source") if attribute(s, "mode") == "bind"), None)
    if bound is None:  # it calls out: nothing can reach it
        return (), 0
    return (attribute(bound, "host") or "0.0.0.0",), number(attribute(bound, "service"))
