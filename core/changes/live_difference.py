"""Compare a released machine's live XML with the one before, but for the published list.

The list is data (resources/changes/live-differences.toml, explained in docs/release.md): what
libvirt itself leaves or counts. A machine that was restarted meanwhile has another id; its live
XML is libvirt's new work and is not compared.
"""

import tomllib
from collections import Counter
from importlib.resources import files

from msgspec import Struct, convert

from core.changes.cards import Element, parse


class Allowed(Struct, frozen=True):
    """One entry of the published list."""

    id: str
    path: str
    when: str  # empty, added, value
    value: str = ""


class _List(Struct, frozen=True):
    version: int
    difference: tuple[Allowed, ...]


def published_list() -> tuple[Allowed, ...]:
    """Read the list that ships with the product."""
    text = files("resources").joinpath("changes/live-differences.toml").read_text("utf-8")
    return convert(tomllib.loads(text), type=_List).difference


def restarted(before: str, after: str) -> bool:
    """Whether the two texts are of two different runs of the machine."""
    return parse(before).get("id") != parse(after).get("id")


def live_differences(before: str, after: str) -> tuple[str, ...]:
    """Name what differs and is not on the list, as "path: before -> after", shortest first."""
    rules = published_list()
    old, new = _lines(before, rules), _lines(after, rules)
    gone = [f"-{line}" for line in (old - new).elements()]
    came = [f"+{line}" for line in (new - old).elements()]
    return tuple(sorted((*gone, *came), key=len))


def _lines(xml: str, rules: tuple[Allowed, ...]) -> Counter[str]:
    """Flatten to one line an element or attribute, without what may differ."""
    found: Counter[str] = Counter()
    _walk(parse(xml), "", rules, found)
    return found


def _walk(element: Element, above: str, rules: tuple[Allowed, ...], found: Counter[str]) -> None:
    path = f"{above}/{element.tag}".lstrip("/")
    if _may_be_there(element, path, rules):
        return
    changing = any(rule.path == path and rule.when == "value" for rule in rules)
    text = "" if changing else (element.text or "").strip()
    found[f"{path} {text}".strip()] += 1
    for name, value in _attributes(element):
        line = f"{path}/@{name}"
        if not any(rule.path == line and rule.when == "value" for rule in rules):
            found[f"{line} {value}"] += 1
    for child in element.iterchildren("*"):  # elements, no comments
        _walk(child, path, rules, found)


def _may_be_there(element: Element, path: str, rules: tuple[Allowed, ...]) -> bool:
    content = " ".join(f"{name}={value}" for name, value in _attributes(element))
    for rule in rules:
        if rule.path != path:
            continue
        if rule.when == "empty" and not len(element) and not content:
            return True
        if rule.when == "added" and content == rule.value:
            return True
    return False


def _attributes(element: Element) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.attrib.items()]
