"""The disks of a machine that does not run, with the files below them, read as they are.

Which files these are is told by libvirt's own configuration on this host, never from outside.
"""

from __future__ import annotations

import re
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from core.hosts.helper.on_host.machines import MAX_STATUS_BYTES, STATUS_PLACES, machine_of
from core.hosts.helper.on_host.values import Refused

CONFIG_PLACE = "/etc/libvirt/qemu"
STORAGE_PLACE = "/etc/libvirt/storage"
MAX_CHAIN = 32


class Found(NamedTuple):
    """What one kind gave: files in the room with how each was had, and what there was not."""

    files: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


def stopped_disks(uuid: str, room: Path) -> Found:
    """Of a machine that does not run: its files as they are, with the whole chain below them.

    Nothing is copied here: a link stands in the room, and the file is read when it is sealed."""
    if machine_of(uuid).pid:
        raise Refused("helper-machine-moved")
    files: list[tuple[str, str]] = []
    missing: list[str] = []
    for target, source, form in disk_sources(stored_domain(uuid)):
        chain = chain_of(source, form) if source else ()
        if not chain:
            missing.append(f"{target}: no file on this host")
        for depth, path in enumerate(chain):
            name = f"disk-{target}.{depth}.img"
            (room / name).unlink(missing_ok=True)
            (room / name).symlink_to(path)
            files.append((name, f"{path}, read as it is"))
    return Found(tuple(files), tuple(missing))


def disk_sources(domain: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    for disk in domain.iterfind("devices/disk"):
        target, source, driver = disk.find("target"), disk.find("source"), disk.find("driver")
        name = "" if target is None else target.get("dev", "")
        if disk.get("device", "disk") not in ("disk", "lun") or not re.fullmatch(
            r"[a-z]{2,4}[a-z0-9]{0,8}", name
        ):
            continue
        path = "" if source is None else source.get("file") or source.get("dev") or ""
        if source is not None and not path:
            path = volume_path(source.get("pool", ""), source.get("volume", ""))
        yield name, path, "" if driver is None else driver.get("type", "")


def volume_path(pool: str, volume: str) -> str:
    """Where a volume lies that is named by its pool; "" for a pool that is no directory."""
    if not pool or not volume or "/" in volume or volume in (".", ".."):
        return ""
    target = pool_folders().get(pool)
    return "" if target is None else f"{target}/{volume}"


def pool_folders() -> dict[str, Path]:
    """The directories of libvirt's pools, by name."""
    found: dict[str, Path] = {}
    for file in sorted(Path(STORAGE_PLACE).glob("*.xml")):
        pool = parsed_domain(file, "")
        name, target = (
            ("", "") if pool is None else (pool.findtext("name"), pool.findtext("target/path"))
        )
        if name and target and target.startswith("/"):
            found[name] = Path(target)
    return found


def chain_of(source: str, form: str) -> tuple[Path, ...]:
    """The image and the files below it. Only an image that libvirt was told is qcow2 is asked:
    a raw one's first bytes belong to the guest."""
    found: list[Path] = []
    while source and len(found) < MAX_CHAIN:
        path = Path(source)
        try:
            kind = path.stat().st_mode
        except OSError:
            break
        if not path.is_absolute() or not (stat.S_ISREG(kind) or stat.S_ISBLK(kind)):
            break
        if path in found:
            break
        found.append(path)
        below, form = backing_of(path) if form == "qcow2" else ("", "")
        source = str(path.parent / below) if below else ""
    return tuple(found)


def backing_of(path: Path) -> tuple[str, str]:
    """Name and format of the file below a qcow2 image; the format "" is not known."""
    with path.open("rb") as image:
        head = image.read(104)
        if len(head) < 104 or head[:4] != b"QFI\xfb":
            return "", ""
        place, size = struct.unpack(">QI", head[8:20])
        if not place or size > 1023:
            return "", ""
        image.seek(place)
        name = image.read(size).decode("utf-8", "replace")
        length = struct.unpack(">I", head[100:104])[0] if head[7] >= 3 else 72
        image.seek(length)
        extensions = image.read(max(0, min(place - length, 65_536)))
    if name.startswith(("json:", "nbd:", "http:", "https:", "rbd:", "ssh:")):
        return "", ""
    return name.removeprefix("file:"), backing_format(extensions)


def backing_format(extensions: bytes) -> str:
    at = 0
    while at + 8 <= len(extensions):
        kind, size = struct.unpack(">II", extensions[at : at + 8])
        if kind == 0xE2792ACA:
            return extensions[at + 8 : at + 8 + size].decode("ascii", "replace")
        if kind == 0:
            return ""
        at += 8 + (size + 7) // 8 * 8
    return ""


def domain_of(uuid: str) -> ElementTree.Element:
    """The machine as libvirt keeps it: running if it runs, else stored."""
    for place in STATUS_PLACES:
        for file in naming(place, uuid):
            domain = parsed_domain(file, "domain")
            if domain is not None and domain.findtext("uuid") == uuid:
                return domain
    return stored_domain(uuid)


def stored_domain(uuid: str) -> ElementTree.Element:
    for file in naming(CONFIG_PLACE, uuid):
        domain = parsed_domain(file, "")
        if domain is not None and domain.findtext("uuid") == uuid:
            return domain
    raise Refused("evidence-not-had", "no configuration of this machine on its host")


def naming(place: str, uuid: str) -> Iterator[Path]:
    """The files in which a machine is named at all: a host may have hundreds of others."""
    for file in sorted(Path(place).glob("*.xml")):
        try:
            small = file.stat().st_size <= MAX_STATUS_BYTES
            if small and uuid.encode() in file.read_bytes():
                yield file
        except OSError:
            continue


def parsed_domain(file: Path, within: str) -> ElementTree.Element | None:
    try:
        if file.stat().st_size > MAX_STATUS_BYTES:
            return None
        root = ElementTree.parse(str(file)).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    return root.find(within) if within else root
