"""A strict quarantine and its release on a simulated host, from plan to proof."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from core.changes.journal import Journal
from core.changes.outcome import PlanOutcome, PlanState, StepProgress, StepState
from core.changes.plan import preview
from core.changes.runner import Runner
from core.changes.steps import BarrierDown, DrainFlows, RestoreLink
from core.hosts.helper.orders import RaiseBarrier, ReadBarrier
from core.hosts.protocol import SetHoldMark, SetLinkState
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1, MAC_2, MAC_HOSTDEV, SimulatedHost, machine_xml
from tests.unit.changes.station import HOST, Station, new_machine, now


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return new_machine(tmp_path)


@pytest.fixture
def station(tmp_path: Path, host: SimulatedHost) -> Iterator[Station]:
    station = Station(tmp_path, NearHands(host))
    yield station
    station.close()


def test_a_quarantine_cuts_both_sides_and_proves_it(station: Station, host: SimulatedHost) -> None:
    plan = asyncio.run(station.quarantine())
    outcome = asyncio.run(station.runner.run(plan))
    state = host.state()
    assert outcome.state is PlanState.DONE
    assert outcome.missing == ()
    assert state.live.count('<link state="down"/>') == 2
    assert state.stored.count('<link state="down"/>') == 2
    assert not state.autostart
    assert outcome.seconds_to_cut is not None and outcome.seconds_to_cut < 1
    proved = {proof.what.params.get("mac") for proof in outcome.proofs}
    assert {MAC_1, MAC_2} <= proved


def test_a_release_gives_back_exactly_what_was(station: Station, host: SimulatedHost) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    outcome = asyncio.run(station.runner.run(asyncio.run(station.release())))
    state = host.state()
    assert outcome.state is PlanState.DONE, outcome
    assert state.stored == machine_xml(running=False)
    assert state.autostart
    assert "<hold" not in state.live and 'state="down"' not in state.live
    assert station.hold() is None


def test_a_machine_that_is_not_held_cannot_be_released(station: Station) -> None:
    with pytest.raises(RingfenceError, match="not-held"):
        asyncio.run(station.release())


def test_running_a_plan_twice_changes_nothing(station: Station, host: SimulatedHost) -> None:
    plan = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(plan))
    before = host.state()
    again = asyncio.run(station.runner.run(plan))
    assert again.state is PlanState.DONE
    assert host.state() == before
    changed = [step.state for step in again.steps if step.state is not StepState.ALREADY]
    # The proofs of cards and barrier, and autostart off once more.
    assert changed == [StepState.DONE] * 3


def test_a_roll_back_gives_back_exactly_what_was(station: Station, host: SimulatedHost) -> None:
    plan = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(plan))
    outcome = asyncio.run(station.runner.roll_back(plan.id))
    assert outcome.state is PlanState.ROLLED_BACK
    assert host.state().stored == machine_xml(running=False)
    assert host.state().autostart
    assert station.hold() is None


def test_rolling_back_a_release_holds_the_machine_again(
    station: Station, host: SimulatedHost
) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    held = host.state()
    release = asyncio.run(station.release())
    asyncio.run(station.runner.run(release))
    outcome = asyncio.run(station.runner.roll_back(release.id))
    assert outcome.state is PlanState.ROLLED_BACK
    assert (host.state().stored, host.state().autostart) == (held.stored, False)
    assert host.state().live.count('state="down"') == 2
    assert station.hold() is not None


def test_a_card_no_link_can_cut_makes_it_partial(tmp_path: Path) -> None:
    host = new_machine(tmp_path, hostdev=True)
    station = Station(tmp_path, NearHands(host))
    outcome = asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    assert outcome.state is PlanState.PARTIAL
    assert outcome.missing == (f"{MAC_HOSTDEV}: hostdev",)
    station.close()


def test_a_driver_that_refuses_live_changes_is_named(tmp_path: Path) -> None:
    new_machine(tmp_path)
    host = SimulatedHost(tmp_path, refuse_live=True)
    station = Station(tmp_path, NearHands(host))
    outcome = asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    assert outcome.state is PlanState.PARTIAL
    assert outcome.missing == (f"{MAC_1}: live", f"{MAC_2}: live")
    assert outcome.seconds_to_cut is None
    assert [step.state for step in outcome.steps[1:3]] == [StepState.REFUSED] * 2
    hold = station.hold()
    assert hold is not None and hold.refused_live == (MAC_1, MAC_2)
    station.close()


def test_no_time_to_the_cut_when_one_card_could_not_be_cut(tmp_path: Path) -> None:
    host = new_machine(tmp_path)
    station = Station(tmp_path, NearHands(host))
    plan = asyncio.run(station.quarantine())
    gone = MAC_2.replace("52:", "53:")
    host.put(structs.replace(host.state(), live=host.state().live.replace(MAC_2, gone)))
    outcome = asyncio.run(station.runner.run(plan))
    first, second = outcome.steps[1:3]
    assert first.state is StepState.DONE and second.state is not StepState.DONE
    assert outcome.seconds_to_cut is None
    station.close()


def test_a_card_that_appears_during_the_cut_is_cut_too(tmp_path: Path) -> None:
    new_machine(tmp_path)
    host = SimulatedHost(tmp_path, gets_card="52:54:00:00:00:77")
    station = Station(tmp_path, NearHands(host))
    plan = asyncio.run(station.quarantine())
    outcome = asyncio.run(station.runner.run(plan))
    assert outcome.state is PlanState.DONE
    assert host.state().live.count('state="down"') == 3
    asyncio.run(station.runner.roll_back(plan.id))
    assert 'state="down"' not in host.state().live
    station.close()


def test_a_machine_that_is_off_is_cut_in_its_configuration(tmp_path: Path) -> None:
    host = new_machine(tmp_path, running=False)
    station = Station(tmp_path, NearHands(host))
    outcome = asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    assert outcome.state is PlanState.DONE
    assert host.state().stored.count('state="down"') == 2
    station.close()


def test_the_first_orders_are_the_cuts(station: Station) -> None:
    plan = asyncio.run(station.quarantine())
    hands = station.hands
    assert isinstance(hands, NearHands)
    hands.orders.clear()
    asyncio.run(station.runner.run(plan))
    cuts = [order for order in hands.orders[:3] if isinstance(order, SetLinkState)]
    assert [order.live for order in cuts] == [True, True]


def test_an_unreached_host_leaves_it_unfinished_and_resume_finishes(
    station: Station, host: SimulatedHost
) -> None:
    plan = asyncio.run(station.quarantine())
    hands = station.hands
    assert isinstance(hands, NearHands)
    hands.unreached = True
    outcome = asyncio.run(station.runner.run(plan))
    assert outcome.state is PlanState.UNFINISHED
    assert [record.plan.id for record in station.journal.unfinished()] == [plan.id]
    hands.unreached = False
    assert asyncio.run(station.runner.resume(plan.id)).state is PlanState.DONE
    assert station.journal.unfinished() == ()


def test_a_release_that_is_refused_midway_leaves_the_machine_contained(
    station: Station, host: SimulatedHost
) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    release = asyncio.run(station.release())
    hands = station.hands
    assert isinstance(hands, NearHands)
    hands.refused[SetHoldMark] = RingfenceError("libvirt-refused")
    outcome = asyncio.run(station.runner.run(release))
    assert outcome.state is PlanState.FAILED
    assert host.state().live.count('state="down"') == 2
    hold = station.hold()
    assert hold is not None and hold.release == release.id
    with pytest.raises(RingfenceError, match="hold-unfinished"):
        asyncio.run(station.release())


def test_cancel_rolls_back(station: Station, host: SimulatedHost) -> None:
    plan = asyncio.run(station.quarantine())

    def cancel(progress: StepProgress) -> None:
        station.runner.cancel(plan.id)

    outcome = asyncio.run(station.runner.run(plan, cancel))
    assert (outcome.state, outcome.cancelled) == (PlanState.ROLLED_BACK, True)
    assert host.state().stored == machine_xml(running=False)
    assert 'state="down"' not in host.state().live


def test_the_preview_shows_exact_lines_and_no_secret(station: Station) -> None:
    plan = asyncio.run(station.quarantine())
    lines = [line for step in preview(plan) for line in step.lines]
    assert any('state="down"' in line and line.startswith("+") for line in lines)
    assert not any("s3cret" in line for line in lines)


def test_no_secret_reaches_the_files(station: Station, tmp_path: Path) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    asyncio.run(station.runner.run(asyncio.run(station.release())))
    station.close()
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "machine.json":
            assert b"s3cret" not in path.read_bytes(), path


def test_a_second_cut_joins_the_case(station: Station) -> None:
    first = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(first))
    second = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(second))
    hold = station.hold()
    assert hold is not None
    assert hold.plans == (first.id, second.id)
    assert hold.case == first.case
    asyncio.run(station.runner.run(asyncio.run(station.release())))
    assert station.hold() is None


def test_two_processes_do_not_change_one_machine_at_once(
    station: Station, tmp_path: Path, host: SimulatedHost
) -> None:
    other = Station(tmp_path, NearHands(host))
    plan = asyncio.run(station.quarantine())
    errors: list[str] = []

    def meanwhile(progress: StepProgress) -> None:
        try:
            with other.locks.held(plan):
                errors.append("held twice")
        except RingfenceError as error:
            errors.append(error.code)

    asyncio.run(station.runner.run(plan, meanwhile))
    assert set(errors) == {"change-running"}
    other.close()


def test_the_audit_log_tells_the_same_as_the_journal(station: Station) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    verification = station.audit.verify(station.journal)
    assert verification.good, verification.problems
    assert verification.records == station.journal.last_seq()


def test_a_machine_started_while_held_gets_its_links_back(tmp_path: Path) -> None:
    host = new_machine(tmp_path, running=False)
    station = Station(tmp_path, NearHands(host))
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    machine = host.state()
    machine.live = machine.stored.replace('type="kvm"', 'type="kvm" id="9"')
    host.put(machine)
    outcome = asyncio.run(station.runner.run(asyncio.run(station.release())))
    assert outcome.state is PlanState.DONE
    assert 'state="down"' not in host.state().live
    assert "<ringfence:hold" not in host.state().live
    station.close()


def test_a_card_that_appeared_during_the_cut_is_raised_by_the_release(tmp_path: Path) -> None:
    new_machine(tmp_path)
    host = SimulatedHost(tmp_path, gets_card="52:54:00:00:00:77")
    station = Station(tmp_path, NearHands(host))
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    outcome = asyncio.run(station.runner.run(asyncio.run(station.release())))
    assert 'state="down"' not in host.state().live
    assert outcome.state is PlanState.PARTIAL  # the machine is not as before: it has a new card
    assert any("52:54:00:00:00:77" in item for item in outcome.missing)
    station.close()


class SlowWitness:
    """A record that waits for somebody, as one whose keyring is locked."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.calls = 0

    def follow(self, journal: Journal) -> None:
        self.calls += 1
        assert self.go_on.wait(10)


