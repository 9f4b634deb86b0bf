"""The change engine on one lab host, with a worker of one's choice."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from core.audit.log import AuditLog
from core.changes.hands import Result
from core.changes.journal import Journal
from core.changes.locks import Locks
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.changes.runner import Runner
from core.changes.seal import open_sealer
from core.facts import Machine
from core.hosts.process import Launch
from core.hosts.protocol import AnyReport, Health, Machines, Order, ReadXml, XmlTexts
from core.hosts.session import HostSession
from core.incidents.holds import Hold, HoldBook
from core.incidents.model import Mode, Wish
from core.incidents.quarantine import plan_quarantine
from core.incidents.release import before_of, plan_release
from core.keys.store import open_keys
from core.settings.fleet_file import read_fleet
from core.settings.places import Places
from tests.nobody import Nobody
from tests.unit.changes.station import now, view_of

STRICT = Wish(mode=Mode.STRICT)


class Facts:
    """Keeps the newest facts of a host and tells when it was read."""

    def __init__(self) -> None:
        self.machines: dict[str, Machine] = {}
        self.connected = asyncio.Event()

    def health_changed(self, host: str, health: Health) -> None:
        if health.state == "connected":
            self.connected.set()

    def reported(self, host: str, report: AnyReport) -> None:
        if isinstance(report, Machines):
            self.machines |= {machine.name: machine for machine in report.machines}


class Engine:
    """Journal, audit and runner of one station, and one host."""

    def __init__(self, home: Path, host: str, worker: Launch | None) -> None:
        places = Places.under(home).make()
        [entry] = [each for each in read_fleet(places.fleet_file).hosts if each.name == host]
        self.facts = Facts()
        self._host = host
        self.session = HostSession(
            entry, self.facts, places=places, prompts=Nobody(), worker=worker
        )
        keys = open_keys(places.state_dir / "keys", None)
        self.journal = Journal(places.journal_file)
        self.audit = AuditLog(places.audit_file, keys)
        self.sealer = open_sealer(keys)
        locks = Locks(places.state_dir / "locks")
        self.runner = Runner(self.journal, self, self.sealer, locks, self.audit, now)

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        return await self.session.order(order, deadline_s)

    async def quarantine(self, name: str) -> PlanOutcome:
        view = view_of(self._host, self.facts.machines[name])
        texts = await self._read(name)
        plan = plan_quarantine(view, texts, "test", "alice", now(), wish=STRICT)
        return await self.runner.run(plan)

    async def release(self, name: str) -> PlanOutcome:
        return await self.runner.run(await self.plan_release(name))

    async def plan_release(self, name: str) -> Plan:
        hold = self.hold(name)
        assert hold is not None
        before = before_of(hold, self.journal, self.sealer)
        view = view_of(self._host, self.facts.machines[name])
        texts = await self._read(name)
        return plan_release(view, texts, hold, before, "done", "bob", now())

    def hold(self, name: str) -> Hold | None:
        book = HoldBook(self.journal)
        book.refresh()
        return book.find(self._host, self.facts.machines[name].uuid)

    async def _read(self, name: str) -> XmlTexts:
        texts = await self.session.order(ReadXml(0, self.facts.machines[name].uuid))
        assert isinstance(texts, XmlTexts)
        return texts


@asynccontextmanager
async def engine(home: Path, host: str, worker: Launch | None = None) -> AsyncGenerator[Engine]:
    """An engine whose host was read once."""
    made = Engine(home, host, worker)
    made.session.start()
    try:
        await asyncio.wait_for(made.facts.connected.wait(), 60)
        yield made
    finally:
        await made.session.stop()
        made.journal.close()
        made.audit.close()
