"""The station: everything built in one place, on the demo fleet's real workers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from core.facts import MachineState, Nic, Unknown
from core.fleet.model import FleetView, Key, MachineView
from core.hosts.protocol import Machines, ReadXml, XmlTexts
from core.incidents.model import Containment, Mode, Wish
from core.incidents.quarantine import plan_quarantine
from core.settings.fleet_editor import FleetEditor
from core.settings.model import TenantEntry, ZoneEntry
from core.settings.places import Places
from core.station import Station
from core.text import RingfenceError, load_catalogue
from tests.nobody import Nobody

HOST = "dogwood"
STRICT = Wish(mode=Mode.STRICT)


def on_the_demo(home: Path, play: Callable[[Station], Awaitable[None]]) -> None:
    async def whole() -> None:
        station = Station.for_demo(
            Places.under(home), load_catalogue("en"), Nobody(), operator="anna"
        )
        await station.start([HOST])
        try:
            assert await station.ready(20.0)
            await play(station)
        finally:
            await station.stop()

    asyncio.run(whole())


def test_a_chosen_host_is_read_judged_and_marked_as_demo(tmp_path: Path) -> None:
    async def play(station: Station) -> None:
        view = station.fleet.view
        assert list(view.hosts) == [HOST]
        assert view.demo
        assert view.hosts[HOST].health.state == "connected"
        assert view.hosts[HOST].score.value is not None
        assert len(view.machines) > 5
        assert all(each.machine is not None and each.findings for each in view.machines.values())
        try:
            await station.hands.order("nowhere", ReadXml(0, "x"))
        except RingfenceError as error:
            assert error.code == "host-not-reached"

    on_the_demo(tmp_path, play)
    assert not (tmp_path / "state" / "journal.sqlite3").exists()


def test_a_quarantine_shows_as_observed_and_its_host_is_watched(tmp_path: Path) -> None:
    async def play(station: Station) -> None:
        target = next(each for each in station.fleet.view.machines.values() if _plain(each))
        texts = await station.hands.order(HOST, ReadXml(0, target.key.uuid))
        assert isinstance(texts, XmlTexts)
        plan = plan_quarantine(target, texts, "test", "anna", datetime.now(UTC), wish=STRICT)
        await station.runner.run(plan)
        assert await station.fleet.wait_until(
            lambda view: view.machines[target.key].quarantine is not None, 10.0
        )
        held = station.fleet.view.machines[target.key].quarantine
        assert held is not None
        assert held.state is not Containment.UNKNOWN
        assert held.owner == "anna"
        assert station.holds.held(HOST) == (target.key.uuid,)
        assert station.audit.verify(station.journal).good

    on_the_demo(tmp_path, play)


def test_a_machine_that_is_not_read_any_more_stops_looking_contained(tmp_path: Path) -> None:
    async def play(station: Station) -> None:
        target = next(each for each in station.fleet.view.machines.values() if _plain(each))
        await station.incidents.run(await station.incidents.plan_quarantine(target, "test", STRICT))
        assert await station.fleet.wait_until(
            lambda view: _state(view, target.key) is Containment.CONTAINED, 10.0
        )
        station.sessions[HOST].watch_held(())  # as if every further read of it hung
        seen = station.fleet.view.machines[target.key].machine
        assert seen is not None
        old = replace(seen, observed_at=seen.observed_at - timedelta(minutes=1))

        def told_of_old(view: FleetView) -> bool:
            # A read that was on its way when the watching ended may still come in between.
            station.fleet.reported(HOST, Machines((old,)))
            return _state(view, target.key) is Containment.UNKNOWN

        assert await station.fleet.wait_until(told_of_old, 5.0)

    on_the_demo(tmp_path, play)


def test_orders_can_be_given_before_everything_is_read(tmp_path: Path) -> None:
    async def play(station: Station) -> None:
        name = next(each.name for each in station.fleet.view.machines.values())
        assert await station.ready_to_act(name, 0.0)
        assert await station.ready_to_act("", 0.0)
        assert await station.ready_to_act("nobody", 0.0), "the host is read: there is none"

    on_the_demo(tmp_path, play)


def _state(view: FleetView, key: Key) -> Containment | None:
    held = view.machines[key].quarantine
    return None if held is None else held.state


def _plain(view: MachineView) -> bool:
    nics = view.machine.nics if view.machine else ()
    cards: tuple[Nic, ...] = () if isinstance(nics, Unknown) else nics
    return bool(cards) and view.row.state is MachineState.OFF and view.quarantine is None


def test_a_changed_fleet_file_is_taken_over_while_running(tmp_path: Path) -> None:
    async def play(station: Station) -> None:
        editor = FleetEditor(station.places.fleet_file)
        editor.add(TenantEntry("new-tenant", (f"{HOST}/*",)))
        editor.put(ZoneEntry("lab", networks=("nothing",)))
        editor.save()
        assert await station.fleet.wait_until(
            lambda view: all(
                isinstance(each.zones, Unknown) or "lab" not in [m.zone.name for m in each.zones]
                for each in view.machines.values()
            ),
            10.0,
        )
        assert "new-tenant" in [each.name for each in station.settings.tenants]
        station.remove_host(HOST)
        assert await station.fleet.wait_until(lambda view: not view.machines, 5.0)
        assert station.sessions == {}

    on_the_demo(tmp_path, play)
