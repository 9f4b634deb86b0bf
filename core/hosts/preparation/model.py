"""How a host stands: its items as they were read, and what cannot be had there and why."""

import re

from msgspec import Struct

from core.changes.outcome import PlanOutcome, PlanState
from core.hosts.helper.on_host.prepare_items import PREPARED_ITEMS, SELINUX_ITEM, SUDOERS_ITEM
from core.hosts.helper.preparation import Operator, PlaceOnHost, PreparationSeen, WantedPreparation
from core.hosts.quarantine_network import QUARANTINE_NETWORK_XML
from core.text import RingfenceError, Text

NETWORK_ITEM, KEEP_RUNS = "network", "keep"
OURS, UNKNOWN = "ours", "unknown"
# All that a prepared host has, in the order in which it comes.
ALL_ITEMS = (*PREPARED_ITEMS, NETWORK_ITEM, KEEP_RUNS)
_WORST_FIRST = (
    *("foreign", "drifted", "missing", "loading", "stopped", "outdated", "absent"),
    UNKNOWN,
)
_UNNAMED = re.compile(r"[^A-Za-z0-9._@-]+")
_KEY = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_GROUP = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class Wishes(Struct, frozen=True):
    """What a person asks for; what is left open stays as the host has it."""

    operators: tuple[Operator, ...] = ()
    two_people: bool | None = None
    sudo_group: str = ""


class StatusItem(Struct, frozen=True):
    """One line of the table. `unknown`: it cannot be read there."""

    item: str
    state: str
    places: tuple[PlaceOnHost, ...] = ()
    difference: tuple[str, ...] = ()


class HostStatus(Struct, frozen=True):
    """`seen` is None where nothing of ours can run; `why` says why, and so for the network."""

    host: str
    wanted: WantedPreparation
    seen: PreparationSeen | None
    network: str
    why: Text | None = None
    network_why: Text | None = None

    @property
    def items(self) -> tuple[StatusItem, ...]:
        return tuple(self._item(name) for name in ALL_ITEMS if self._belongs(name))

    @property
    def state(self) -> str:
        """prepared, unprepared, or what is worst about it."""
        states = {item.state for item in self.items if item.state != OURS}
        if self.seen is None:
            return UNKNOWN
        if not self.seen.prepared:
            return "foreign" if "foreign" in states else "unprepared"
        for worst in _WORST_FIRST:
            if worst in states:
                return worst
        return "restart" if self.seen.waiting else "prepared"

    def _belongs(self, name: str) -> bool:
        if name == SELINUX_ITEM:
            return self.seen is not None and self.seen.item(name) is not None
        return name != SUDOERS_ITEM or bool(self.wanted.sudo)

    def _item(self, name: str) -> StatusItem:
        if name == NETWORK_ITEM:
            lines = tuple(f"+{line}" for line in QUARANTINE_NETWORK_XML.splitlines())
            return StatusItem(name, self.network, (), () if self.network == OURS else lines)
        if self.seen is None:
            return StatusItem(name, UNKNOWN)
        if name == KEEP_RUNS:
            stopped = "stopped" if self.seen.prepared else "absent"
            return StatusItem(name, stopped if self.seen.keep == "stopped" else OURS)
        found = self.seen.item(name)
        if found is None:
            return StatusItem(name, "absent")
        return StatusItem(name, found.state, found.places, found.difference)


def merged(
    known: WantedPreparation | None, wishes: Wishes, own_name: str, own_key: str
) -> WantedPreparation:
    """What the host shall be prepared with: what it has, what is asked for, and this station.

    Raises:
        RingfenceError: prepare-operator, prepare-group, prepare-one-person.
    """
    operators = {each.name: each.key for each in (known.operators if known else ())}
    operators.update((each.name, each.key) for each in wishes.operators)
    if own_key not in operators.values():
        name = operator_name(own_name)
        operators[name if name not in operators else f"{name[:55]}-{own_key[:8]}"] = own_key
    two_people = wishes.two_people
    if two_people is None:
        two_people = known.two_people if known else False
    if two_people and len(set(operators.values())) < 2:
        raise RingfenceError("prepare-one-person")
    if wishes.sudo_group and not _GROUP.fullmatch(wishes.sudo_group):
        raise RingfenceError("prepare-group", name=wishes.sudo_group)
    sudo = f"%{wishes.sudo_group}" if wishes.sudo_group else known.sudo if known else ""
    pairs = tuple(Operator(name, key) for name, key in sorted(operators.items()))
    return WantedPreparation(pairs, two_people, sudo)


def operator_name(text: str) -> str:
    """A person at a desk as a file's name."""
    return _UNNAMED.sub("-", text).strip("-._@")[:64] or "station"


def parse_operator(text: str) -> Operator:
    """NAME=HEX, as it is typed.

    Raises:
        RingfenceError: prepare-operator.
    """
    name, _, key = text.partition("=")
    key = key.strip().lower()
    if not _NAME.fullmatch(name) or not _KEY.fullmatch(key):
        raise RingfenceError("prepare-operator", text=text[:120])
    return Operator(name, key)


def after_failure(kind: str, outcome: PlanOutcome, host: str) -> Text | None:
    """What stays on a host whose preparation did not come to its end."""
    if kind != "prepare" or outcome.state in {PlanState.DONE, PlanState.PARTIAL}:
        return None
    word = "back" if outcome.state is PlanState.ROLLED_BACK else "stays"
    return Text(f"hosts.preparation.after.{word}", {"host": host})
