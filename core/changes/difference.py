"""Exact differences of XML texts, for previews: what goes and what comes, secrets hidden."""

import difflib

from lxml import etree

from core.changes.cards import Element, parse
from core.changes.redact import redact
from core.facts.namespaces import HOLD_NAMESPACE, HOLD_PREFIX

_AFTER_LINK = ("mtu", "coalesce", "ip", "route", "script", "alias", "acpi", "address")


def text_difference(before: str, after: str) -> tuple[str, ...]:
    """Return a unified difference without file heads; empty when the texts are equal."""
    lines = difflib.unified_diff(
        redact(before).splitlines(), redact(after).splitlines(), lineterm="", n=1
    )
    return tuple(line for line in lines if not line.startswith(("---", "+++")))


def link_difference(xml: str, mac: str, up: bool) -> tuple[str, ...]:
    """Show one card's element as it is and as it will be with its link set."""
    for card in parse(xml).iterfind("devices/interface"):
        address = card.find("mac")
        if address is not None and address.get("address", "").lower() == mac.lower():
            before = _text(card)
            _set_link(card, "up" if up else "down")
            return text_difference(before, _text(card))
    return ()


def hold_difference(case: str, mode: str, since: str, owner: str, add: bool) -> tuple[str, ...]:
    """Show our mark as it comes or goes."""
    mark = etree.Element(f"{{{HOLD_NAMESPACE}}}hold", nsmap={HOLD_PREFIX: HOLD_NAMESPACE})
    for name, value in (("case", case), ("mode", mode), ("since", since), ("owner", owner)):
        mark.set(name, value)
    sign = "+" if add else "-"
    return tuple(sign + line for line in _text(mark).splitlines())


def _set_link(card: Element, state: str) -> None:
    link = card.find("link")
    if link is None:
        link = etree.Element("link")
        place = next((item for item in card if item.tag in _AFTER_LINK), None)
        link.tail = card.text
        if place is None and len(card):  # it becomes the last: the one before ended the lines
            card[-1].tail, link.tail = card.text, card[-1].tail
        card.insert(len(card) if place is None else card.index(place), link)
    link.set("state", state)


def _text(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