def test_a_cut_does_not_wait_for_a_record_that_hangs(
    station: Station, host: SimulatedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.changes.runner.RECORD_PATIENCE_S", 0.02)
    witness = SlowWitness()
    hands, sealer, locks = station.hands, station.sealer, station.locks
    runner = Runner(station.journal, hands, sealer, locks, witness, now)

    async def play() -> PlanOutcome:
        try:
            return await runner.run(await station.quarantine())
        finally:
            witness.go_on.set()

    outcome = asyncio.run(play())
    assert outcome.state is PlanState.DONE
    assert outcome.unrecorded is not None and outcome.unrecorded.code == "error.audit-waits.cause"
    assert witness.calls == 1
    assert host.state().stored.count('<link state="down"/>') == 2


def test_the_barrier_stands_while_held_and_goes_last(station: Station, host: SimulatedHost) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    assert host.state().behind == (MAC_1, MAC_2)
    hold = station.hold()
    assert hold is not None and hold.barrier == (MAC_1, MAC_2)
    release = asyncio.run(station.release())
    order = [type(step) for step in release.steps]
    assert order.index(RestoreLink) < order.index(DrainFlows) < order.index(BarrierDown)
    asyncio.run(station.runner.run(release))
    assert host.state().behind == () and host.state().draining


def test_cutting_again_leaves_the_barrier_to_the_first_cut(
    station: Station, host: SimulatedHost
) -> None:
    asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    again = asyncio.run(station.quarantine())
    asyncio.run(station.runner.run(again))
    asyncio.run(station.runner.roll_back(again.id))
    assert host.state().behind == (MAC_1, MAC_2)


def test_a_host_that_can_raise_no_barrier_is_cut_as_far_as_it_goes(tmp_path: Path) -> None:
    new_machine(tmp_path)
    hands = NearHands(SimulatedHost(tmp_path))
    hands.refused[ReadBarrier] = RingfenceError("helper-no-ssh", host=HOST)
    station = Station(tmp_path, hands)
    plan = asyncio.run(station.quarantine())
    said = [warning.code for warning in plan.warnings]
    at = said.index("incidents.warning.no-barrier")
    assert said[at + 1] == "error.helper-no-ssh.cause", "why follows at once"
    assert asyncio.run(station.runner.run(plan)).state is PlanState.DONE
    hold = station.hold()
    assert hold is not None and hold.barrier == ()
    station.close()


def test_a_barrier_that_fails_does_not_spare_the_links(tmp_path: Path) -> None:
    host = new_machine(tmp_path)
    hands = NearHands(host)
    hands.refused[RaiseBarrier] = RingfenceError("helper-nft", host=HOST)
    station = Station(tmp_path, hands)
    outcome = asyncio.run(station.runner.run(asyncio.run(station.quarantine())))
    assert outcome.state is PlanState.PARTIAL
    assert host.state().live.count('state="down"') == 2
    assert "prove-barrier" in outcome.missing
    station.close()
