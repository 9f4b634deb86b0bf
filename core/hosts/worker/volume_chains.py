"""Which volumes a machine's disks are, with the files below each.

A disk that libvirt was told is raw has nothing below it: its first bytes belong to the guest, and
may name any file.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import libvirt

from core.hosts.worker.evidence_copies import disks_in
from core.hosts.worker.xml.document import Element, attribute, content, parse

MOST_BELOW = 32
LAYERED = "qcow2"
Pair = tuple[Any, Any]  # a pool and a volume of it
NOT_THERE = frozenset(
    {
        libvirt.VIR_ERR_NO_STORAGE_VOL,
        libvirt.VIR_ERR_NO_STORAGE_POOL,
        libvirt.VIR_ERR_NO_SUPPORT,  # a driver that cannot look a pool up by its directory
    }
)


def volumes_of(connection: libvirt.virConnect, document: Element) -> Iterator[tuple[str, str, str]]:
    """Each disk's name, the path of its file ("": what it has is none), and its format."""
    for name, disk in disks_in(document).items():
        source = disk.find("source")
        if attribute(disk, "device") not in ("", "disk", "lun") or source is None:
            continue
        path = attribute(source, "file") or attribute(source, "dev")
        if attribute(disk, "type") == "volume":
            path = _path_in(connection, attribute(source, "pool"), attribute(source, "volume"))
        yield name, path, attribute(disk.find("driver"), "type")


def chain_of(connection: libvirt.virConnect, path: str, form: str) -> tuple[list[Pair], str]:
    """The file and what is below it; with it the first that is no volume, "" when all are."""
    found: list[Pair] = []
    seen: set[str] = set()
    while path not in seen and len(found) < MOST_BELOW:
        pair = _at(connection, path)
        if pair is None:
            return found, path or "no file"
        seen.add(path)
        found.append(pair)
        below = parse(pair[1].XMLDesc(0)).find("backingStore") if form == LAYERED else None
        if below is None or not content(below, "path"):
            return found, ""
        path, form = content(below, "path"), attribute(below.find("format"), "type")
    return found, path


def _at(connection: libvirt.virConnect, path: str) -> Pair | None:
    """Of a pool that may not know it yet: files come past libvirt too."""
    if not path.startswith("/"):
        return None
    try:
        return _found(connection, path)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in NOT_THERE:
            raise
    try:
        folder = str(PurePosixPath(path).parent)
        connection.storagePoolLookupByTargetPath(folder).refresh(0)
        return _found(connection, path)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in NOT_THERE:
            raise
        return None


def _found(connection: libvirt.virConnect, path: str) -> Pair:
    volume = connection.storageVolLookupByPath(path)
    return volume.storagePoolLookupByVolume(), volume


def _path_in(connection: libvirt.virConnect, pool: str, volume: str) -> str:
    try:
        found = connection.storagePoolLookupByName(pool).storageVolLookupByName(volume)
        return str(found.path())
    except libvirt.libvirtError as error:
        if error.get_error_code() not in NOT_THERE:
            raise
        return ""
