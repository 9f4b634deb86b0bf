"""A rule as a kernel lists it, in one line that can be compared with the rule that was made."""

from __future__ import annotations

from typing import Any

from core.hosts.helper.on_host.barrier_rules import MATCHES, Rule
from core.hosts.helper.on_host.values import is_list, is_object

UNKNOWN = "?"
# nft leaves these out where another match implies them, or does not; before an accept they
# can only narrow it.
NARROWING = ("ether.type == ", "protocol == ")


def same_rule(expression: list[Any], rule: Rule, numbers: tuple[str, ...]) -> bool:
    """Whether a listed rule is this one and nothing else; `numbers` are the ways to write a card's
    own match."""
    ends: list[Any] = [{"counter": rule.counter}]
    ends += [{rule.verdict: None}] if rule.verdict else []
    matches = expression[: -len(ends)]
    found = [match_text(each) for each in matches]
    if rule.verdict == "accept":
        found = [text for text in found if not text.startswith(NARROWING)]
    if len(found) != len(rule.keys) or expression[len(matches) :] != ends:
        return False
    return all(fits(text, rule.keys[place], numbers) for place, text in enumerate(found))


def fits(text: str, key: str, numbers: tuple[str, ...]) -> bool:
    return text in numbers if key == "number" else text == MATCHES[key][1]


def match_text(each: object) -> str:
    """ "LEFT op RIGHT" of a match; of anything else, what no match of ours is."""
    found = each.get("match") if is_object(each) and len(each) == 1 else None
    if not is_object(found):
        return UNKNOWN
    left, right = side_text(found.get("left")), side_text(found.get("right"))
    return f"{left} {found.get('op')} {right}"


def side_text(side: object) -> str:
    """A field, a number, a set's name; what is none of them is never equal to what we made."""
    if isinstance(side, bool) or side is None:
        return UNKNOWN
    if isinstance(side, (int, str)):
        return str(side)
    if is_list(side):
        return bits_text(side)
    (kind, value), *more = side.items() if is_object(side) and side else [(UNKNOWN, None)]
    if more or value is None:
        return UNKNOWN
    if kind == "meta" and is_object(value):
        return str(value.get("key"))
    if kind == "payload" and is_object(value) and value.keys() == {"protocol", "field"}:
        return f"{value['protocol']}.{value['field']}"
    if kind == "concat" and is_list(value):
        return " . ".join(side_text(each) for each in value)
    if kind == "&" and is_list(value) and len(value) == 2:
        return f"{side_text(value[0])} & {side_text(value[1])}"
    return bits_text(value) if kind == "|" and is_list(value) else UNKNOWN


def bits_text(bits: list[Any]) -> str:
    """Flags that are told one by one are the number they make."""
    total = 0
    for bit in bits:
        text = side_text(bit)
        if not text.isdigit():
            return UNKNOWN
        total |= int(text)
    return str(total)
