"""The live view: what is published is exactly what changed, and only that is judged."""

import asyncio
from datetime import timedelta

from msgspec.structs import replace

from core.facts import MachineState, Unknown
from core.fleet.live import LiveFleet
from core.fleet.model import Key
from core.hosts.protocol import (
    Failure,
    Gone,
    HostChanged,
    Machines,
    Opened,
    Rows,
)
from core.incidents.model import Containment, Mode, Quarantine
from core.posture.model import Finding
from core.posture.subject import MachineSubject
from core.settings.model import FleetFile, TenantEntry, ZoneEntry
from tests.unit.fleet.machines import NOW, host, machine, nic, row, uuid_of
from tests.unit.fleet.reporting import Bench, CountingJudge, row_of, run


def key(number: int, on: str = "hv1") -> Key:
    return Key(on, uuid_of(number))


def test_rows_are_shown_at_once_and_filled_in_later() -> None:
    async def play(bench: Bench) -> None:
        bench.add("hv1")
        await bench.settle()
        bench.report("hv1", Opened(host()), Rows((row(1), row(2)), whole=True))
        await asyncio.sleep(0.02)
        view = bench.fleet.view
        assert [each.name for each in view.machines.values()] == ["vm1", "vm2"]
        bare = view.machines[key(1)]
        assert bare.machine is None
        assert bare.score.value is None
        assert isinstance(bare.zones, Unknown)
        assert bare.tenant.declared == "acme"
        bench.report("hv1", Machines((machine(1), machine(2))))
        view = await bench.settle()
        full = view.machines[key(1)]
        assert full.machine == machine(1)
        assert full.score.value == 100
        assert not isinstance(full.zones, Unknown)
        assert [each.zone.name for each in full.zones] == ["dmz"]
        assert view.hosts["hv1"].machines == 2

    run(play)


def test_only_what_changed_is_judged_and_announced() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1), machine(2), machine(3))
        await bench.settle()
        bench.clear()
        again = tuple(replace(machine(n), observed_at=NOW + timedelta(1)) for n in (1, 3))
        bench.report("hv1", Machines((*again, machine(2, title="bad"))))
        view = await bench.settle()
        assert bench.judge.machines == ["hv1/vm2"]
        assert [changes.changed for _, changes in bench.published if changes.changed] == [
            frozenset({key(2)})
        ]
        assert view.machines[key(2)].failing == frozenset({"VM-TEST-001"})

    run(play)


def test_nothing_new_publishes_nothing() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        await bench.settle()
        before = bench.fleet.view
        bench.clear()
        seen = replace(host(), observed_at=NOW + timedelta(1))
        bench.report("hv1", Rows((row_of(machine(1)),), whole=True), Machines((machine(1),)))
        bench.report("hv1", HostChanged(seen))
        after = await bench.settle()
        assert after.machines is before.machines
        assert bench.judge.machines == []

    run(play)


def test_a_state_change_needs_no_judge() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        await bench.settle()
        bench.clear()
        bench.report("hv1", Rows((row(1, state=MachineState.PAUSED),), whole=False))
        view = await bench.settle()
        assert view.machines[key(1)].row.state is MachineState.PAUSED
        assert bench.judge.machines == []

    run(play)


def test_machines_go_by_a_whole_list_and_one_by_one() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1), machine(2), machine(3))
        await bench.settle()
        bench.clear()
        bench.report("hv1", Rows((row(1), row(2)), whole=True), Gone((uuid_of(2), "never seen")))
        view = await bench.settle()
        assert set(view.machines) == {key(1)}
        removed = [changes.removed for _, changes in bench.published if changes.removed]
        assert removed == [frozenset({key(2), key(3)})]
        assert view.hosts["hv1"].machines == 1

    run(play)


def test_one_uuid_on_two_hosts_is_two_machines() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        bench.connect("hv2", machine(1, name="twin"))
        view = await bench.settle()
        assert {each.target for each in view.machines.values()} == {"hv1/vm1", "hv2/twin"}
        bench.report("hv2", Gone((uuid_of(1),)))
        assert set((await bench.settle()).machines) == {key(1)}

    run(play)


def test_a_lost_host_turns_its_own_rows_stale_and_no_others() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        bench.connect("hv2", machine(2))
        await bench.settle()
        bench.clear()
        bench.health("hv1", "stale", Failure("host-not-reached"))
        view = await bench.settle()
        assert view.machines[key(1)].stale
        assert not view.machines[key(2, "hv2")].stale
        assert view.hosts["hv1"].health.failure == Failure("host-not-reached")
        assert frozenset[Key]().union(*(c.changed for _, c in bench.published)) == {key(1)}
        assert bench.judge.machines == []
        bench.health("hv1", "connected")
        assert not (await bench.settle()).machines[key(1)].stale

    run(play)


def test_a_host_that_calls_itself_another_one_stays_itself() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1), facts=host("hv2"))
        view = await bench.settle()
        assert set(view.hosts) == {"hv1"}
        facts = view.hosts["hv1"].facts
        assert facts is not None
        assert facts.name == "hv1"
        assert bench.judge.machines[0] == "hv1/vm1"

    run(play)


