"""What libvirt asks before and tells after: a held machine does not start, return or gain a card.

The hooks never talk to libvirt, which waits for them. A room of holds that cannot be read holds
every machine: it may be a disk that is not there yet.
"""

from __future__ import annotations

import sys
from xml.etree import ElementTree

from core.hosts.helper.on_host.documents import Held
from core.hosts.helper.on_host.happenings import CARD_REFUSED, START_REFUSED, happened
from core.hosts.helper.on_host.holds import Record, record_of, released
from core.hosts.helper.on_host.keep import raise_wanted, stands, wanted_of
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.values import MAC, Refused, checked_uuid

MAX_HOOK_BYTES = 16 * 1024 * 1024
ARRIVAL = "migrate"
BEGINNINGS = ("prepare", "restore", ARRIVAL)
HOLD_MARK = "metadata/{urn:ringfence:quarantine:1}hold"
RECONNECT = "reconnect"
AFTERWARDS = ("started", RECONNECT)
GO_ON, STAY = 0, 1


def hook_qemu(words: list[str], xml: bytes, here: Places = HERE) -> int:
    """NAME OPERATION ...: refuse a beginning of a held machine, raise its barrier after one."""
    operation = words[1] if len(words) > 1 else ""
    if operation not in (*BEGINNINGS, *AFTERWARDS):
        return GO_ON
    try:
        domain = parsed(xml)
        uuid = uuid_of(domain.findtext("uuid"))
        record = record_in(here, uuid)
    except (Refused, OSError) as error:
        return stays(f"no hold can be looked up: {error}") if operation in BEGINNINGS else GO_ON
    if record is None and operation == ARRIVAL and is_marked(domain):
        return stays(f"{uuid} is marked as held where it comes from; release it there")
    if record is None or given_up(here, record):
        return GO_ON
    if operation in BEGINNINGS and not may_begin(here, record):
        happened(here, uuid, START_REFUSED, operation)
        return stays(f"{uuid} is held; release it with ringfence")
    stood = stands_again(here, uuid, record)
    if stood or operation == RECONNECT:  # libvirt ends a machine whose reconnect is refused
        return GO_ON
    return stays("its barrier cannot be raised")


def hook_network(words: list[str], xml: bytes, here: Places = HERE) -> int:
    """NAME OPERATION ...: a held machine gets no card that its hold does not name."""
    if len(words) < 2 or words[1] != "port-created":
        return GO_ON
    try:
        port = parsed(xml).find(".//networkport")
        owner = port.findtext("owner/uuid") if port is not None else None
        uuid = uuid_of(owner)
        record = record_in(here, uuid)
        card = port.find("mac") if port is not None else None
        mac = (card.get("address") or "").lower() if card is not None else ""
    except (Refused, OSError) as error:
        return stays(f"no hold can be looked up: {error}")
    if record is None or released(here, record) or names_card(record.held, mac):
        return GO_ON
    happened(here, uuid, CARD_REFUSED, mac if MAC.fullmatch(mac) else "")
    return stays(f"{uuid} is held and gets no new card")


def is_marked(domain: ElementTree.Element) -> bool:
    """Anybody may write the mark: it can keep a machine away, and never lets one in."""
    mark = domain.find(HOLD_MARK)
    return mark is not None and mark.get("mode") != "observe"


def names_card(held: Held | None, mac: str) -> bool:
    return held is not None and (held.observes or mac in held.macs)


def stays(why: str) -> int:
    """Refuse, in words that libvirt hands on to whoever asked it."""
    print(f"Ringfence: {why}", file=sys.stderr)
    return STAY


def parsed(xml: bytes) -> ElementTree.Element:
    if len(xml) >= MAX_HOOK_BYTES or b"<!DOCTYPE" in xml:
        raise Refused("helper-value", "xml")
    try:
        return ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise Refused("helper-value", "xml") from error


def uuid_of(text: str | None) -> str:
    return checked_uuid((text or "").strip().lower())


def record_in(here: Places, uuid: str) -> Record | None:
    """Raises: OSError: the room of holds cannot be read."""
    list(here.holds.iterdir())
    return record_of(here, uuid)


def given_up(here: Places, record: Record) -> bool:
    return record.values.get("lowered") is True and released(here, record)


def may_begin(here: Places, record: Record) -> bool:
    """An observed machine may; another once its release was ordered, behind its barrier."""
    return (record.held is not None and record.held.observes) or released(here, record)


def stands_again(here: Places, uuid: str, record: Record) -> bool:
    """Raise what its hold asks for around what it has now; by address before it has a device."""
    try:
        return stands(raise_wanted(uuid, wanted_of(record.held), here), wanted_of(record.held))
    except Refused:
        return False


def boot(uuid: str, here: Places = HERE) -> int:
    """Load one machine's tables before libvirt starts anything: addresses, no devices."""
    try:
        checked_uuid(uuid)
        record = record_in(here, uuid)
    except (Refused, OSError) as error:
        return stays(f"no hold can be looked up: {error}")
    if record is None or given_up(here, record):
        return GO_ON
    if not stands_again(here, uuid, record):
        return stays(f"the barrier of {uuid} cannot be raised")
    room = here.run / "loaded"
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    (room / uuid).touch(mode=0o600)
    return GO_ON
