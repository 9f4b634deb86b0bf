"""What the case panel asks of the station; everything waits off the loop."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.evidence_index import evidence_of
from core.incidents.cases.model import Case
from core.incidents.cases.story import Story, story_of
from core.reports.case import case_page
from core.station import Station
from core.text import Catalogue, RingfenceError

Write = Callable[[CaseDesk], None]


class CaseDoor(Protocol):
    """Reads cases and adds to them. All raise RingfenceError with the reason."""

    async def all(self) -> tuple[Case, ...]: ...

    async def story(self, case: str) -> Story: ...

    async def write(self, write: Write) -> None: ...

    async def page(self, case: str) -> str: ...


class StationCases:
    """The station's cases; its record is verified when a report is made."""

    def __init__(self, station: Station, words: Catalogue) -> None:
        self._station = station
        self._words = words

    async def all(self) -> tuple[Case, ...]:
        return await asyncio.to_thread(self._station.cases.all)

    async def story(self, case: str) -> Story:
        return await asyncio.to_thread(self._story, case)

    async def write(self, write: Write) -> None:
        await asyncio.to_thread(write, self._desk())
        self._station.look_at_trust()

    async def page(self, case: str) -> str:
        return await asyncio.to_thread(self._page, case)

    def _desk(self) -> CaseDesk:
        station = self._station
        return CaseDesk(station.cases, lambda entry: station.audit.append(entry), station.operator)

    def _story(self, case: str) -> Story:
        station = self._station
        index = evidence_of(station.places.cases_dir, station.cases.need(case).id)
        return story_of(station.cases, case, station.settings.contacts, evidence=index)

    def _page(self, case: str) -> str:
        station = self._station
        try:
            chain, head = station.audit.verify(station.journal), station.audit.head()
        except RingfenceError:
            chain, head = None, None
        index = evidence_of(station.places.cases_dir, station.cases.need(case).id)
        story = story_of(
            station.cases,
            case,
            station.settings.contacts,
            evidence=index,
            chain=chain,
            head=head,
        )
        return case_page(story, self._words, datetime.now(UTC))
