"""What the admin stands on, and the reasons for which an action is not possible there.

A reason is a message code: the same words appear in the tooltip of the menu entry, in the
palette and in the status line when its key is pressed all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.fleet.model import HostView, MachineView
from core.incidents.model import Containment
from core.text import Text


@dataclass(frozen=True, slots=True)
class Situation:
    """The selection and what surrounds it."""

    machines: tuple[MachineView, ...] = ()
    host: HostView | None = None
    shown: int = 0
    hosts: int = 0
    filtered: bool = False
    demo: bool = False
    suspects: frozenset[str] = frozenset()  # hosts that are not believed


Need = Callable[[Situation], Text | None]


def some_machine(now: Situation) -> Text | None:
    return None if now.machines else Text("window.why.no-machine")


def one_machine(now: Situation) -> Text | None:
    if len(now.machines) == 1:
        return None
    return Text("window.why.one-machine") if now.machines else Text("window.why.no-machine")


def writable(now: Situation) -> Text | None:
    """Every selected machine's host was opened for writing."""
    closed = next((view for view in now.machines if view.read_only), None)
    return Text("window.why.read-only", {"host": closed.host}) if closed else None


def reachable(now: Situation) -> Text | None:
    stale = next((view for view in now.machines if view.stale), None)
    return Text("window.why.stale", {"host": stale.host}) if stale else None


def contained(view: MachineView) -> bool:
    """Whether a cut is proved; a mark in the machine's own metadata never is."""
    held = view.quarantine
    return held is not None and held.state is Containment.CONTAINED


def held_machine(now: Situation) -> Text | None:
    if any(view.quarantine is not None for view in now.machines):
        return None
    return Text("window.why.none-held")


def some_row(now: Situation) -> Text | None:
    return None if now.shown else Text("window.why.no-rows")


def some_host(now: Situation) -> Text | None:
    return None if now.hosts else Text("window.why.no-hosts")


def one_host(now: Situation) -> Text | None:
    return None if now.host else Text("window.why.no-host")


def suspect_host(now: Situation) -> Text | None:
    if now.host is None:
        return Text("window.why.no-host")
    trusted = now.host.name not in now.suspects
    return Text("window.why.host-trusted", {"host": now.host.name}) if trusted else None


def own_host(now: Situation) -> Text | None:
    """The host stands in fleet.toml; the demo fleet's hosts do not."""
    if now.host is None:
        return Text("window.why.no-host")
    return Text("window.why.demo-host") if now.host.entry.demo_facts else None


def filtered(now: Situation) -> Text | None:
    return None if now.filtered else Text("window.why.no-filter")
