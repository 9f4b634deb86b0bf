"""What is still open, as messages: `missing` of outcomes and states holds short words of facts."""

from core.text import Text
from core.text.message import Parameter

_SIDES = frozenset({"live", "stored"})


def missing_text(item: str) -> Text:
    """Say one item of `missing`: "MAC: live", "MAC: stored", "MAC: hostdev", or anything else."""
    what, separator, kind = item.rpartition(": ")
    params: dict[str, Parameter] = {"mac": what, "kind": kind, "what": item}
    if separator and kind in _SIDES:
        return Text(f"incidents.missing.{kind}", params)
    if item == "stored: unread":
        return Text("incidents.missing.unread", params)
    if separator and what.count(":") == 5:
        return Text("incidents.missing.kind", params)
    return Text("incidents.missing.other", params)
