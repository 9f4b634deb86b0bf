"""What happens to held machines goes on record: each thing once, whichever process saw it."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from msgspec import structs

from core.audit.log import AuditLog
from core.audit.record import Entry
from core.fleet.live import LiveFleet
from core.fleet.model import FleetChanges, FleetView, Key, MachineView
from core.incidents.ended import NOTICED
from core.incidents.model import Quarantine
from core.incidents.news import GAP, HAPPENED, HELD_ELSEWHERE, MEMORY_LOST, RELEASE_ASKED, News
from core.incidents.news import news_of as told_of
from core.text import RingfenceError

_LOG = logging.getLogger("ringfence.station")
KEPT = frozenset({GAP, HAPPENED, HELD_ELSEWHERE, MEMORY_LOST, RELEASE_ASKED})


class Chronicle:
    """Writes to the audit log while a station watches. What cannot be written is tried again."""

    def __init__(
        self, audit: Callable[[], AuditLog], ended: Callable[[], Iterable[Entry]] = tuple
    ) -> None:
        self._audit = audit
        self._ended = ended  # of holds that others ended, what was not told yet
        self._seen: dict[Key, Quarantine | None] = {}
        self.waiting: list[Entry] = []
        self._wake = asyncio.Event()

    async def keep(self, fleet: LiveFleet) -> None:
        """Follow the view until cancelled."""

        def look(view: FleetView, changes: FleetChanges) -> None:
            for key in (*changes.added, *changes.changed):
                if key in view.machines:
                    self.take(view.machines[key])
            self.take_ends()

        for machine in fleet.view.machines.values():
            self.take(machine)
        self.take_ends()
        cancel = fleet.subscribe(look)
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._write()
        finally:
            cancel()

    def take(self, machine: MachineView) -> None:
        """Compare with what was seen before; at first sight all that its host remembers is new."""
        after = machine.quarantine
        before = self._seen.get(machine.key) or (None if after is None else _bare(after))
        self._seen[machine.key] = after
        news = [each for each in told_of(before, after) if each.what in KEPT and each.case]
        if news:
            self.waiting += [entry_of(each, machine.target) for each in news]
            self._wake.set()

    def take_ends(self) -> None:
        """Another station ended a hold that we knew."""
        if fresh := tuple(self._ended()):
            self.waiting += fresh
            self._wake.set()

    async def _write(self) -> None:
        while self.waiting:
            try:
                await asyncio.to_thread(self._append, self.waiting[0])
            except RingfenceError as error:
                _LOG.warning("what happened to a held machine is not on record: %s", error)
                return
            del self.waiting[0]

    def _append(self, entry: Entry) -> None:
        self._audit().append_once(entry)


def entry_of(news: News, target: str) -> Entry:
    """One entry; the same news makes the same entry in every process."""
    words = {"at": news.at.isoformat(), **news.values}
    detail = "; ".join(f"{name}={value}" for name, value in words.items())
    return Entry(f"hold-{news.what}", NOTICED, case=news.case, targets=(target,), detail=detail)


def _bare(seen: Quarantine) -> Quarantine:
    return structs.replace(seen, gaps=(), happened=(), memory_lost=None, asked_by="")
