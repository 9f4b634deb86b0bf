"""Narrow the table to what the admin wants to see, always through the filter box."""

from typing import TYPE_CHECKING

from core.facts import Unknown
from core.fleet.query.tree import Term

if TYPE_CHECKING:
    from gui.window import MainWindow


def find(window: "MainWindow") -> None:
    window.filter_bar.focus()


def clear_filter(window: "MainWindow") -> None:
    window.filter_bar.set_text("")


def same_host(window: "MainWindow") -> None:
    _either(window, "host", [view.host for view in window.situation().machines])


def same_zone(window: "MainWindow") -> None:
    names = [
        member.zone.name
        for view in window.situation().machines
        if not isinstance(view.zones, Unknown)
        for member in view.zones
    ]
    _either(window, "zone", names or ["none"])


def same_tenant(window: "MainWindow") -> None:
    _either(window, "tenant", [view.tenant.value or "none" for view in window.situation().machines])


def held_only(window: "MainWindow") -> None:
    window.filter_bar.set_text("quarantine:yes")


def term(field: str, value: str) -> str:
    """Return one term of the filter language, quoted where it must be."""
    return str(Term(field, ":", (value,)))


def _either(window: "MainWindow", field: str, values: list[str]) -> None:
    distinct = dict.fromkeys(values)
    window.filter_bar.set_text(" or ".join(term(field, value) for value in distinct))