def test_new_host_facts_judge_its_machines_anew() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        bench.connect("hv2", machine(2))
        await bench.settle()
        bench.clear()
        bench.report("hv1", HostChanged(host(libvirt_version="11.0.0")))
        await bench.settle()
        assert bench.judge.machines == ["hv1/vm1"]

    run(play)


def test_findings_of_the_fleet_reach_the_machines_they_concern() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1), machine(2))
        bench.connect("hv2", machine(3, name="vm1"))
        view = await bench.settle()
        twins = {key(1), key(3, "hv2")}
        shared = {
            k for k, each in view.machines.items() if "FLEET-TEST-001" in (each.failing or ())
        }
        assert shared == twins
        assert len(view.findings) == 1
        with_twin = view.hosts["hv1"].score
        bench.clear()
        bench.report("hv2", Gone((uuid_of(3),)))
        view = await bench.settle()
        assert view.findings == ()
        assert view.machines[key(1)].failing == frozenset()
        assert view.hosts["hv1"].score != with_twin, "a host's score follows its machines'"
        assert bench.judge.machines == []

    run(play)


def test_other_zones_and_tenants_judge_everything_anew() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        await bench.settle()
        bench.clear()
        declared = FleetFile(
            zones=(ZoneEntry("web", networks=("dmz",)),), tenants=(TenantEntry("b", ("*",)),)
        )
        bench.fleet.apply(declared, bench.judge)
        view = await bench.settle()
        row_now = view.machines[key(1)]
        assert not isinstance(row_now.zones, Unknown)
        assert [each.zone.name for each in row_now.zones] == ["web"]
        assert row_now.tenant.declared == "b"
        assert [zone.name for zone in view.zones] == ["web", "lab"]
        assert view.zones[1].proposed
        assert bench.judge.machines == ["hv1/vm1"]

    run(play)


def test_a_removed_host_takes_its_machines_along_and_late_reports_are_ignored() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1))
        bench.connect("hv2", machine(2))
        await bench.settle()
        bench.fleet.remove_host("hv1")
        bench.report("hv1", Machines((machine(9),)), Rows((row(8),), whole=True))
        bench.health("hv1", "connected")
        view = await bench.settle()
        assert set(view.hosts) == {"hv2"}
        assert set(view.machines) == {key(2, "hv2")}

    run(play)


def test_a_hold_is_looked_at_on_every_reading_without_judging() -> None:
    asked: list[bool] = []

    def quarantine_of(k: Key, facts: object, stale: bool) -> Quarantine | None:
        asked.append(stale)
        state = Containment.UNKNOWN if stale else Containment.CONTAINED
        at = getattr(facts, "observed_at", NOW)
        return Quarantine(state, Mode.STRICT, "c", "a", NOW, "r", (), at) if k == key(1) else None

    async def whole() -> None:
        judge = CountingJudge()
        fleet = LiveFleet(FleetFile(), judge, quarantine_of=quarantine_of)
        bench = Bench()
        bench.fleet, bench.judge = fleet, judge
        bench.connect("hv1", machine(1), machine(2))
        view = await bench.settle()
        held = view.machines[key(1)].quarantine
        assert held is not None
        assert held.state is Containment.CONTAINED
        judge.machines.clear()
        later = NOW + timedelta(seconds=2)
        bench.report("hv1", Machines((replace(machine(1), observed_at=later),)))
        held = (await bench.settle()).machines[key(1)].quarantine
        assert held is not None
        assert held.observed_at == later
        bench.health("hv1", "stale")
        held = (await bench.settle()).machines[key(1)].quarantine
        assert held is not None
        assert held.state is Containment.UNKNOWN
        assert judge.machines == []
        fleet.close()

    asyncio.run(whole())


def test_a_mistake_on_one_machine_does_not_stop_the_others() -> None:
    class Broken(CountingJudge):
        def judge_machine(self, subject: MachineSubject) -> tuple[Finding, ...]:
            if subject.machine.name == "vm1":
                raise ZeroDivisionError
            return super().judge_machine(subject)

    seen: list[object] = []

    async def whole() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
        bench = Bench()
        bench.fleet = LiveFleet(FleetFile(), Broken())
        bench.connect("hv1", machine(1), machine(2))
        view = await bench.settle()
        assert view.machines[key(1)].machine is None
        assert view.machines[key(2)].score.value == 100
        bench.fleet.close()

    asyncio.run(whole())
    assert len(seen) == 1


def test_the_loop_is_not_held_while_many_machines_are_judged() -> None:
    async def play(bench: Bench) -> None:
        slices: list[float] = []

        async def beat() -> None:
            while True:
                began = asyncio.get_running_loop().time()
                await asyncio.sleep(0)
                slices.append(asyncio.get_running_loop().time() - began)

        task = asyncio.ensure_future(beat())
        bench.connect("hv1", *(machine(n) for n in range(400)))
        slices.clear()
        await bench.settle()
        task.cancel()
        assert len(bench.published) >= 2
        assert sorted(slices)[len(slices) * 99 // 100] < 0.05

    run(play)


def test_two_networks_two_zones() -> None:
    async def play(bench: Bench) -> None:
        bench.connect("hv1", machine(1, nics=(nic(1), nic(2, source="lab"))))
        zones = (await bench.settle()).machines[key(1)].zones
        assert not isinstance(zones, Unknown)
        assert [each.zone.name for each in zones] == ["dmz", "lab"]

    run(play)
