"""Side ways of a machine as one XML text has them: channels, redirections, media, consoles.

What a plan closes is told apart from what it can only name.
"""

from lxml import etree
from msgspec import Struct

from core.changes.cards import Element, parse

UNPLUGGED = ("channel", "redirdev")
_CONSOLES = frozenset({"vnc", "spice"})
_DRIVES = frozenset({"cdrom", "floppy"})
_NETWORK_SERIALS = frozenset({"tcp", "udp"})
HOST_SHARES = ("filesystem", "shmem", "vsock")


class Plug(Struct, frozen=True):
    """A channel or a redirection: unplugged without asking the guest. `xml` plugs it in again."""

    kind: str
    alias: str
    name: str
    xml: str


class Medium(Struct, frozen=True):
    """What lies in a drive."""

    target: str
    kind: str
    source: str  # one element


class Source(Struct, frozen=True):
    """What a card is plugged into."""

    mac: str
    kind: str
    name: str
    portgroup: str
    isolated: bool = False


def plugs_of(xml: str) -> tuple[Plug, ...]:
    if not xml:
        return ()
    devices = (each for kind in UNPLUGGED for each in parse(xml).iterfind(f"devices/{kind}"))
    return tuple(
        Plug(str(each.tag), _at(each, "alias", "name"), _name(each), _text(each))
        for each in devices
        if _at(each, "alias", "name")
    )


def media_of(xml: str) -> tuple[Medium, ...]:
    """Filled drives."""
    if not xml:
        return ()
    found: list[Medium] = []
    for disk in parse(xml).iterfind("devices/disk"):
        source = disk.find("source")
        if disk.get("device") in _DRIVES and source is not None:
            source.attrib.pop("index", "")  # libvirt counts media anew
            target = _at(disk, "target", "dev")
            if source.attrib:  # an empty drive may keep an empty element
                found.append(Medium(target, disk.get("type", "file"), _text(source)))
    return tuple(found)


def consoles_of(xml: str) -> tuple[str, ...]:
    """The kinds of console a password opens."""
    if not xml:
        return ()
    kinds = (each.get("type", "") for each in parse(xml).iterfind("devices/graphics"))
    return tuple(dict.fromkeys(kind for kind in kinds if kind in _CONSOLES))


def password_of(xml: str, kind: str) -> tuple[str, str] | None:
    """A console's password and when it ends, from a text with passwords; None without one."""
    for console in parse(xml).iterfind("devices/graphics") if xml else ():
        if console.get("type") == kind and console.get("passwd"):
            return console.get("passwd", ""), console.get("passwdValidTo", "")
    return None


def sources_of(xml: str) -> tuple[Source, ...]:
    """Cards on a network or a Linux bridge of the host."""
    if not xml:
        return ()
    found: list[Source] = []
    for card in parse(xml).iterfind("devices/interface"):
        kind, source = card.get("type", ""), card.find("source")
        plain = source is not None and card.find("virtualport") is None
        if kind in {"network", "bridge"} and source is not None and plain:
            mac = _at(card, "mac", "address").lower()
            isolated = _at(card, "port", "isolated") == "yes"
            group = source.get("portgroup", "")
            found.append(Source(mac, kind, source.get(kind, ""), group, isolated))
    return tuple(found)


def shared_with_host(xml: str) -> tuple[str, ...]:
    """Ways past the network that a running machine can use and nothing of ours closes."""
    if not xml:
        return ()
    domain = parse(xml)
    found = [
        f"{kind} {_name(each)}".strip()
        for kind in HOST_SHARES
        for each in domain.iterfind(f"devices/{kind}")
    ]
    for disk in domain.iterfind("devices/disk"):
        if disk.find("shareable") is not None:
            found.append(f"shared disk {_at(disk, 'target', 'dev')}")
    for serial in domain.iterfind("devices/serial"):
        if serial.get("type") in _NETWORK_SERIALS:
            found.append(f"serial {serial.get('type')} {_at(serial, 'source', 'service')}".strip())
    return tuple(dict.fromkeys(found))


def has_ports(xml: str) -> bool:
    """Whether its emulator may listen for a console: any graphics, or a serial port on the
    network."""
    if not xml:
        return False
    domain = parse(xml)
    serials = (serial.get("type") for serial in domain.iterfind("devices/serial"))
    return domain.find("devices/graphics") is not None or bool(_NETWORK_SERIALS & set(serials))


def serials_of(xml: str) -> int:
    """Serial consoles that whoever may manage the machine can open through libvirt."""
    return len(parse(xml).findall("devices/serial")) if xml else 0


def _name(device: Element) -> str:
    for child, attribute in (("target", "name"), ("target", "dir"), ("source", "address")):
        if value := _at(device, child, attribute):
            return value
    return device.get("name", "") or device.get("type", "") or device.get("bus", "")


def _at(element: Element, child: str, attribute: str) -> str:
    found = element.find(child)
    return "" if found is None else found.get(attribute, "")


def _text(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
