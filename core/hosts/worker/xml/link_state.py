"""The link element of one network card: written for an update, and read back.

Nothing keeps a machine from having several cards with one address: they are cut and raised
together, and read as up while any of them is.
"""

from lxml import etree

from core.hosts.worker.xml.document import Element, at, nodes, parse


class NoSuchCard(Exception):
    """The machine has no card with this address on this side."""


def interfaces_with_link(domain: Element, mac: str, up: bool) -> tuple[str, ...]:
    """The card's own element with only the link state changed; none when it is so already.

    libvirt finds the card by address and alias, so the whole element is kept. A link that is up
    gets no element: libvirt reads it so, and the document is again what it was before the cut.

    Raises:
        NoSuchCard: there is none with this address.
    """
    return tuple(_text(element) for element in _changed_cards(domain, mac, up))


def with_link(text: str, mac: str, up: bool) -> str | None:
    """A whole domain document with one card's link changed; None when it is so already.

    Raises:
        NoSuchCard: there is none with this address.
        BadXml: the document was refused.
    """
    domain = parse(text)
    return _text(domain) if _changed_cards(domain, mac, up) else None


def _changed_cards(domain: Element, mac: str, up: bool) -> list[Element]:
    changed = [element for element in _cards(domain, mac) if _is_up(element) != up]
    for element in changed:
        for old in element.findall("link"):
            element.remove(old)
        if not up:
            etree.SubElement(element, "link", {"state": "down"})
    return changed


def _text(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def link_is_up(domain: Element, mac: str) -> bool | None:
    """What the XML says; None when the card is not there."""
    try:
        return any(_is_up(element) for element in _cards(domain, mac))
    except NoSuchCard:
        return None


def _is_up(element: Element) -> bool:
    return at(element, "link", "state") != "down"


def _cards(domain: Element, mac: str) -> list[Element]:
    found = [
        element
        for element in nodes(domain, "devices/interface")
        if at(element, "mac", "address").lower() == mac.lower()
    ]
    if not found:
        raise NoSuchCard(mac)
    return found
