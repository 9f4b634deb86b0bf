"""Every other device, without a special case a kind.

A device's `details` are its XML flattened: an attribute of the element itself is its name
("mode", "managed"), one of a child has the path in front ("source.mode", "backend.type",
"backend.encryption.secret"), and text has the path alone ("backend": "/dev/urandom"). Of a
repeated child the second has "#2" behind its name ("redirfilter.usbdev#2.allow"). So a check
finds what it needs by reading the XML's documentation, and no kind is forgotten.
"""

from functools import lru_cache

from lxml import etree

from core.facts import Device
from core.hosts.worker.xml.disks import source_text
from core.hosts.worker.xml.document import Element, attribute, bounded, content, nodes, parse

_ELSEWHERE = frozenset({"disk", "interface", "graphics", "emulator"})
_MAX_DETAILS = 128
_MAX_REMEMBERED = 4096
_MAX_DEPTH = 6
_MAX_VALUE = 1024
_IGNORED = frozenset({"alias", "address"})


def devices_of(devices: Element | None) -> tuple[Device, ...]:
    """All devices but disks, network cards and graphics. Serial lines are here too: their
    `Console` says how far they reach, their `Device` what else they do (log files)."""
    return tuple(
        _device(etree.tostring(element, with_tail=False))
        for element in nodes(devices, "*")
        if element.tag not in _ELSEWHERE
    )


@lru_cache(maxsize=_MAX_REMEMBERED)
def _device(body: bytes) -> Device:
    """Machines of one host share most devices to the byte (a dozen PCI ports each): reading
    each text once halves the time and the memory of a full read."""
    return device_of(parse(body.decode()))


def device_of(element: Element) -> Device:
    details: dict[str, str] = {}
    flatten(element, "", details)
    source = element.find("source")
    return Device(
        kind=bounded(str(element.tag), 64),
        type=attribute(element, "type") or details.get("backend.type", ""),
        model=_model(element),
        source=source_text(source) or _address_text(source) or details.get("backend", ""),
        target=_target(element.find("target")),
        alias=attribute(element.find("alias"), "name"),
        details=details,
    )


def flatten(element: Element, path: str, into: dict[str, str], depth: int = 0) -> None:
    """Write an element's attributes, text and children into `into`, bounded in every way."""
    for name, value in element.attrib.items():
        if len(into) >= _MAX_DETAILS:
            return
        into[f"{path}.{name!s}" if path else str(name)] = bounded(str(value), _MAX_VALUE)
    text = content(element, limit=_MAX_VALUE)
    if text and path:
        into[path] = text
    if depth < _MAX_DEPTH:
        _flatten_children(element, path, into, depth)


def _flatten_children(element: Element, path: str, into: dict[str, str], depth: int) -> None:
    seen: dict[str, int] = {}
    for child in nodes(element, "*"):
        name = bounded(str(child.tag), 64)
        if (name in _IGNORED and not path) or len(into) >= _MAX_DETAILS:
            continue
        seen[name] = seen.get(name, 0) + 1
        part = name if seen[name] == 1 else f"{name}#{seen[name]}"
        inner = f"{path}.{part}" if path else part
        if not child.attrib and not len(child) and not (child.text or "").strip():
            into[inner] = ""
        flatten(child, inner, into, depth + 1)


def _model(element: Element) -> str:
    model = element.find("model")
    if model is None:
        return attribute(element, "model")
    return attribute(model, "type") or attribute(model, "name") or content(model)


def _target(target: Element | None) -> str:
    for name in ("dir", "name", "dev", "chassis", "port"):
        if target is not None and target.get(name):
            return attribute(target, name)
    return ""


def _address_text(source: Element | None) -> str:
    """A host device's address: PCI parts, USB vendor and product, SCSI adapter."""
    if source is None:
        return ""
    vendor, product = source.find("vendor"), source.find("product")
    if vendor is not None or product is not None:
        return f"{attribute(vendor, 'id')}:{attribute(product, 'id')}"
    address = source.find("address")
    if address is None:
        return attribute(source.find("adapter"), "name") or attribute(source, "mode")
    names = ("domain", "bus", "slot", "function", "uuid", "device")
    parts = (attribute(address, name) for name in names)
    return ":".join(part.removeprefix("0x") for part in parts if part)
