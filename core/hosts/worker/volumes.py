"""Storage volumes for a rebuild: look at one, copy one whole, delete only what we made."""

import re

import libvirt
from lxml import etree

from core.hosts.protocol import Applied, CloneVolume, DropClone, Failure, ReadVolume, VolumeSeen
from core.hosts.worker.link import Link
from core.hosts.worker.xml.document import BadXml, attribute, content, parse

PLAN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VolumeOrder = ReadVolume | CloneVolume | DropClone
NOT_THERE = frozenset({libvirt.VIR_ERR_NO_STORAGE_VOL, libvirt.VIR_ERR_NO_STORAGE_POOL})


def carry_out_volume(link: Link, order: VolumeOrder) -> VolumeSeen | Applied | Failure:
    try:
        match order:
            case ReadVolume():
                return _seen(_volume(link, order.pool, order.volume))
            case CloneVolume():
                return _clone(link, order)
            case DropClone():
                return _dropped(link, order)
    except BadXml as error:
        return Failure("xml-unreadable", detail=str(error))


def clone_name(plan: str) -> str:
    """The name of the volume a plan makes; another text than a plan's id makes none."""
    if not PLAN.fullmatch(plan):
        raise BadXml("plan")
    return f"ringfence-rebuild-{plan}"


def _clone(link: Link, order: CloneVolume) -> VolumeSeen | Failure:
    name = clone_name(order.plan)
    source = _volume(link, order.pool, order.volume)
    if source is None:
        return Failure("volume-missing", {"pool": order.pool, "volume": order.volume})
    left = _volume(link, order.pool, name)
    if left is not None:
        left.delete(0)
    pool = link.connection.storagePoolLookupByName(order.pool)
    return _seen(pool.createXMLFrom(_like(source, name), source, 0))


def _dropped(link: Link, order: DropClone) -> Applied:
    left = _volume(link, order.pool, clone_name(order.plan))
    if left is not None:
        left.delete(0)
    return Applied("gone")


def _volume(link: Link, pool: str, name: str) -> libvirt.virStorageVol | None:
    """The volume; None when the pool or the volume is not there. A pool that knows it not yet
    looks again: volumes may have come past libvirt."""
    try:
        found = link.connection.storagePoolLookupByName(pool)
        if name not in found.listVolumes():
            found.refresh(0)
        return found.storageVolLookupByName(name)
    except libvirt.libvirtError as error:
        if error.get_error_code() in NOT_THERE:
            return None
        raise


def _seen(volume: libvirt.virStorageVol | None) -> VolumeSeen:
    if volume is None:
        return VolumeSeen("")
    document = parse(volume.XMLDesc(0))
    kind = document.find("target/format")
    return VolumeSeen(
        path=volume.path(),
        format="" if kind is None else attribute(kind, "type"),
        capacity=int(volume.info()[1]),
    )


def _like(source: libvirt.virStorageVol, name: str) -> str:
    """A new volume's document: same size, same format, no owner and no key of the source's."""
    old = parse(source.XMLDesc(0))
    kind = old.find("target/format")
    new = etree.Element("volume")
    etree.SubElement(new, "name").text = name
    etree.SubElement(new, "capacity", unit="bytes").text = content(old, "capacity")
    if kind is not None:
        target = etree.SubElement(new, "target")
        etree.SubElement(target, "format", type=attribute(kind, "type"))
    return etree.tostring(new, encoding="unicode")
