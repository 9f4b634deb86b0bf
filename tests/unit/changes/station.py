"""A small station on a folder: journal, sealer, locks, audit and runner, and one machine."""

from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from core.audit.log import AuditLog
from core.changes.hands import Hands
from core.changes.journal import Journal
from core.changes.killpoints import KillPoints
from core.changes.locks import Locks
from core.changes.plan import Plan
from core.changes.runner import Runner
from core.changes.seal import open_sealer
from core.facts import Confinement, Machine, MachineRow, MachineState
from core.fleet.model import Key, LabelView, MachineView, Ownership
from core.hosts.protocol import Applied, ReadState, ReadXml, XmlTexts
from core.incidents.going_on import template_of
from core.incidents.holds import Hold, HoldBook
from core.incidents.host_memory import memory_of
from core.incidents.model import How, Mode, Wish
from core.incidents.quarantine import plan_quarantine
from core.incidents.reach import reach_of
from core.incidents.release import before_from, before_of, plan_release
from core.incidents.remembered import of_both
from core.keys.operator import operator_key
from core.keys.store import open_keys
from core.posture.model import Score
from tests.unit.changes.simulator import UUID, Simulated, SimulatedHost, machine_xml

HOST = "hv1"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NOBODY = Ownership("", "")
STRICT = Wish(mode=Mode.STRICT)


def now() -> datetime:
    return datetime.now(UTC)


class Station:
    """Everything a run needs, as one process has it open."""

    def __init__(self, folder: Path, hands: Hands, points: KillPoints | None = None) -> None:
        keys = open_keys(folder / "keys", None)
        self.hands = hands
        self.journal = Journal(folder / "journal.sqlite3")
        self.sealer = open_sealer(keys)
        self.audit = AuditLog(folder / "audit.sqlite3", keys)
        self.locks = Locks(folder / "locks")
        self.operator = operator_key(keys)
        self.runner = Runner(
            self.journal,
            hands,
            self.sealer,
            self.locks,
            self.audit,
            now,
            points,
            lambda: self.operator,
        )

    def close(self) -> None:
        self.journal.close()
        self.audit.close()

    async def quarantine(self, autostart: bool = True, wish: Wish = STRICT) -> Plan:
        reach = await reach_of(self.hands, HOST, UUID)
        memory = await memory_of(self.hands, HOST, UUID)
        texts, seen = await self._xml(), await self.view(autostart)
        hold = of_both(self.hold(), HOST, memory)
        return plan_quarantine(seen, texts, "test", "alice", now(), hold, reach, wish, memory)

    async def release(self, how: How = How.RESUME) -> Plan:
        memory = await memory_of(self.hands, HOST, UUID)
        hold = of_both(self.hold(), HOST, memory)
        before = None
        if hold is not None:
            own = not hold.from_host
            before = before_of(hold, self.journal, self.sealer) if own else before_from(memory)
        seen, texts = await self.view(), await self._xml()
        named = "images/template" if how is How.REBUILD else ""
        template = await template_of(self.hands, HOST, how, named)
        return plan_release(
            seen, texts, hold, before, "done", "bob", now(), memory, how=how, template=template
        )

    def hold(self) -> Hold | None:
        book = HoldBook(self.journal)
        book.refresh()
        return book.find(HOST, UUID)

    async def view(self, autostart: bool = True) -> MachineView:
        seen = await self.hands.order(HOST, ReadState(0, UUID))
        assert isinstance(seen, Applied)
        return view(autostart, state=MachineState(seen.value))

    async def _xml(self) -> XmlTexts:
        texts = await self.hands.order(HOST, ReadXml(0, UUID))
        assert isinstance(texts, XmlTexts)
        return texts


def view(
    autostart: bool = True,
    stale: bool = False,
    read_only: bool = False,
    state: MachineState = MachineState.RUNNING,
) -> MachineView:
    return MachineView(
        key=Key(HOST, UUID),
        row=MachineRow(UUID, "web", state, autostart=autostart),
        machine=None,
        read_only=read_only,
        stale=stale,
        last_seen=NOW,
        zones=(),
        tenant=NOBODY,
        risk=NOBODY,
        label=LabelView(Confinement.NO_DRIVER, None, ()),
        findings=(),
        score=Score(100, "A", {}, None),
        trend=None,
        quarantine=None,
    )


def view_of(host: str, machine: Machine) -> MachineView:
    """The row of a machine as its host reported it."""
    row = MachineRow(machine.uuid, machine.name, machine.state)
    return structs.replace(view(), key=Key(host, machine.uuid), row=row, machine=machine)


def new_machine(folder: Path, running: bool = True, hostdev: bool = False) -> SimulatedHost:
    host = SimulatedHost(folder)
    live = machine_xml(running=True, hostdev=hostdev) if running else ""
    host.put(Simulated(live, machine_xml(running=False, hostdev=hostdev)))
    return host
