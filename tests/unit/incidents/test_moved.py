"""A held machine that was moved is held where it is now, and what was before goes with it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.hands import Result
from core.changes.outcome import PlanState
from core.fleet.model import FleetView, HostView, Key, MachineView
from core.hosts.helper.holds import HoldsSeen, ReadHolds
from core.hosts.protocol import Health, Order
from core.incidents.desk import IncidentDesk
from core.incidents.hold_again import HoldAgain
from core.incidents.holds import HoldBook
from core.incidents.model import Containment, Mode, Wish
from core.incidents.moved import moved_to
from core.incidents.moved_here import MOVED_HERE, came_from, here_from
from core.incidents.state import observed
from core.incidents.words import missing_text
from core.settings.model import HostEntry
from tests.unit.changes.host_memory import prepare
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID, Simulated, SimulatedHost, machine_xml
from tests.unit.changes.station import NOW, Station, new_machine, now, view
from tests.unit.incidents.test_state import DOWN, SEEN, UP, machine

HERE, THERE = "hv1", "hv2"


class TwoHosts:
    """Gives orders to the host that is named."""

    def __init__(self, hosts: dict[str, SimulatedHost]) -> None:
        self.hands = {name: NearHands(host) for name, host in hosts.items()}

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        return await self.hands[host].order(host, order, deadline_s)


class Cluster:
    def __init__(self, folder: Path, prepared: bool = True) -> None:
        self.hosts: dict[str, SimulatedHost] = {}
        for name in (HERE, THERE):
            (folder / name).mkdir()
            self.hosts[name] = new_machine(folder / name)
        self.hands = TwoHosts(self.hosts)
        self.station = Station(folder, self.hands)
        for name in (HERE, THERE) if prepared else ():
            prepare(folder / name, self.station.operator.public_hex)
        self.book = HoldBook(self.station.journal)
        self.desk = IncidentDesk(
            hands=self.hands,
            journal=self.station.journal,
            runner=self.station.runner,
            sealer=self.station.sealer,
            operator="ann@desk",
        )
        self.again = HoldAgain(self.desk, self.station.runner, self.book, ", ".join, now)

    def view(self, where: str) -> FleetView:
        machine = structs.replace(view(), key=Key(where, UUID))
        hosts = {name: _host(name) for name in self.hosts}
        return FleetView(hosts, {machine.key: machine}, (), machine.score, (), demo=False)

    def machine(self, where: str) -> MachineView:
        return self.view(where).machines[Key(where, UUID)]

    def move(self) -> None:
        """As a live migration does: the links stay as they were cut."""
        held = self.hosts[HERE].state()
        self.hosts[THERE].put(Simulated(held.live, held.stored, autostart=False))

    def remembers(self, where: str) -> HoldsSeen:
        seen = self.hosts[where].obey(ReadHolds(0))
        assert isinstance(seen, HoldsSeen)
        return seen


def _host(name: str) -> HostView:
    entry, health = HostEntry(name, "test:///default"), Health("connected", NOW)
    return HostView(entry, health, None, (), view().score, 1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    made.station.close()


def test_it_is_cut_where_it_is_now_and_given_back_as_it_was(cluster: Cluster) -> None:
    async def work() -> None:
        cut = await cluster.desk.plan_quarantine(
            cluster.machine(HERE), "test", Wish(mode=Mode.STRICT)
        )
        assert (await cluster.desk.run(cut)).state is PlanState.DONE
        cluster.book.refresh()
        [hold] = cluster.book.all()
        assert moved_to(hold, cluster.view(HERE), cluster.book) is None
        cluster.move()
        cluster.again.look(cluster.view(THERE))
        await cluster.again.idle()
        cluster.book.refresh()
        there = cluster.book.find(THERE, UUID)
        assert there is not None
        assert there.case == cut.case
        [gap] = there.gaps
        assert gap.what == f"host: moved-to-{THERE}"
        assert cluster.remembers(THERE).holds
        plan = await cluster.desk.plan_release(cluster.machine(THERE), "clean")
        outcome = await cluster.desk.run(plan)
        assert outcome.state is PlanState.DONE, outcome
        assert cluster.hosts[THERE].state().stored == machine_xml(running=False)
        assert 'state="down"' not in cluster.hosts[THERE].state().live
        assert not cluster.remembers(HERE).holds
        assert cluster.hosts[HERE].state().behind == (), "its addresses are blocked there too"
        assert not cluster.remembers(THERE).holds
        cluster.book.refresh()
        assert cluster.book.all() == ()

    asyncio.run(work())


def test_on_hosts_that_remember_nothing_it_is_given_back_as_it_was(tmp_path: Path) -> None:
    """Not as it arrived: with our mark, and its links down."""
    cluster = Cluster(tmp_path, prepared=False)

    async def work() -> None:
        machine = cluster.machine(HERE)
        cut = await cluster.desk.plan_quarantine(machine, "test", Wish(mode=Mode.STRICT))
        assert (await cluster.desk.run(cut)).state is PlanState.DONE
        cluster.book.refresh()
        cluster.move()
        cluster.again.look(cluster.view(THERE))
        await cluster.again.idle()
        plan = await cluster.desk.plan_release(cluster.machine(THERE), "clean")
        outcome = await cluster.desk.run(plan)
        assert outcome.state is PlanState.DONE, outcome
        assert cluster.hosts[THERE].state().stored == machine_xml(running=False)
        assert 'state="down"' not in cluster.hosts[THERE].state().live
        assert all(host.state().behind == () for host in cluster.hosts.values())

    try:
        asyncio.run(work())
    finally:
        cluster.station.close()


def test_until_it_is_cut_there_it_is_not_contained(cluster: Cluster) -> None:
    async def work() -> None:
        cut = await cluster.desk.plan_quarantine(
            cluster.machine(HERE), "test", Wish(mode=Mode.STRICT)
        )
        assert (await cluster.desk.run(cut)).state is PlanState.DONE

    asyncio.run(work())
    cluster.book.refresh()
    [hold], there = cluster.book.all(), Key(THERE, UUID)
    assert came_from(hold, there, cluster.view(THERE))
    assert not came_from(hold, there, cluster.view(HERE)), "it is still where it was cut"
    moved = here_from(hold, THERE)
    for live, state in ((DOWN, Containment.PARTIAL), (UP, Containment.NOT_CONTAINED)):
        found = observed(moved, machine(live=live), stale=False, now=SEEN)
        assert found is not None and found.state is state, found
        assert MOVED_HERE in found.missing and found.case == hold.case
    assert missing_text(MOVED_HERE).code == "incidents.missing.host-moved-here"
