"""The four modes, one after another, and the three ways to go on, on a simulated host."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.changes.live_difference import live_differences
from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.changes.redact import redact
from core.changes.steps import (
    BarrierDown,
    BarrierUp,
    CutLink,
    PauseMachine,
    RebuildStored,
    ResumeMachine,
    StartAgain,
    SwitchOff,
)
from core.hosts.helper.orders import RaiseBarrier, ReadBarrier
from core.hosts.protocol import Suspend
from core.incidents.model import Door, How, Mode, Wish
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import MAC_1, MAC_2, SimulatedHost, machine_xml
from tests.unit.changes.station import HOST, Station, new_machine

DOOR = Door("192.0.2.9", 22)
FREEZE = Wish()
STRICT = Wish(mode=Mode.STRICT)
FORENSIC = Wish(mode=Mode.FORENSIC, doors=(DOOR,))
OBSERVE = Wish(mode=Mode.OBSERVE, observe_anyway=True)


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return new_machine(tmp_path)


@pytest.fixture
def station(tmp_path: Path, host: SimulatedHost) -> Iterator[Station]:
    station = Station(tmp_path, NearHands(host))
    yield station
    station.close()


def cut(station: Station, wish: Wish) -> PlanOutcome:
    return asyncio.run(station.runner.run(plan(station, wish)))


def plan(station: Station, wish: Wish) -> Plan:
    return asyncio.run(station.quarantine(wish=wish))


def release(station: Station, how: How = How.RESUME) -> PlanOutcome:
    return asyncio.run(station.runner.run(asyncio.run(station.release(how))))


def first_stage(made: Plan) -> list[type]:
    return [type(step) for step in made.steps if step.stage == 0]


def raised_by_others(host: SimulatedHost) -> None:
    machine = host.state()
    machine.live = machine.live.replace('state="down"', 'state="up"')
    host.put(machine)


def downs(text: str) -> int:
    return text.count('state="down"')


def test_a_freeze_pauses_first_and_cuts_the_links_while_it_stands_still(
    station: Station, host: SimulatedHost
) -> None:
    made = plan(station, FREEZE)
    assert first_stage(made)[:2] == [PauseMachine, BarrierUp]
    assert CutLink not in first_stage(made)
    assert asyncio.run(station.runner.run(made)).state is PlanState.DONE
    state = host.state()
    assert state.paused and state.behind == (MAC_1, MAC_2)
    assert downs(state.live) == downs(state.stored) == 2


def test_a_freeze_without_a_barrier_cuts_the_links_at_once(tmp_path: Path) -> None:
    new_machine(tmp_path)
    hands = NearHands(SimulatedHost(tmp_path))
    hands.refused[ReadBarrier] = RingfenceError("helper-no-ssh", host=HOST)
    station = Station(tmp_path, hands)
    made = plan(station, FREEZE)
    assert first_stage(made)[0] is PauseMachine and CutLink in first_stage(made)
    for wish in (FORENSIC, OBSERVE):
        with pytest.raises(RingfenceError, match="mode-needs-barrier"):
            plan(station, wish)
    station.close()


def test_a_pause_that_fails_does_not_spare_the_rest(station: Station, host: SimulatedHost) -> None:
    assert isinstance(station.hands, NearHands)
    station.hands.refused[Suspend] = RingfenceError("busy-lock")
    outcome = cut(station, FREEZE)
    assert outcome.state is PlanState.PARTIAL
    assert "processors: running" in outcome.missing
    assert host.state().behind == (MAC_1, MAC_2) and downs(host.state().live) == 2


def test_forensic_leaves_live_links_before_its_doors(station: Station, host: SimulatedHost) -> None:
    made = plan(station, FORENSIC)
    assert CutLink not in first_stage(made) and PauseMachine not in first_stage(made)
    assert asyncio.run(station.runner.run(made)).state is PlanState.DONE
    state = host.state()
    assert state.doors == (DOOR,) and downs(state.live) == 0 and downs(state.stored) == 2
    hold = station.hold()
    assert hold is not None and hold.doors == (DOOR,)


def test_observe_changes_nothing_but_the_mark(station: Station, host: SimulatedHost) -> None:
    before = host.state()
    assert cut(station, OBSERVE).state is PlanState.DONE
    state = host.state()
    assert state.observing and not state.paused and state.autostart
    assert downs(state.live) == downs(state.stored) == 0
    assert release(station).state is PlanState.DONE
    assert not host.state().observing and host.state().stored == before.stored


def test_observe_does_not_run_without_its_second_yes(station: Station) -> None:
    made = plan(station, Wish(mode=Mode.OBSERVE))
    assert made.needs == ("observe-anyway",)
    with pytest.raises(RingfenceError, match="plan-needs-yes"):
        asyncio.run(station.runner.run(made))


def test_observe_never_follows_a_cut(station: Station) -> None:
    cut(station, STRICT)
    with pytest.raises(RingfenceError, match="observe-would-open"):
        plan(station, OBSERVE)


def test_a_watched_machine_can_be_cut_and_gets_everything_back(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, OBSERVE)
    assert cut(station, FREEZE).state is PlanState.DONE
    assert not host.state().observing and host.state().paused and not host.state().autostart
    assert release(station).state is PlanState.DONE
    state = host.state()
    assert state.stored == machine_xml(running=False) and state.autostart
    assert not state.paused and downs(state.live) == 0


def test_a_frozen_machine_goes_on_behind_its_doors(station: Station, host: SimulatedHost) -> None:
    cut(station, FREEZE)
    assert cut(station, FORENSIC).state is PlanState.DONE
    state = host.state()
    assert not state.paused and downs(state.live) == 0 and state.doors == (DOOR,)
    assert release(station).state is PlanState.DONE
    assert host.state().stored == machine_xml(running=False)


def test_nothing_opens_when_the_doors_could_not_be_made(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, FREEZE)
    made = plan(station, FORENSIC)
    machine = host.state()
    machine.behind = ()  # somebody took the barrier away between plan and run
    host.put(machine)
    assert isinstance(station.hands, NearHands)
    station.hands.refused[RaiseBarrier] = RingfenceError("helper-nft", host=HOST)
    outcome = asyncio.run(station.runner.run(made))
    assert outcome.state is PlanState.PARTIAL
    assert host.state().paused and downs(host.state().live) == 2


def test_a_roll_back_of_a_freeze_lets_it_go_on(station: Station, host: SimulatedHost) -> None:
    made = plan(station, FREEZE)
    asyncio.run(station.runner.run(made))
    assert asyncio.run(station.runner.roll_back(made.id)).state is PlanState.ROLLED_BACK
    state = host.state()
    assert not state.paused and state.behind == () and downs(state.live) == 0


def test_only_what_we_stopped_goes_on(tmp_path: Path) -> None:
    host = new_machine(tmp_path)
    machine = host.state()
    machine.paused = True
    host.put(machine)
    station = Station(tmp_path, NearHands(host))
    cut(station, FREEZE)
    made = asyncio.run(station.release())
    assert not any(isinstance(step, ResumeMachine) for step in made.steps)
    asyncio.run(station.runner.run(made))
    assert host.state().paused
    station.close()


def test_a_restart_switches_off_behind_the_barrier_and_starts_last(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, FREEZE)
    made = asyncio.run(station.release(How.RESTART))
    order = [type(step) for step in made.steps]
    assert order.index(SwitchOff) < order.index(BarrierDown) < order.index(StartAgain)
    assert made.warnings[0].code == "incidents.warning.memory-given-up"
    assert asyncio.run(station.runner.run(made)).state is PlanState.DONE
    state = host.state()
    assert state.starts == 1 and not state.paused and downs(state.live) == 0
    assert state.stored == machine_xml(running=False)


def test_a_rebuild_boots_from_a_copy_and_keeps_the_old_disk(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, FREEZE)
    made = asyncio.run(station.release(How.REBUILD))
    [step] = [step for step in made.steps if isinstance(step, RebuildStored)]
    assert "-vda /images/web.qcow2" in step.preview
    assert asyncio.run(station.runner.run(made)).state is PlanState.DONE
    [path] = [path for name, path in host.state().volumes.items() if name != "template"]
    expected = machine_xml(running=False).replace("/images/web.qcow2", path)
    assert host.state().stored == expected and host.state().starts == 1


def test_a_rebuild_from_the_machine_s_own_disk_is_refused(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, FREEZE)
    machine = host.state()
    machine.volumes["template"] = "/images/web.qcow2"
    host.put(machine)
    with pytest.raises(RingfenceError, match="template-is-disk"):
        asyncio.run(station.release(How.REBUILD))
    machine.volumes.clear()
    host.put(machine)
    with pytest.raises(RingfenceError, match="volume-missing"):
        asyncio.run(station.release(How.REBUILD))


def test_a_rebuild_rolled_back_leaves_no_copy_and_holds(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, FREEZE)
    made = asyncio.run(station.release(How.REBUILD))
    asyncio.run(station.runner.run(made))
    asyncio.run(station.runner.roll_back(made.id))
    state = host.state()
    assert list(state.volumes) == ["template"]
    assert state.live == "" and state.behind == (MAC_1, MAC_2) and downs(state.stored) == 2


WAYS = """<channel type='unix'><source mode='bind' path='/run/agent'/>
  <target type='virtio' name='org.qemu.guest_agent.0'/><alias name='channel0'/></channel>
  <redirdev bus='usb' type='spicevmc'><alias name='redir0'/></redirdev>
  <disk type='file' device='cdrom'><source file='/iso/a.iso' index='2'/>
  <target dev='sda'/></disk><filesystem type='mount'><target dir='share'/></filesystem></devices>"""


def with_ways(host: SimulatedHost) -> None:
    machine = host.state()
    machine.live = machine.live.replace("</devices>", WAYS)
    machine.isolated = True
    host.put(machine)


def test_strict_closes_side_ways_and_a_release_gives_them_back(
    station: Station, host: SimulatedHost
) -> None:
    with_ways(host)
    before = host.state().live
    outcome = cut(station, STRICT)
    live = host.state().live
    assert outcome.missing == ("filesystem share",)
    assert "<channel" not in live and "<redirdev" not in live and "a.iso" not in live
    assert "passwd=''" in live.replace('"', "'") and live.count("ringfence-quarantine") == 2
    assert release(station).missing == ()
    assert live_differences(redact(before), redact(host.state().live)) == ()
    assert "s3cret" in host.state().live


def test_a_freeze_leaves_what_stands_still(station: Station, host: SimulatedHost) -> None:
    with_ways(host)
    assert cut(station, FREEZE).state is PlanState.DONE
    live = host.state().live
    assert "<channel" in live and "a.iso" in live and "<redirdev" not in live
    assert release(station).missing == ()


def test_forensic_names_what_it_leaves_open(station: Station, host: SimulatedHost) -> None:
    with_ways(host)
    made = plan(station, FORENSIC)
    left = [each.params["way"] for each in made.warnings if each.code.endswith("left-open")]
    assert left == ["channel org.qemu.guest_agent.0", "medium in sda"]
    asyncio.run(station.runner.run(made))
    live = host.state().live
    assert "ringfence-quarantine" not in live and "<channel" in live


def test_a_console_closed_before_stays_closed_when_a_second_cut_is_undone(
    station: Station, host: SimulatedHost
) -> None:
    cut(station, STRICT)
    second = plan(station, STRICT)
    asyncio.run(station.runner.run(second))
    asyncio.run(station.runner.roll_back(second.id))
    assert "s3cret" not in host.state().live


def test_a_door_leads_to_the_card_s_own_network(station: Station, host: SimulatedHost) -> None:
    with_ways(host)
    cut(station, FREEZE)
    assert host.state().live.count("ringfence-quarantine") == 2
    assert cut(station, FORENSIC).missing == ("filesystem share",)
    live = host.state().live
    assert "ringfence-quarantine" not in live and downs(live) == 0


def test_a_card_whose_link_somebody_raised_comes_back_to_its_own_network(
    station: Station, host: SimulatedHost
) -> None:
    with_ways(host)
    before = host.state().live
    cut(station, FREEZE)
    raised_by_others(host)
    assert release(station).missing == ()
    assert live_differences(redact(before), redact(host.state().live)) == ()
    assert downs(host.state().live) == 0


def test_a_door_opens_also_where_somebody_raised_the_link(
    station: Station, host: SimulatedHost
) -> None:
    with_ways(host)
    cut(station, FREEZE)
    raised_by_others(host)
    assert cut(station, FORENSIC).missing == ("filesystem share",)
    live = host.state().live
    assert "ringfence-quarantine" not in live and downs(live) == 0
