"""What is still open, and why it is held, as sentences for every face of the product.

`missing` of outcomes and states holds short words of facts; `reason` is the operator's own text,
or says that the hold is only claimed.
"""

from collections.abc import Iterable

from core.changes.plan import Plan
from core.changes.steps.barrier import DOOR, NOT_BLOCKING, NOT_OBSERVING
from core.changes.steps.prove_cut import RUNNING
from core.hosts.preparation.model import ALL_ITEMS
from core.incidents.cases.trust import SUSPECT_HOST, claim_in
from core.incidents.model import Containment, Mode, Quarantine
from core.incidents.state import CLAIMED
from core.incidents.ways_out import MANAGED_SAVE
from core.text import Catalogue, Text
from core.text.message import Parameter

MOVED = "moved-to-"  # and a host's name
_SIDES = frozenset({"live", "stored", "barrier", "gone", "heard"})
_OF_HOSTS = frozenset({"item", "daemon"})
_WORDS = {
    MANAGED_SAVE: "managed-save",
    "stored: unread": "unread",
    RUNNING: "running",
    NOT_OBSERVING: "not-observing",
    NOT_BLOCKING: "not-blocking",
}


def missing_text(item: str) -> Text:
    """Say one item of `missing`: "MAC: live", "MAC: stored", "MAC: barrier" or "MAC: hostdev",
    or anything else."""
    what, separator, kind = item.rpartition(": ")
    if what == "evidence":
        return Text(f"evidence.missing.{kind}")
    params: dict[str, Parameter] = {"mac": what, "kind": kind, "what": item}
    if separator and kind in _SIDES:
        return Text(f"incidents.missing.{kind}", params)
    if what in _OF_HOSTS:
        return Text(f"hosts.preparation.missing.{what}", {"name": kind})
    if item in _WORDS:
        return Text(f"incidents.missing.{_WORDS[item]}", params)
    if separator and what == "host" and kind.startswith(MOVED):
        return Text("incidents.missing.moved", {"host": kind.removeprefix(MOVED)})
    if separator and what == "host":
        return Text(f"incidents.missing.host-{kind}")
    if separator and what == SUSPECT_HOST:
        return Text(f"incidents.missing.claim-{kind}")
    if separator and kind == DOOR:
        return Text("incidents.missing.door", {"what": what})
    if separator and what.count(":") == 5:
        return Text("incidents.missing.kind", params)
    return Text("incidents.missing.other", params)


def say_missing(
    items: Iterable[str], words: Catalogue, plan: Plan | None = None
) -> tuple[str, ...]:
    """`plan`: whose outcome names them; a step of it that failed is said in its own words."""
    steps = {} if plan is None else {step.missing_name: step for step in reversed(plan.steps)}
    return tuple(
        words("incidents.missing.step", step=words.say(steps[item].describe()))
        if item in steps and item == steps[item].tag
        else _said(item, words)
        for item in items
    )


def _said(item: str, words: Catalogue) -> str:
    """What a host is prepared with has a name in words."""
    what, _, kind = item.rpartition(": ")
    if what == "item" and kind in ALL_ITEMS:
        name = words(f"hosts.preparation.item.{kind}")
        return words("hosts.preparation.missing.item", name=name)
    return words.say(missing_text(item))


def say_reason(reason: str, words: Catalogue) -> str:
    """The reason as given, or that nobody here gave one."""
    return words("incidents.claimed") if reason == CLAIMED else reason


def mode_text(mode: Mode) -> tuple[Text, Text]:
    """What a mode does, and what can be noticed inside: a sentence each."""
    return Text(f"incidents.mode.{mode}.what"), Text(f"incidents.mode.{mode}.notice")


def state_text(held: Quarantine) -> Text:
    """The state in one word; a machine that is only watched, and one whose host nobody believes,
    have their own."""
    if claim := claim_in(held.missing):
        return Text(f"containment.claimed-{claim}")
    if is_watched(held):
        return Text("incidents.state.observed")
    return Text(f"containment.{held.state}")


def is_watched(held: Quarantine) -> bool:
    """Whether it is in observe mode as it was ordered: nothing blocked, everything counted."""
    open_as_ordered = held.state is Containment.NOT_CONTAINED and not held.missing
    return held.mode is Mode.OBSERVE and open_as_ordered


def memory_text(held: Quarantine) -> Text | None:
    """That the memory which was cut off is gone, and since when it is known."""
    if held.memory_lost is None:
        return None
    at = held.memory_lost.isoformat(sep=" ", timespec="seconds")
    return Text("incidents.memory-lost", {"at": at})
