"""Side ways of the simulated machine, as libvirt was seen to change them: live, one at a time."""

import re
from typing import Protocol

from lxml import etree

from core.hosts.protocol import (
    Applied,
    AttachDevice,
    DetachDevice,
    Failure,
    MoveCard,
    SetConsolePassword,
    SetMedium,
)

SideOrder = SetConsolePassword | DetachDevice | AttachDevice | SetMedium | MoveCard


class HasLive(Protocol):
    live: str


def set_side_way(order: SideOrder, machine: HasLive) -> Applied | Failure:
    match order:
        case SetConsolePassword():
            changed = re.sub(r"passwd=(['\"])[^'\"]*\1", f'passwd="{order.password}"', machine.live)
            machine.live = changed
        case DetachDevice():
            machine.live = _without(machine.live, order.kind, order.alias)
        case AttachDevice():
            name = etree.fromstring(order.xml).tag
            if f'alias name="{_alias(order.xml)}"' not in machine.live:
                machine.live = machine.live.replace("</devices>", f"{order.xml}</devices>")
            return Applied(str(name), live=True)
        case SetMedium():
            machine.live = _with_medium(machine.live, order)
        case MoveCard():
            machine.live = _moved(machine.live, order)
            return Applied("virbr-q" if order.kind == "network" else order.source, live=True)
    return Applied("done", live=True)


def master_of(live: str, mac: str) -> str:
    """The bridge a card is on, as a kernel would tell."""
    for card in etree.fromstring(live).iterfind("devices/interface"):
        address, source = card.find("mac"), card.find("source")
        if address is not None and source is not None and address.get("address") == mac:
            return "virbr-q" if source.get("network") == "ringfence-quarantine" else "br0"
    return "br0"


def _alias(xml: str) -> str:
    found = etree.fromstring(xml).find("alias")
    return "" if found is None else found.get("name", "")


def _without(live: str, kind: str, alias: str) -> str:
    root = etree.fromstring(live)
    devices = root.find("devices")
    assert devices is not None
    for each in devices.findall(kind):
        found = each.find("alias")
        if found is not None and found.get("name") == alias:
            devices.remove(each)
    return etree.tostring(root, encoding="unicode")


def _with_medium(live: str, order: SetMedium) -> str:
    root = etree.fromstring(live)
    for disk in root.iterfind("devices/disk"):
        target = disk.find("target")
        if target is None or target.get("dev") != order.target:
            continue
        for old in disk.findall("source"):
            disk.remove(old)
        if order.source:
            disk.append(etree.fromstring(order.source))
    return etree.tostring(root, encoding="unicode")


def _moved(live: str, order: MoveCard) -> str:
    root = etree.fromstring(live)
    for card in root.iterfind("devices/interface"):
        address, source = card.find("mac"), card.find("source")
        if address is None or source is None or address.get("address") != order.mac:
            continue
        source.attrib.clear()
        source.set(order.kind, order.source)
        card.set("type", order.kind)
        for link in card.findall("link"):
            link.set("state", "down")
    return etree.tostring(root, encoding="unicode")
