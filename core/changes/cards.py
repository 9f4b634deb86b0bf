"""Network cards and our hold mark as one XML text has them: what a step compares and proves.

The text came from a host: it is parsed without entities and network, and only to a size.
"""

from lxml import etree
from msgspec import Struct

from core.facts.namespaces import HOLD_NAMESPACE
from core.text import RingfenceError

MAX_XML_BYTES = 16 * 1024 * 1024
Element = etree._Element  # pyright: ignore[reportPrivateUsage] # lxml has no public name for it
_HOLD = f"metadata/{{{HOLD_NAMESPACE}}}hold"


class Card(Struct, frozen=True):
    mac: str  # lower case
    kind: str  # <interface type=...>
    link_up: bool


def parse(xml: str) -> Element:
    """Parse a host's XML.

    Raises:
        RingfenceError: it is too large or not XML.
    """
    body = xml.encode()
    if len(body) > MAX_XML_BYTES:
        raise RingfenceError("xml-unreadable", bytes=len(body))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise RingfenceError("xml-unreadable", detail=str(error), bytes=len(body)) from error


def cards_of(xml: str) -> tuple[Card, ...]:
    """List the network cards; none for an empty text (there is no such side)."""
    if not xml:
        return ()
    return tuple(_card(element) for element in parse(xml).iterfind("devices/interface"))


def link_of(xml: str, mac: str) -> bool | None:
    """Whether a link of this address is up; None without such a card. Several may share it."""
    links = [card.link_up for card in cards_of(xml) if card.mac == mac.lower()]
    return any(links) if links else None


def hold_case(xml: str) -> str:
    """Return the case our mark in the metadata names; "" when there is no mark."""
    if not xml:
        return ""
    mark = parse(xml).find(_HOLD)
    return "" if mark is None else mark.get("case", "")


def run_of(xml: str) -> int:
    """The number libvirt gave this run of the machine; 0 when it does not run."""
    number = parse(xml).get("id", "") if xml else ""
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0


def _card(element: Element) -> Card:
    mac, link = element.find("mac"), element.find("link")
    return Card(
        mac="" if mac is None else mac.get("address", "").lower(),
        kind=element.get("type", ""),
        link_up=link is None or link.get("state", "up") != "down",
    )
