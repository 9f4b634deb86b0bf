"""The same engine on a real worker process with libvirt's test driver in it.

The driver refuses live changes: the cut is made in the configuration and the result says partial.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from core.changes.hands import Result
from core.changes.outcome import PlanState, StepState
from core.changes.plan import Plan
from core.facts import Machine
from core.hosts.protocol import AnyReport, Health, Machines, Order, ReadXml, XmlTexts
from core.hosts.session import HostSession
from core.incidents.holds import HoldBook
from core.incidents.quarantine import plan_quarantine
from core.incidents.release import before_of, plan_release
from core.incidents.state import observed
from core.settings.model import HostEntry
from core.settings.places import Places
from tests.nobody import Nobody
from tests.unit.changes.station import STRICT, Station, now, view_of

HOST = "demo"
UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f"
MAC = "aa:bb:cc:dd:ee:ff"


class Listener:
    """Keeps the newest facts."""

    def __init__(self) -> None:
        self.machines: dict[str, Machine] = {}
        self.connected = asyncio.Event()

    def health_changed(self, host: str, health: Health) -> None:
        if health.state == "connected":
            self.connected.set()

    def reported(self, host: str, report: AnyReport) -> None:
        if isinstance(report, Machines):
            self.machines |= {machine.uuid: machine for machine in report.machines}


class SessionHands:
    def __init__(self, session: HostSession) -> None:
        self._session = session

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        return await self._session.order(order, deadline_s)


@asynccontextmanager
async def real_host(folder: Path) -> AsyncGenerator[tuple[Station, Listener]]:
    listener = Listener()
    places = Places.under(folder).make()
    entry = HostEntry(HOST, "test:///default")
    session = HostSession(entry, listener, places=places, prompts=Nobody())
    session.start()
    station = Station(folder, SessionHands(session))
    try:
        await asyncio.wait_for(listener.connected.wait(), 20)
        yield station, listener
    finally:
        station.close()
        await session.stop()


async def read(station: Station, secure: bool = False) -> XmlTexts:
    texts = await station.hands.order(HOST, ReadXml(0, UUID, secure))
    assert isinstance(texts, XmlTexts)
    return texts


async def quarantine(station: Station, listener: Listener) -> Plan:
    view = view_of(HOST, listener.machines[UUID])
    return plan_quarantine(view, await read(station), "test", "alice", now(), wish=STRICT)


def test_quarantine_and_release_on_the_test_driver(tmp_path: Path) -> None:
    asyncio.run(there_and_back(tmp_path))


async def there_and_back(folder: Path) -> None:
    async with real_host(folder) as (station, listener):
        before = await read(station, secure=True)
        outcome = await station.runner.run(await quarantine(station, listener))
        assert outcome.state is PlanState.PARTIAL, outcome
        assert outcome.missing == (f"{MAC}: live",)
        assert outcome.steps[0].state is StepState.REFUSED
        assert "down" in (await read(station)).stored

        book = HoldBook(station.journal)
        assert book.refresh()
        hold = book.find(HOST, UUID)
        assert hold is not None
        saved = before_of(hold, station.journal, station.sealer)
        view = view_of(HOST, listener.machines[UUID])
        quarantine_state = observed(hold, listener.machines[UUID], False, now())
        assert quarantine_state is not None
        release = plan_release(view, await read(station), hold, saved, "done", "bob", now())
        outcome = await station.runner.run(release)
        assert outcome.state is PlanState.DONE, outcome
        assert (await read(station, secure=True)).stored == before.stored
        assert station.audit.verify(station.journal).good
