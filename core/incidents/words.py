"""What is still open, and why it is held, as sentences for every face of the product.

`missing` of outcomes and states holds short words of facts; `reason` is the operator's own text,
or says that the hold is only claimed.
"""

from collections.abc import Iterable

from core.incidents.state import CLAIMED
from core.incidents.ways_out import MANAGED_SAVE
from core.text import Catalogue, Text
from core.text.message import Parameter

_SIDES = frozenset({"live", "stored", "barrier"})


def missing_text(item: str) -> Text:
    """Say one item of `missing`: "MAC: live", "MAC: stored", "MAC: barrier" or "MAC: hostdev",
    or anything else."""
    what, separator, kind = item.rpartition(": ")
    params: dict[str, Parameter] = {"mac": what, "kind": kind, "what": item}
    if separator and kind in _SIDES:
        return Text(f"incidents.missing.{kind}", params)
    if item == MANAGED_SAVE:
        return Text("incidents.missing.managed-save", params)
    if item == "stored: unread":
        return Text("incidents.missing.unread", params)
    if separator and what.count(":") == 5:
        return Text("incidents.missing.kind", params)
    return Text("incidents.missing.other", params)


def say_missing(items: Iterable[str], words: Catalogue) -> tuple[str, ...]:
    return tuple(words.say(missing_text(item)) for item in items)


def say_reason(reason: str, words: Catalogue) -> str:
    """The reason as given, or that nobody here gave one."""
    return words("incidents.claimed") if reason == CLAIMED else reason
