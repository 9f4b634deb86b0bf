"""What of ours a host has, as its own shell told: every file beside what it should be."""

from msgspec import Struct


class PreparedItem(Struct, frozen=True, gc=False):
    """`state`: ours, outdated, missing, drifted; unknown: it is hidden from us."""

    item: str
    state: str
    path: str


class HostPreparation(Struct, frozen=True, gc=False, tag="preparation"):
    """`keeping`: our keeper runs there. Without a preparation only what was left is listed."""

    prepared: bool
    items: tuple[PreparedItem, ...] = ()
    operators: tuple[str, ...] = ()  # name and the beginning of the key
    two_people: bool = False
    keeping: bool = False
