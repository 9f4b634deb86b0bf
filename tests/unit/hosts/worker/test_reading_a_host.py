"""A worker reads a whole host of the test driver and tells it through its socket."""

from datetime import datetime

from core.facts import Confinement, Machine, MachineState, Reason, Unknown, confinement_of
from core.hosts.protocol import (
    Close,
    FullRead,
    HostChanged,
    Log,
    Machines,
    Opened,
    Ping,
    Refresh,
    Rows,
    SetAutostart,
    WatchHeld,
)
from tests.unit.hosts.worker.child import WorkerChild, opening
from tests.unit.hosts.worker.conftest import FIXTURES, StartWorker
from tests.unit.hosts.worker.readings import known

OFF = "00000000-0000-4000-8000-000000000002"


def machine(child: WorkerChild, name: str) -> Machine:
    found = [m for r in child.said if isinstance(r, Machines) for m in r.machines]
    return next(m for m in reversed(found) if m.name == name)


def test_names_and_states_come_before_everything_else(node: WorkerChild) -> None:
    facts = [r for r in node.said if not isinstance(r, Log)]
    first = facts[0]

    assert isinstance(first, Rows)
    assert first.whole
    assert {row.name: row.state for row in first.rows} == {
        "web": MachineState.RUNNING,
        "off": MachineState.OFF,
        "passing": MachineState.PAUSED,
    }


def test_the_second_list_knows_the_flags(node: WorkerChild) -> None:
    rows = node.wait_for(Rows, lambda r: not isinstance(r.rows[0].persistent, Unknown)).rows

    assert {row.name: row.persistent for row in rows} == {
        "web": True,
        "off": True,
        "passing": False,
    }
    assert {row.name: row.has_snapshots for row in rows}["web"] is True


def test_a_running_machine_is_read_whole(node: WorkerChild) -> None:
    web = machine(node, "web")

    assert web.title == "<img src=file:///etc/hostname>"
    assert [(nic.mac[-2:], nic.source) for nic in known(web.nics)] == [
        ("01", "default"),
        ("02", "br0"),
    ]
    assert known(web.consoles)[0].listen == ("0.0.0.0",)
    assert known(web.consoles)[0].port == 5901
    assert (web.claim.zone, web.claim.tenant, web.claim.risk) == ("dmz", "acme", "high")
    assert web.differences == ()
    assert not web.partial


def test_the_driver_s_own_label_is_no_confinement(node: WorkerChild) -> None:
    opened = node.wait_for(HostChanged, lambda r: bool(r.host.security_models)).host
    web = machine(node, "web")

    assert opened.security_models == ("testSecurity",)
    assert known(web.labels)[0].model == "testSecurity"
    assert confinement_of(web.labels, opened.security_models, True) is Confinement.NO_DRIVER


def test_a_transient_machine_has_no_stored_side(node: WorkerChild) -> None:
    passing = machine(node, "passing")

    assert passing.persistent is False
    assert passing.stored_nics == ()
    assert passing.differences == ()


def test_snapshots_follow(node: WorkerChild) -> None:
    def has_snapshot(report: Machines) -> bool:
        return any(isinstance(m.snapshots, tuple) and m.snapshots for m in report.machines)

    node.wait_for(Machines, has_snapshot)
    web = machine(node, "web")

    assert [snapshot.name for snapshot in known(web.snapshots)] == ["before"]


def test_what_the_driver_cannot_tell_is_unknown_with_its_reason(node: WorkerChild) -> None:
    host = node.wait_for(HostChanged, lambda r: _reason(r.host.filters) is not Reason.NOT_READ).host

    assert _reason(host.filters) is Reason.NOT_SUPPORTED


def test_networks_and_node_facts(node: WorkerChild) -> None:
    opened = node.wait_for(Opened).host
    host = node.wait_for(HostChanged, lambda r: isinstance(r.host.networks, tuple)).host

    assert (opened.cpus, opened.libvirt_version) == (4, "9.0.0")
    assert isinstance(host.networks, tuple)
    assert host.networks[0].addresses == ("192.168.122.1/24",)


def test_the_cost_of_a_full_read_is_told(node: WorkerChild) -> None:
    cost = node.wait_for(FullRead)

    assert cost.machines == 3
    assert cost.calls > 3


def test_refresh_sends_again_what_has_not_changed(node: WorkerChild) -> None:
    before = len(node.said)
    node.give(Refresh(1, (OFF,)))
    node.wait_for(Machines, lambda r: OFF in {m.uuid for m in r.machines}, since=before)

    before = len(node.said)
    node.give(Refresh(2))
    node.wait_for(FullRead, since=before)
    assert {m.uuid for r in node.said[before:] if isinstance(r, Machines) for m in r.machines} >= {
        OFF
    }


def test_a_held_machine_is_read_again_and_again_and_sent_only_when_it_differs(
    start: StartWorker,
) -> None:
    child = start(opening(f"test://{FIXTURES / 'node.xml'}", held_every_s=0.05))
    child.wait_for(FullRead)
    child.give(WatchHeld(1, (OFF,)))
    before = len(child.said)
    child.give(SetAutostart(2, OFF, on=True))
    child.wait_for(Machines, lambda r: any(m.autostart is True for m in r.machines), since=before)
    child.give(SetAutostart(3, OFF, on=False))
    child.wait_for(Machines, lambda r: any(m.autostart is False for m in r.machines), since=before)

    sent = [r for r in child.said[before:] if isinstance(r, Machines)]
    assert len(sent) <= 4


def test_a_held_machine_is_told_again_so_that_silence_means_a_hanging_read(
    start: StartWorker,
) -> None:
    address = f"test://{FIXTURES / 'node.xml'}"
    child = start(opening(address, held_every_s=0.05, held_told_every_s=0.1))
    child.wait_for(FullRead)
    child.give(WatchHeld(1, (OFF,)))

    seen: list[datetime] = []
    for _ in range(2):
        told = child.wait_for(Machines, since=len(child.said))
        seen.append(next(m.observed_at for m in told.machines if m.uuid == OFF))
    assert seen[0] < seen[1]


def test_a_full_round_comes_by_itself(start: StartWorker) -> None:
    child = start(opening(f"test://{FIXTURES / 'node.xml'}", full_every_s=0.2))
    child.wait_for(FullRead)
    child.wait_for(FullRead, since=len(child.said))


def test_ping_is_answered_and_close_ends_it(node: WorkerChild) -> None:
    assert node.ask(Ping(7)).number == 7
    node.give(Close(8))

    assert node.exit_status() == 0


def test_it_ends_when_its_session_is_gone(node: WorkerChild) -> None:
    node.hang_up()

    assert node.exit_status() == 0


def test_the_default_node_works_without_recorded_facts(start: StartWorker) -> None:
    child = start(opening("test:///default"))
    child.wait_for(FullRead)

    assert child.machine_names() == ["test"]


def _reason(value: object) -> Reason | None:
    return value.reason if isinstance(value, Unknown) else None
