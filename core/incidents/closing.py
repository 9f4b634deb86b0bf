"""Side ways out: which a quarantine closes in its mode, and what a release gives back.

A machine that stands still uses none of them; what would pass all the same is closed. In forensic
mode whoever is inside must not see more than silence: what is left open is named.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from core.changes.live_difference import restarted
from core.changes.side_ways import (
    consoles_of,
    has_ports,
    media_of,
    plugs_of,
    serials_of,
    shared_with_host,
    sources_of,
)
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    CloseConsole,
    Eject,
    Insert,
    IsolateCard,
    LetConsoles,
    OpenConsole,
    PlugIn,
    ReturnCard,
    ShutConsoles,
    Unplug,
)
from core.changes.steps.ways import QUARANTINE_NETWORK
from core.incidents.model import Mode
from core.text import Text

At = Callable[[tuple[str, ...]], Where]
_QUIET = frozenset({Mode.FREEZE, Mode.FORENSIC})


class Reached(Struct, frozen=True):
    """`shell`: ringfence-host answers; `isolated`: the network for held cards is there; `first`:
    no earlier cut closed the consoles."""

    shell: bool
    isolated: bool
    first: bool


def closing(mode: Mode, xml: str, reached: Reached, at: At) -> Iterator[AnyStep]:
    """Close what can be closed without asking the guest."""
    if mode is Mode.OBSERVE or not xml:
        return
    if reached.shell and has_ports(xml):
        yield ShutConsoles(**at(("-consoles",)), reopen=reached.first)
    for kind in consoles_of(xml):
        yield CloseConsole(**at((f"-{kind} password",)), kind=kind, reopen=reached.first)
    for plug in plugs_of(xml):
        if plug.kind == "redirdev" or mode not in _QUIET:
            yield Unplug(
                **at((f"-{plug.kind} {plug.name}",)),
                kind=plug.kind,
                alias=plug.alias,
                name=plug.name,
                xml=plug.xml,
            )
    for medium in () if mode in _QUIET else media_of(xml):
        yield Eject(
            **at((f"-{medium.target} {medium.source}",)),
            target=medium.target,
            kind=medium.kind,
            source=medium.source,
        )
    if reached.isolated and mode is not Mode.FORENSIC:
        yield from _isolating(xml, at)


def _isolating(xml: str, at: At) -> Iterator[AnyStep]:
    for card in sources_of(xml):
        if card.name != QUARANTINE_NETWORK:
            lines = (f"-{card.mac} {card.kind} {card.name}", f"+{card.mac} {QUARANTINE_NETWORK}")
            yield IsolateCard(
                **at(lines),
                mac=card.mac,
                kind=card.kind,
                source=card.name,
                portgroup=card.portgroup,
                port_isolated=card.isolated,
            )


def named(mode: Mode, xml: str, shell: bool) -> Iterator[Text]:
    """What stays open, said before; in freeze mode the pause holds it."""
    if mode in {Mode.OBSERVE, Mode.FREEZE} or not xml:
        return
    left = [f"{plug.kind} {plug.name}" for plug in plugs_of(xml) if plug.kind != "redirdev"]
    left += [f"medium in {medium.target}" for medium in media_of(xml)]
    for way in left if mode is Mode.FORENSIC else ():
        yield Text("incidents.warning.left-open", {"way": way})
    if serials_of(xml):
        yield Text("incidents.warning.serial")
    for kind in () if shell else consoles_of(xml):
        yield Text(f"incidents.warning.{kind}-stays")


def still_shared(mode: Mode, xml: str) -> tuple[str, ...]:
    """Ways past the network that the cut does not reach while the machine runs."""
    return () if mode in {Mode.OBSERVE, Mode.FREEZE} else shared_with_host(xml)


def letting(before: str, at: At) -> Iterator[AnyStep]:
    """What stood on the host is taken away also where the machine runs anew: its ports may be
    another machine's by then."""
    if has_ports(before):
        yield LetConsoles(**at(("+consoles",)))


def giving_back(before: str, live: str, source_plan: str, at: At) -> Iterator[AnyStep]:
    """What of the running side is not as it was and is ours to give back; a machine that was
    started anew has everything of its configuration."""
    if not before or not live or restarted(before, live):
        return
    there = {(plug.kind, plug.alias) for plug in plugs_of(live)}
    for plug in plugs_of(before):
        if (plug.kind, plug.alias) not in there:
            yield PlugIn(
                **at((f"+{plug.kind} {plug.name}",)),
                kind=plug.kind,
                alias=plug.alias,
                name=plug.name,
                xml=plug.xml,
            )
    filled = {medium.target for medium in media_of(live)}
    for medium in media_of(before):
        if medium.target not in filled:
            yield Insert(
                **at((f"+{medium.target} {medium.source}",)),
                target=medium.target,
                kind=medium.kind,
                source=medium.source,
            )
    yield from returning(before, live, at)
    for kind in consoles_of(live):
        yield OpenConsole(**at((f"+{kind} password",)), kind=kind, source_plan=source_plan)


def returning(before: str, live: str, at: At) -> Iterator[AnyStep]:
    """Bring cards from the isolated network back to where `before` has them."""
    now = {card.mac: card.name for card in sources_of(live)}
    for card in sources_of(before):
        if now.get(card.mac) == QUARANTINE_NETWORK != card.name:
            lines = (f"-{card.mac} {QUARANTINE_NETWORK}", f"+{card.mac} {card.kind} {card.name}")
            yield ReturnCard(
                **at(lines),
                mac=card.mac,
                kind=card.kind,
                source=card.name,
                portgroup=card.portgroup,
                port_isolated=card.isolated,
            )
