"""Everything the command palette can do or go to, gathered from the window of this moment."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from core.fleet.summary import failing
from core.posture.model import Finding
from core.text import Catalogue
from gui.actions import ACTIONS
from gui.command_palette import Thing
from gui.keys_overlay import key_words
from gui.operations import going
from gui.operations.finding import term
from gui.plain import one_line

if TYPE_CHECKING:
    from gui.window import MainWindow

ACTION_WEIGHT, VIEW_WEIGHT, HOST_WEIGHT, MACHINE_WEIGHT = 4, 3, 2, 1


def gather(window: "MainWindow") -> Iterator[Thing]:
    yield from _actions(window)
    yield from _places(window)
    yield from _machines(window)
    yield from _findings(window)


def _actions(window: "MainWindow") -> Iterator[Thing]:
    t = window.t
    for action in ACTIONS:
        if action.id != "palette":
            yield Thing(
                t(action.code),
                t("window.palette.action"),
                action.icon or "chevron-right",
                partial(window.trigger, action.id),
                key_words(action.key) if action.key else t("window.palette.action"),
                window.board.why_not(action.id),
                ACTION_WEIGHT,
            )


def _places(window: "MainWindow") -> Iterator[Thing]:
    t = window.t
    for view in window.views():
        yield Thing(
            one_line(view.name),
            t("window.palette.view"),
            "bookmark",
            partial(going.go_to, window, "view", view.name),
            weight=VIEW_WEIGHT,
        )
    for name in window.fleet_view.hosts:
        yield Thing(
            one_line(name),
            t("window.palette.host"),
            "server",
            partial(going.go_to, window, "host", name),
            weight=HOST_WEIGHT,
        )
    for zone in window.fleet_view.zones:
        yield Thing(
            one_line(zone.name),
            t("window.palette.zone"),
            "layers",
            partial(going.go_to, window, "zone", zone.name),
            weight=HOST_WEIGHT,
        )


def _machines(window: "MainWindow") -> Iterator[Thing]:
    for key, view in window.fleet_view.machines.items():
        yield Thing(
            one_line(view.name),
            one_line(view.host),
            "lock" if view.quarantine else "monitor",
            partial(going.show_machine, window, key),
            weight=MACHINE_WEIGHT,
        )


def _findings(window: "MainWindow") -> Iterator[Thing]:
    """One line a check that fails somewhere: what was found, or on how many machines."""
    found: dict[str, list[Finding]] = {}
    for view in window.fleet_view.machines.values():
        for check, one in {one.check: one for one in failing(view)}.items():
            found.setdefault(check, []).append(one)
    t = window.t
    for check, each in sorted(found.items()):
        yield Thing(
            _failure(check, each, t),
            t("window.palette.finding", count=len(each)),
            "shield-alert",
            partial(window.filter_bar.set_text, term("finding", check)),
        )


def _failure(check: str, found: list[Finding], t: Catalogue) -> str:
    """A check's claim is named as not met; one finding alone speaks for itself."""
    if len(found) == 1:
        return f"{check}  {one_line(t.say(found[0].message))}"
    return f"{check}  {t('window.palette.not-met', title=t(f'check.{check}.title'))}"
