"""Keeping held machines held while nobody is connected.

The kernel tells when a device appears and when a table of ours is changed; what is broken is made
whole at once, and how long it was open is written down. A look at everything every few seconds
catches what no news told.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from typing import Any, NamedTuple

from core.hosts.helper.on_host.consoles import forget_consoles
from core.hosts.helper.on_host.disks_held import definitions_mark, look_after_disks
from core.hosts.helper.on_host.documents import Held
from core.hosts.helper.on_host.files import packed, put, take_away
from core.hosts.helper.on_host.happenings import (
    BARRIER_BACK,
    BARRIER_GONE,
    GAP,
    STOPPED,
    alone,
    alone_if_soon,
    happened,
)
from core.hosts.helper.on_host.holds import held_uuids, hold_file, record_of, released
from core.hosts.helper.on_host.listing import seen
from core.hosts.helper.on_host.machines import host_macs, machine_of
from core.hosts.helper.on_host.netlink import KernelNews, News
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.raising import raise_barrier
from core.hosts.helper.on_host.values import Refused

LOOK_S = 5.0
# A device is there before its machine has it: after news of one, look for a while.
BURST_S, BURST_TICK_S = 2.0, 0.01
MOVES = 5


class Wanted(NamedTuple):
    """The barrier that a hold asks for."""

    macs: tuple[str, ...]
    doors: tuple[tuple[str, int], ...]
    observe: bool


def wanted_of(held: Held | None) -> Wanted:
    """A document that cannot be believed holds everything its machine has."""
    return Wanted(held.macs, held.doors, held.observes) if held else Wanted((), (), False)


def stands(found: dict[str, Any], wanted: Wanted) -> bool:
    """Whether what was read is the barrier that is wanted, or a stricter one."""
    if wanted.observe and found["observing"]:
        return True
    doors = {(door["station"], door["port"]) for door in found["doors"]}
    held = all(card["bridge"] and card["ingress"] and card["egress"] for card in found["cards"])
    named = set(wanted.macs) <= set(found["macs"])
    return bool(found["bridge"]) and held and named and doors <= set(wanted.doors)


def unnamed(found: dict[str, Any]) -> set[str]:
    """Addresses of cards that are behind the barrier but not yet blocked everywhere: libvirt tells
    them some time after the device is there."""
    if found["observing"]:
        return set()
    macs = {card["mac"] for card in found["cards"] if card["mac"]} - set(found["macs"])
    return macs - host_macs(()) if macs else macs


def raise_wanted(uuid: str, wanted: Wanted, here: Places) -> dict[str, Any]:
    raise_barrier(uuid, wanted.macs, wanted.doors, wanted.observe, here)
    return seen_at_rest(uuid)


def seen_at_rest(uuid: str) -> dict[str, Any]:
    """What stands, also when the machine starts or ends meanwhile."""
    for _ in range(MOVES):
        try:
            return seen(uuid)
        except Refused as refused:
            if refused.code != "helper-machine-moved":
                raise
        time.sleep(BURST_TICK_S)
    return seen(uuid)


class Watch:
    """One held machine: when it was last seen whole, and what its cards were."""

    def __init__(self, here: Places, uuid: str) -> None:
        self._here = here
        self._uuid = uuid
        self._mark: tuple[int, int] = (0, 0)
        self._wanted: Wanted | None = None
        self._whole_at = time.monotonic()
        self._open_since = 0.0  # 0: whole, as far as is known
        self._told_gone = False
        self._cards: tuple[int, tuple[int, ...]] = (0, ())
        self._definitions: tuple[int, ...] = ()  # of no look yet

    def wanted(self) -> Wanted | None:
        """Read the hold again if its file is another one; None once it was given up."""
        try:
            found = hold_file(self._here, self._uuid).lstat()
        except FileNotFoundError:
            return None
        mark = (found.st_mtime_ns, found.st_ino)
        if mark != self._mark:
            record = record_of(self._here, self._uuid)
            if record is None:
                return None
            given_up = record.values.get("lowered") is True and released(self._here, record)
            self._wanted, self._mark = None if given_up else wanted_of(record.held), mark
        return self._wanted

    def new_cards(self) -> bool:
        """Whether its process or its devices are others than those last held; cheap."""
        machine = machine_of(self._uuid)
        return (machine.pid, tuple(card.number for card in machine.cards)) != self._cards

    def _raised(self) -> Wanted | None:
        """Raise what the hold asks for now. A release says first that it lowers the barrier: it
        waits for us, or we for what it says; never is it raised behind its back."""
        with alone_if_soon(self._here.holds):
            wanted = self.wanted()
            if wanted is not None:
                raise_barrier(self._uuid, *wanted, self._here)
        return wanted

    def look(self, since: float, why: str) -> None:
        """Make it whole if it is not; `since`: when the news came that it may be open."""
        wanted = self.wanted()
        if wanted is None:
            return
        try:
            found = seen_at_rest(self._uuid)
            open_now = not stands(found, wanted)
            if open_now or unnamed(found):
                wanted = self._raised()
                if wanted is None:
                    return
                if open_now:
                    self._open_since = self._open_since or since or self._whole_at
                found = seen_at_rest(self._uuid)
            whole = stands(found, wanted)
        except (Refused, OSError) as refused:
            whole, found = False, {}
            why = f"{why}: {' '.join(map(str, refused.args))}"
        with suppress(Refused, OSError):  # it ends, or there is no room: the next look tells
            self._tell(whole, found, why)

    def look_at_disks(self) -> None:
        """Not once its release has lowered the barrier."""
        mark = definitions_mark()
        with suppress(Refused, OSError):  # the next look tries again
            if self.wanted() is None:
                return
            look_after_disks(self._uuid, self._here, anew=mark != self._definitions)
            self._definitions = mark

    def _tell(self, whole: bool, found: dict[str, Any], why: str) -> None:
        if whole:
            self._is_whole(found, why)
        elif not self._told_gone:
            happened(self._here, self._uuid, BARRIER_GONE, why)
            self._told_gone = True

    def _is_whole(self, found: dict[str, Any], why: str) -> None:
        now = time.monotonic()
        if self._open_since:
            what = BARRIER_BACK if self._told_gone else GAP
            happened(self._here, self._uuid, what, why, now - self._open_since)
        self._open_since, self._told_gone, self._whole_at = 0.0, False, now
        self._remember(found)

    def _remember(self, found: dict[str, Any]) -> None:
        """Names of taps are kept only for as long as this process of the machine runs."""
        machine = machine_of(self._uuid)
        cards = (machine.pid, tuple(card["number"] for card in found["cards"]))
        if cards == self._cards:
            return
        if self._cards[0] and not machine.pid:
            happened(self._here, self._uuid, STOPPED)
            forget_consoles(self._uuid)
        self._cards, file = cards, self._here.run / f"{self._uuid}.json"
        if machine.pid:
            kept = ("number", "device", "mac")
            lines = [{name: card[name] for name in kept} for card in found["cards"]]
            put(file, packed({"uuid": self._uuid, "pid": machine.pid, "cards": lines}))
        else:
            take_away(file)


class Keeper:
    def __init__(self, here: Places, news: KernelNews) -> None:
        self._here = here
        self._news = news
        self._watches: dict[str, Watch] = {}
        self._burst_since = self._burst_until = 0.0
        self._next_look = 0.0

    def look_at_all(self, since: float, why: str) -> None:
        for watch in self.watches().values():
            watch.look(since, why)
        for watch in self._watches.values():
            watch.look_at_disks()
        self._next_look = time.monotonic() + LOOK_S

    def watches(self) -> dict[str, Watch]:
        held = held_uuids(self._here)
        self._watches = {uuid: self._watches.get(uuid) or Watch(self._here, uuid) for uuid in held}
        return self._watches

    def turn(self) -> None:
        """Wait for news, or until it is time to look, and act on it."""
        now = time.monotonic()
        in_burst = bool(self._watches) and now < self._burst_until
        if in_burst:
            self._next_look = min(self._next_look, self._burst_until)
        news = self._news.wait(BURST_TICK_S if in_burst else self._next_look - now)
        heard = time.monotonic()
        self._act(news, heard)
        if heard >= self._next_look:
            self.look_at_all(0.0, "seen late")

    def _act(self, news: News, heard: float) -> None:
        if news.lost:
            self.look_at_all(heard, "news lost")
        for uuid, watch in self.watches().items() if news.tables else ():
            if uuid in news.tables:
                watch.look(heard, "rules changed")
        if news.links:
            self._burst_since = heard if heard >= self._burst_until else self._burst_since
            self._burst_until = heard + BURST_S
        if heard < self._burst_until:
            for watch in self.watches().values():
                self._look_for_cards(watch)

    def _look_for_cards(self, watch: Watch) -> None:
        with suppress(Refused, OSError):  # it starts or ends at this very moment: the next tells
            if watch.wanted() is not None and watch.new_cards():
                watch.look(self._burst_since, "new card")


def keep(here: Places = HERE) -> None:
    """Until a signal ends it; alone on its host."""
    here.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (here.run / "keep.lock").open("wb") as lock:
        if not alone(lock):
            return
        news = KernelNews()
        try:
            keeper = Keeper(here, news)
            keeper.look_at_all(time.monotonic(), "open when the keeper started")
            tell_ready()
            while True:
                keeper.turn()
        except KeyboardInterrupt:
            return
        finally:
            news.close()


def tell_ready() -> None:
    """What systemd waits for before it starts libvirt."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place:
        address = "\0" + place[1:] if place[0] == "@" else place
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"READY=1", address)
