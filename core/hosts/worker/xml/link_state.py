"""The link element of one network card: written for an update, and read back."""

from lxml import etree

from core.hosts.worker.xml.document import Element, at, nodes, parse


class NoSuchCard(Exception):
    """The machine has no card with this address on this side."""


def interface_with_link(domain: Element, mac: str, up: bool) -> str | None:
    """The card's own element with only the link state changed; None when it is so already.

    libvirt finds the card by address and alias, so the whole element is kept. A link that is up
    gets no element: libvirt reads it so, and the document is again what it was before the cut.

    Raises:
        NoSuchCard: there is none with this address, or more than one.
    """
    element = _changed_card(domain, mac, up)
    return None if element is None else _text(element)


def with_link(text: str, mac: str, up: bool) -> str | None:
    """A whole domain document with one card's link changed; None when it is so already.

    Raises:
        NoSuchCard: there is none with this address, or more than one.
        BadXml: the document was refused.
    """
    domain = parse(text)
    return None if _changed_card(domain, mac, up) is None else _text(domain)


def _changed_card(domain: Element, mac: str, up: bool) -> Element | None:
    element = _card(domain, mac)
    if _is_up(element) == up:
        return None
    for old in element.findall("link"):
        element.remove(old)
    if not up:
        etree.SubElement(element, "link", {"state": "down"})
    return element


def _text(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def link_is_up(domain: Element, mac: str) -> bool | None:
    """What the XML says; None when the card is not there."""
    try:
        return _is_up(_card(domain, mac))
    except NoSuchCard:
        return None


def _is_up(element: Element) -> bool:
    return at(element, "link", "state") != "down"


def _card(domain: Element, mac: str) -> Element:
    found = [
        element
        for element in nodes(domain, "devices/interface")
        if at(element, "mac", "address").lower() == mac.lower()
    ]
    if len(found) != 1:
        raise NoSuchCard(mac)
    return found[0]
