"""Side ways out of a running machine: consoles, channels, media, the network behind a card.

Each changes the running side alone, one kind of change a call, and is read back from its XML.
"""

import libvirt
from lxml import etree

from core.hosts.protocol import (
    Applied,
    AttachDevice,
    DetachDevice,
    Failure,
    LinkReadBack,
    MoveCard,
    SetConsolePassword,
    SetMedium,
)
from core.hosts.worker.link import Link
from core.hosts.worker.xml.document import BadXml, Element, at, attribute, nodes, parse
from core.hosts.worker.xml.link_state import NoSuchCard, interfaces_with_link

_LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
_SECURE = libvirt.VIR_DOMAIN_XML_SECURE
DEVICES = frozenset({"channel", "redirdev"})
CONSOLES = frozenset({"vnc", "spice"})
DRIVES = frozenset({"cdrom", "floppy"})
MEDIA = frozenset({"file", "block", "volume", "network"})
NETWORKS = frozenset({"network", "bridge"})
SideOrder = SetConsolePassword | DetachDevice | AttachDevice | SetMedium | MoveCard
Result = Applied | LinkReadBack | Failure


def carry_out_side(link: Link, order: SideOrder) -> Result:
    try:
        match order:
            case SetConsolePassword():
                return set_console_password(link, order)
            case DetachDevice():
                return detach_device(link, order)
            case AttachDevice():
                return attach_device(link, order)
            case SetMedium():
                return set_medium(link, order)
            case MoveCard():
                return move_card(link, order)
    except BadXml as error:
        return Failure("xml-unreadable", detail=str(error))


def set_console_password(link: Link, order: SetConsolePassword) -> Result:
    """With an empty password libvirt lets it expire at once: the old one and none are refused.
    SPICE drops who is connected; VNC does not."""
    consoles = [
        each
        for each in nodes(_live(link, order.uuid, _SECURE), "devices/graphics")
        if attribute(each, "type") == order.kind
    ]
    if order.kind not in CONSOLES or not consoles:
        return Failure("console-gone", {"kind": order.kind})
    for console in consoles:
        console.set("passwd", order.password)
        console.attrib.pop("passwdValidTo", "")
        console.attrib.pop("connected", "")
        if order.until:
            console.set("passwdValidTo", order.until)
        if order.kind == "spice" and not order.password:
            console.set("connected", "disconnect")
        link.domain(order.uuid).updateDeviceFlags(_text(console), _LIVE)
    seen = [
        attribute(each, "passwd")
        for each in nodes(_live(link, order.uuid, _SECURE), "devices/graphics")
        if attribute(each, "type") == order.kind
    ]
    return Applied("set" if order.password else "revoked", live=set(seen) == {order.password})


def detach_device(link: Link, order: DetachDevice) -> Result:
    device = _device(link, order.uuid, order.kind, order.alias)
    if device is not None:
        link.domain(order.uuid).detachDeviceFlags(_text(device), _LIVE)
    gone = _device(link, order.uuid, order.kind, order.alias) is None
    return Applied("detached" if gone else "attached", live=gone)


def attach_device(link: Link, order: AttachDevice) -> Result:
    device = parse(order.xml)
    if device.tag not in DEVICES:
        return Failure("xml-other-machine", {"wanted": "channel", "found": str(device.tag)[:40]})
    alias = at(device, "alias", "name")
    if _device(link, order.uuid, str(device.tag), alias) is None:
        link.domain(order.uuid).attachDeviceFlags(_text(device), _LIVE)
    there = _device(link, order.uuid, str(device.tag), alias) is not None
    return Applied("attached" if there else "detached", live=there)


def set_medium(link: Link, order: SetMedium) -> Result:
    drive = _drive(link, order.uuid, order.target)
    if drive is None:
        return Failure("drive-gone", {"target": order.target})
    for old in drive.findall("source") + drive.findall("backingStore"):
        drive.remove(old)
    if order.source:
        source = parse(order.source)
        if source.tag != "source" or order.kind not in MEDIA:
            return Failure("xml-other-machine", {"wanted": "source", "found": order.kind[:40]})
        drive.set("type", order.kind)
        drive.append(source)
    link.domain(order.uuid).updateDeviceFlags(_text(drive), _LIVE)
    seen = _drive(link, order.uuid, order.target)
    filled = seen is not None and _is_filled(seen)
    return Applied("medium" if filled else "empty", live=filled == bool(order.source))


def move_card(link: Link, order: MoveCard) -> Result:
    """The link goes down in a call of its own where somebody raised it, the source changes in the
    next, the isolation of the port in the last."""
    if order.kind not in NETWORKS:
        return Failure("xml-other-machine", {"wanted": "network", "found": order.kind[:40]})
    card = _lowered(link, order)
    if card is None:
        return Failure("card-gone", {"mac": order.mac})
    if at(card, "link", "state") != "down":
        return Failure("card-not-down", {"mac": order.mac})
    for old in card.findall("source"):
        card.remove(old)
    source = etree.SubElement(card, "source", {order.kind: order.source})
    if order.portgroup:
        source.set("portgroup", order.portgroup)
    card.set("type", order.kind)
    link.domain(order.uuid).updateDeviceFlags(_text(card), _LIVE)
    seen = _card(link, order.uuid, order.mac)
    if seen is None:
        return Failure("card-gone", {"mac": order.mac})
    if (at(seen, "port", "isolated") == "yes") != order.isolated:
        seen = _with_isolation(link, order, seen)
    moved = at(seen, "source", order.kind) == order.source
    down = at(seen, "link", "state") == "down"
    return Applied(at(seen, "source", "bridge"), live=moved and down)


def _lowered(link: Link, order: MoveCard) -> Element | None:
    """Not an order of its own: one that lowers a link is a cut, and would overtake what the same
    release opens beside it."""
    running = _live(link, order.uuid)
    try:
        changed = interfaces_with_link(running, order.mac, up=False)
    except NoSuchCard:
        return None
    for card in changed:
        link.domain(order.uuid).updateDeviceFlags(card, _LIVE)
    return _card(link, order.uuid, order.mac)


def _with_isolation(link: Link, order: MoveCard, card: Element) -> Element:
    for old in card.findall("port"):
        card.remove(old)
    if order.isolated:
        etree.SubElement(card, "port", {"isolated": "yes"})
    link.domain(order.uuid).updateDeviceFlags(_text(card), _LIVE)
    seen = _card(link, order.uuid, order.mac)
    return card if seen is None else seen


def _live(link: Link, uuid: str, flags: int = 0) -> Element:
    return parse(link.domain(uuid).XMLDesc(flags))


def _is_filled(drive: Element) -> bool:
    """An empty drive may keep a source element with a number and nothing else."""
    return any(name != "index" for source in drive.findall("source") for name in source.attrib)


def _device(link: Link, uuid: str, kind: str, alias: str) -> Element | None:
    if kind not in DEVICES:
        return None
    found = nodes(_live(link, uuid), f"devices/{kind}")
    return next((each for each in found if at(each, "alias", "name") == alias), None)


def _drive(link: Link, uuid: str, target: str) -> Element | None:
    for disk in nodes(_live(link, uuid), "devices/disk"):
        if attribute(disk, "device") in DRIVES and at(disk, "target", "dev") == target:
            return disk
    return None


def _card(link: Link, uuid: str, mac: str) -> Element | None:
    for card in nodes(_live(link, uuid), "devices/interface"):
        if at(card, "mac", "address").lower() == mac.lower():
            return card
    return None


def _text(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
