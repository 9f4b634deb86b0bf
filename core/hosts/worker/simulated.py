"""A machine of the demo fleet: its running devices can be changed, which the test driver refuses.

Nothing runs there, so that nothing is pretended but the machine itself: what was changed is what
is read afterwards, and it lasts until the machine is switched off.
"""

from typing import Any

import libvirt
from lxml import etree

from core.hosts.worker.xml.document import Element, at, attribute, parse

_INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
_SECURE = libvirt.VIR_DOMAIN_XML_SECURE
_CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG
_LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
_SEES = {"interface": ("mac", "address"), "disk": ("target", "dev"), "graphics": ("", "type")}
Edits = dict[tuple[str, str], str | None]  # device -> its element now, or None: unplugged


class SimulatedDomain:
    """Stands where a `virDomain` does, and asks one for everything else. `edits` outlive it."""

    def __init__(self, domain: Any, edits: Edits) -> None:
        self._domain = domain
        self._edits = edits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._domain, name)

    def XMLDesc(self, flags: int = 0) -> str:
        text: str = self._domain.XMLDesc(flags)
        if flags & _INACTIVE or not self._edits or not self._domain.isActive():
            return text
        return _edited(text, self._edits, secure=bool(flags & _SECURE))

    def updateDeviceFlags(self, xml: str, flags: int = 0) -> int:
        self._must_have(xml)
        if flags & _CONFIG:
            stored = self._domain.XMLDesc(_INACTIVE | _SECURE)
            changed = _edited(stored, {_key(parse(xml)): xml}, secure=True)
            self._domain.connect().defineXMLFlags(changed, 0)
        if flags & _LIVE:
            self._edits[_key(parse(xml))] = xml
        return 0

    def detachDeviceFlags(self, xml: str, flags: int = 0) -> int:
        self._must_have(xml)
        self._edits[_key(parse(xml))] = None
        return 0

    def attachDeviceFlags(self, xml: str, flags: int = 0) -> int:
        self._edits[_key(parse(xml))] = xml
        return 0

    def create(self) -> int:
        done = int(self._domain.create())
        self._edits.clear()
        return done

    def destroy(self) -> int:
        done = int(self._domain.destroy())
        self._edits.clear()
        return done

    def _must_have(self, xml: str) -> None:
        """Raises libvirt.libvirtError, as libvirt does for a device that is not there."""
        found = {_key(each) for each in parse(self.XMLDesc(0)).iterfind("devices/*")}
        if _key(parse(xml)) not in found:
            raise libvirt.libvirtError("no such device")


def _key(device: Element) -> tuple[str, str]:
    tag = str(device.tag)
    child, name = _SEES.get(tag, ("alias", "name"))
    return tag, at(device, child, name) if child else attribute(device, name)


def _edited(text: str, edits: Edits, *, secure: bool) -> str:
    domain = parse(text)
    devices = domain.find("devices")
    if devices is None:
        return text
    there: set[tuple[str, str]] = set()
    for device in [*devices]:
        key = _key(device)
        there.add(key)
        if key in edits:
            _put(devices, device, edits[key])
    for key, xml in edits.items():
        if key not in there and xml is not None:
            devices.append(parse(xml))
    if not secure:
        for console in devices.iterfind("graphics"):
            console.attrib.pop("passwd", "")
    return etree.tostring(domain, encoding="unicode", pretty_print=True)


def _put(devices: Element, device: Element, xml: str | None) -> None:
    if xml is None:
        devices.remove(device)
    else:
        devices.replace(device, parse(xml))
