"""The boot disk in a stored configuration: which it is, and the text with another in its place.

Everything else of the text stays as it was, byte for byte; what libvirt itself adds to the new
disk's element when it stores it is not compared.
"""

import re
from html import escape

from msgspec import Struct

from core.changes.cards import Element, parse

_DISK = re.compile(r"<disk\b.*?</disk>", re.DOTALL)
_SOURCE = re.compile(r"<source\b[^>]*?/>|<source\b.*?</source>", re.DOTALL)
_DISK_TYPE = re.compile(r"(<disk\b[^>]*?\btype=)(['\"])\w+\2")
_BACKING = re.compile(r"\s*(<backingStore\b[^>]*/>|<backingStore\b.*</backingStore>)", re.DOTALL)
_PATHS = ("file", "dev", "name", "volume", "dir")


class BootDisk(Struct, frozen=True):
    target: str  # vda
    source: str  # its path, or "pool/volume"; "" when it has none
    encrypted: bool


def boot_disk(stored: str) -> BootDisk | None:
    """The disk the machine starts from: first in its boot order, else the first one."""
    disks = [
        disk
        for disk in parse(stored).iterfind("devices/disk")
        if disk.get("device", "disk") == "disk"
    ]
    chosen = min(disks, key=_order, default=None)
    if chosen is None:
        return None
    target = chosen.find("target")
    return BootDisk(
        target="" if target is None else target.get("dev", ""),
        source=source_of(chosen),
        encrypted=chosen.find(".//encryption") is not None,
    )


def source_of(disk: Element) -> str:
    source = disk.find("source")
    if source is None:
        return ""
    if source.get("pool"):
        return f"{source.get('pool')}/{source.get('volume', '')}"
    return next((source.get(name, "") for name in _PATHS if source.get(name)), "")


def with_boot_disk(stored: str, target: str, path: str, kind: str) -> str:
    """The text with this disk read from a file or device at `path`; unchanged without the disk."""
    for match in _DISK.finditer(stored):
        if _is_target(match.group(), target):
            device = kind == ""
            new = _replaced(match.group(), path, kind, device)
            return stored[: match.start()] + new + stored[match.end() :]
    return stored


def same_but_disk(wanted: str, seen: str, target: str, path: str) -> bool:
    """Whether the stored text is the wanted one, and its disk is read from `path`."""
    disk = next((text for text in _DISK.findall(seen) if _is_target(text, target)), "")
    there = bool(disk) and source_of(parse(disk)) == path
    return there and _without(wanted, target) == _without(seen, target)


def _order(disk: Element) -> int:
    boot = disk.find("boot")
    order = "" if boot is None else boot.get("order", "")
    return int(order) if order.isascii() and order.isdecimal() and len(order) < 6 else 10**6


def _replaced(disk: str, path: str, kind: str, device: bool) -> str:
    """`kind` is the image's format; without one the volume is a device of its own."""
    attribute = "dev" if device else "file"
    disk = _DISK_TYPE.sub(rf"\1'{'block' if device else 'file'}'", disk, count=1)
    disk = _BACKING.sub("", disk, count=1)
    if kind:
        disk = re.sub(r"(<driver\b[^>]*?\btype=)(['\"])\w+\2", rf"\1'{kind}'", disk, count=1)
    source = f"<source {attribute}='{escape(path, quote=True)}'/>"
    return _SOURCE.sub(lambda _: source, disk, count=1)


def _is_target(disk: str, target: str) -> bool:
    return re.search(rf"<target\b[^>]*\bdev=['\"]{re.escape(target)}['\"]", disk) is not None


def _without(stored: str, target: str) -> str:
    return _DISK.sub(
        lambda match: "" if _is_target(match.group(), target) else match.group(), stored
    )
