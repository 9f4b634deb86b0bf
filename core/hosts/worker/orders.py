"""The closed set of effects, each with its read-back. Raises libvirtError; the desk answers."""

from typing import Any

import libvirt
from lxml import etree

from core.facts.namespaces import HOLD_NAMESPACE, HOLD_PREFIX
from core.hosts.protocol import (
    Applied,
    CloneVolume,
    DefineXml,
    Destroy,
    DropClone,
    Failure,
    LinkReadBack,
    ReadState,
    ReadVolume,
    ReadXml,
    Resume,
    SetAutostart,
    SetHoldMark,
    SetLinkState,
    Start,
    Suspend,
    VolumeSeen,
    XmlTexts,
)
from core.hosts.worker.link import Link
from core.hosts.worker.power import PowerOrder, carry_out_power
from core.hosts.worker.run_state import RunOrder, carry_out_run
from core.hosts.worker.side_ways import SideOrder, carry_out_side
from core.hosts.worker.volumes import VolumeOrder, carry_out_volume
from core.hosts.worker.xml.document import BadXml, Element, content, parse
from core.hosts.worker.xml.link_state import NoSuchCard, interfaces_with_link, link_is_up
from core.hosts.worker.xml.metadata import claim_of

_LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
_CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG
_INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE

MachineOrder = (
    ReadXml
    | SetLinkState
    | SetAutostart
    | DefineXml
    | SetHoldMark
    | RunOrder
    | PowerOrder
    | VolumeOrder
    | SideOrder
)
Result = XmlTexts | LinkReadBack | Applied | VolumeSeen | Failure


def carry_out(link: Link, order: MachineOrder) -> Result:
    """Do what one order says and read back what became of it."""
    match order:
        case ReadXml():
            return read_xml(link, order.uuid, order.secure)
        case SetLinkState():
            return set_link_state(link, order)
        case SetAutostart():
            return set_autostart(link, order)
        case DefineXml():
            return define_xml(link, order)
        case SetHoldMark():
            return set_hold_mark(link, order)
        case ReadState() | Suspend() | Resume():
            return carry_out_run(link, order)
        case Destroy() | Start():
            return carry_out_power(link, order)
        case ReadVolume() | CloneVolume() | DropClone():
            return carry_out_volume(link, order)
        case _:
            return carry_out_side(link, order)


def is_active(link: Link, uuid: str) -> bool:
    return bool(link.domain(uuid).isActive())


def is_persistent(link: Link, uuid: str) -> bool:
    return bool(link.domain(uuid).isPersistent())


def read_xml(link: Link, uuid: str, secure: bool) -> XmlTexts:
    flags = libvirt.VIR_DOMAIN_XML_SECURE if secure else 0
    live = link.domain(uuid).XMLDesc(flags) if is_active(link, uuid) else ""
    stored = ""
    if is_persistent(link, uuid):
        stored = link.domain(uuid).XMLDesc(flags | _INACTIVE)
    return XmlTexts(uuid=uuid, live=live, stored=stored)


def set_link_state(link: Link, order: SetLinkState) -> LinkReadBack | Failure:
    """One call a side, so that a refusal of one never undoes or hides the other."""
    try:
        live = _set_live_link(link, order) if order.live else None
        stored = _set_stored_link(link, order) if order.stored else None
    except NoSuchCard:
        return Failure("card-gone", {"mac": order.mac})
    except BadXml as error:
        return Failure("xml-unreadable", detail=str(error))
    return LinkReadBack(order.mac, live_up=live, stored_up=stored)


def _set_live_link(link: Link, order: SetLinkState) -> bool | None:
    """Nothing is asked that the document tells: a cut waits for each answer of the host."""
    running = parse(link.domain(order.uuid).XMLDesc(0))
    return _set_side(link, order, running, 0, _LIVE) if running.get("id") else None


def _set_stored_link(link: Link, order: SetLinkState) -> bool | None:
    if not is_persistent(link, order.uuid):
        return None
    stored = parse(link.domain(order.uuid).XMLDesc(_INACTIVE))
    return _set_side(link, order, stored, _INACTIVE, _CONFIG)


def _set_side(
    link: Link, order: SetLinkState, seen: Element, xml_flags: int, target: int
) -> bool | None:
    """The element is taken from the side that is changed, so that nothing else changes."""
    for element in interfaces_with_link(seen, order.mac, order.up):
        link.domain(order.uuid).updateDeviceFlags(element, target)
    return link_is_up(parse(link.domain(order.uuid).XMLDesc(xml_flags)), order.mac)


def set_autostart(link: Link, order: SetAutostart) -> Applied:
    link.domain(order.uuid).setAutostart(int(order.on))
    now = bool(link.domain(order.uuid).autostart())
    return Applied("on" if now else "off", stored=now == order.on)


def define_xml(link: Link, order: DefineXml) -> Applied | Failure:
    """Only this machine's own configuration: a document with another uuid is refused."""
    try:
        document = parse(order.xml)
    except BadXml as error:
        return Failure("xml-unreadable", detail=str(error))
    uuid = content(document, "uuid")
    if document.tag != "domain" or uuid.lower() != order.uuid.lower():
        return Failure("xml-other-machine", {"wanted": order.uuid, "found": uuid})
    defined = link.connection.defineXMLFlags(order.xml, 0)
    link.know(defined)
    return Applied("defined", stored=defined.UUIDString() == order.uuid)


def set_hold_mark(link: Link, order: SetHoldMark) -> Applied:
    """The prefix must not be declared in the element: libvirt adds it and refuses a second."""
    mark = _mark(order) if order.case else None
    uuid = order.uuid
    active, persistent = is_active(link, uuid), is_persistent(link, uuid)
    for wanted, flag in ((order.live and active, _LIVE), (order.stored and persistent, _CONFIG)):
        if wanted:
            _write_mark(link, uuid, mark, flag)
    return Applied(
        order.case,
        live=_case(link, uuid, 0) == order.case if active else None,
        stored=_case(link, uuid, _INACTIVE) == order.case if persistent else None,
    )


def _write_mark(link: Link, uuid: str, mark: str | None, flag: int) -> None:
    kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    if mark is None and not _case(link, uuid, _INACTIVE if flag == _CONFIG else 0):
        return  # there is none, and removing nothing is an error of libvirt
    element: Any = mark  # the binding says str, and takes None to remove
    link.domain(uuid).setMetadata(kind, element, HOLD_PREFIX, HOLD_NAMESPACE, flag)


def _mark(order: SetHoldMark) -> str:
    values = {"case": order.case, "since": order.since, "mode": order.mode, "owner": order.owner}
    return etree.tostring(etree.Element("hold", values), encoding="unicode")


def _case(link: Link, uuid: str, xml_flags: int) -> str:
    return claim_of(parse(link.domain(uuid).XMLDesc(xml_flags))).hold_case
