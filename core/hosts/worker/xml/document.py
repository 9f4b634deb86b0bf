"""Safe reading of hostile XML: no entities, no network, bounded size, bounded text.

A document that is too large, declares a document type or does not parse raises `BadXml`; whoever
asked turns that into a partial fact, never into a guess.
"""

from collections.abc import Iterator
from itertools import islice

from lxml import etree

MAX_XML_BYTES = 10 * 1024 * 1024
MAX_NODES = 1024  # children of one kind, e.g. disks of a machine
MAX_TEXT = 4096
MAX_NAME = 1024
MAX_DESCRIPTION = 16 * 1024
_MAX_INT = 2**63 - 1

Element = etree._Element  # pyright: ignore[reportPrivateUsage] # lxml has no public name for it


class BadXml(ValueError):
    """The document was refused; the text says why in a few words."""


def parse(text: str) -> Element:
    """Read one document.

    Raises:
        BadXml: too large, with a document type, or not well-formed.
    """
    body = text.encode("utf-8", "replace")
    if len(body) > MAX_XML_BYTES:
        raise BadXml(f"{len(body)} bytes, more than {MAX_XML_BYTES}")
    if b"<!DOCTYPE" in body:
        raise BadXml("a document type declaration is not accepted")
    try:
        return etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadXml(bounded(str(error), 300)) from None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )


def bounded(text: str | None, limit: int = MAX_TEXT) -> str:
    """The text itself, cut at `limit` characters; what is no Unicode text becomes "?".

    Control characters stay: showing text safely is the task of who shows it.
    """
    if not text:
        return ""
    if len(text) > limit:
        text = text[:limit]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def number(text: str | None, default: int = 0) -> int:
    """A decimal number as libvirt writes it, held within 64 bits; `default` when it is none."""
    if not text or len(text) > 24:
        return default
    try:
        value = int(text)
    except ValueError:
        return default
    return max(-_MAX_INT, min(_MAX_INT, value))


def attribute(element: Element | None, name: str) -> str:
    """An attribute's text, "" when it or the element is missing."""
    text = element.get(name) if element is not None else None
    return bounded(text) if text else ""


def child(element: Element | None, path: str) -> Element | None:
    """The first element at a path of plain names. Much faster than lxml's own `find`."""
    for name in path.split("/"):
        if element is None:
            return None
        element = next(element.iterchildren(name), None)
    return element


def content(element: Element | None, path: str = "", limit: int = MAX_TEXT) -> str:
    """The text of an element or of the child at `path`, stripped of outer white space."""
    if path:
        element = child(element, path)
    return bounded(element.text, limit).strip() if element is not None else ""


def at(element: Element | None, path: str, name: str) -> str:
    """The attribute `name` of the child at `path`."""
    return attribute(child(element, path), name)


def nodes(element: Element | None, path: str) -> Iterator[Element]:
    """Children at `path`, at most `MAX_NODES` of them."""
    if element is None:
        return iter(())
    if "/" in path:
        return islice(element.iterfind(path), MAX_NODES)
    return islice(element.iterchildren(None if path == "*" else path), MAX_NODES)


def said_yes(text: str) -> bool:
    return text in {"yes", "on", "1"}


_UNITS = {
    "b": 1,
    "bytes": 1,
    "": 1024,
    "k": 1024,
    "kib": 1024,
    "kb": 1000,
    "m": 1024**2,
    "mib": 1024**2,
    "mb": 1000**2,
    "g": 1024**3,
    "gib": 1024**3,
    "gb": 1000**3,
    "t": 1024**4,
    "tib": 1024**4,
    "tb": 1000**4,
}


def size_bytes(element: Element | None) -> int:
    """A size with libvirt's `unit`, which is KiB when it is left out."""
    if element is None:
        return 0
    unit = _UNITS.get((element.get("unit") or "").lower(), 1024)
    return min(_MAX_INT, number((element.text or "").strip()) * unit)
