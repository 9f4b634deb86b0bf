"""Ways out of a machine that no link of ours closes, named for the plan and the result.

A passed-through device may be a network card, and arguments given to the emulator by hand may
open one: the cut does not reach them and says so.
"""

from core.changes.cards import Element, parse

MANAGED_SAVE = "managed save image"  # a start from it brings the links it was saved with
_QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
_OPENING_ARGUMENTS = frozenset({"-net", "-netdev", "-nic", "-usbdevice"})
_OPENING_DEVICES = ("vfio-", "usb-host", "usb-redir", "vhost-user-", "vhost-vsock")
_CARRIERS = frozenset({"pci", "usb", "mdev", "net"})


def ways_out(xml: str) -> tuple[str, ...]:
    """Name them in the words of the XML."""
    if not xml:
        return ()
    domain = parse(xml)
    found = [_host_device(device) for device in domain.iterfind("devices/hostdev")]
    found += [f"redirdev {device.get('bus', '')}" for device in domain.iterfind("devices/redirdev")]
    for argument in domain.iterfind(f"{{{_QEMU}}}commandline/{{{_QEMU}}}arg"):
        if opening_argument(argument.get("value", "")):
            found.append(f"emulator argument {argument.get('value')}")
    return tuple(dict.fromkeys(item for item in found if item))


def opening_argument(value: str) -> bool:
    """Whether an argument given to the emulator by hand opens a network card or passes a device."""
    option = "-" + value.lstrip("-")
    return option in _OPENING_ARGUMENTS or any(name in value for name in _OPENING_DEVICES)


def _host_device(device: Element) -> str:
    kind = device.get("type", "")
    if kind not in _CARRIERS:
        return ""
    address = device.find("source/address")
    parts = () if address is None else tuple(str(value) for value in address.attrib.values())
    return f"hostdev {kind} {' '.join(parts)}".strip()
