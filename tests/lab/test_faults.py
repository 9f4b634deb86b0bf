"""A host fails in the middle of a quarantine or a release: nobody is told that it is contained when
it is not, what can be cut is cut, and one decision afterwards ends it well.
"""

import asyncio
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from core.changes.outcome import PlanOutcome, PlanState, StepProgress, StepState
from core.changes.plan import Plan
from core.fleet.model import FleetView, MachineView
from core.incidents.model import Containment, Mode, Wish
from core.station import Station
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.prepared import set_free
from tests.lab.stations import machine_of, opened, ringfence, ringfence_json, seconds_until
from tests.lab.test_barrier import tables
from tests.lab.test_changes import GUEST, HOST, assert_as_before, assert_contained, live, stored

TARGET = f"{HOST}/{GUEST}"
BESIDE = f"{HOST}/g2"
STUCK_QEMU_S = 15.0  # libvirt waits 30 s for it
LIMIT_SECONDS = 60.0
ENOUGH_SECONDS = 100.0  # for a plan whose every order runs into its deadline
STRICT = Wish(mode=Mode.STRICT)
FREEZE = Wish(mode=Mode.FREEZE)
Trouble = Callable[[Host], None]


@pytest.fixture
def host(lab: Lab) -> Generator[Host]:
    """A running guest that starts with its host."""
    lab.hosts[HOST].virsh(["autostart", GUEST])
    lab.wait_until_answers(GUEST)
    yield lab.hosts[HOST]
    set_free(lab, GUEST)


@pytest.fixture
def before(lab: Lab, host: Host) -> tuple[str, str]:
    return stored(lab), live(lab)


def pulled(host: Host) -> None:
    host.cut_link()


def killed(host: Host) -> None:
    host.kill_libvirtd()


def silent_ssh(host: Host) -> None:
    """What goes to the login port is swallowed: no answer, no refusal."""
    rules = "add table inet lab; add chain inet lab in { type filter hook input priority -300; }"
    host.exec(["nft", f"{rules}; add rule inet lab in tcp dport 22 drop"])


def spoken_ssh(host: Host) -> None:
    host.exec(["nft", "delete", "table", "inet", "lab"], check=False)


def troubles() -> Generator[ParameterSet]:
    """Each trouble in each act with one decision, in turn; with the other one in the soak."""
    number = 0
    for trouble in (killed, pulled):
        for act in ("quarantine", "release"):
            for turn, decision in enumerate(("resume", "roll back")):
                marks = [] if turn == number % 2 else [pytest.mark.soak]
                yield pytest.param(trouble, act, decision, marks=marks)
            number += 1


def after_first_step(trouble: Callable[[], None]) -> Callable[[StepProgress], None]:
    """Comes once, as soon as the host has done one step of many."""
    came: list[bool] = []

    def told(progress: StepProgress) -> None:
        if progress.state is StepState.DONE and not came:
            came.append(True)
            trouble()

    return told


@pytest.mark.parametrize(("trouble", "act", "decision"), [*troubles()])
def test_a_host_lost_in_the_middle(
    lab: Lab,
    home: Path,
    host: Host,
    before: tuple[str, str],
    trouble: Trouble,
    act: str,
    decision: str,
) -> None:
    async def lose() -> None:
        async with opened(home) as station:
            if act == "release":
                assert (await quarantine(station)).state is PlanState.DONE
            plan = await (planned if act == "quarantine" else planned_release)(station)
            told = after_first_step(lambda: trouble(host))
            outcome = await asyncio.wait_for(station.incidents.run(plan, told), ENOUGH_SECONDS)
            assert outcome.state is PlanState.UNFINISHED, outcome
            assert outcome.problem is not None
            await seconds_until(station, lambda view: not contained(view), LIMIT_SECONDS)

    asyncio.run(lose())
    host.repair()
    asyncio.run(decide(home, decision))
    if (act == "quarantine") == (decision == "resume"):
        assert_contained(lab)
        assert state(home) == "contained"
        act_on(home, "release")
    assert_as_before(lab, before)
    assert ringfence_json(home, "machine", TARGET)["machine"]["quarantine"] is None


def test_a_login_that_falls_silent_does_not_hold_up_the_links(
    lab: Lab, home: Path, host: Host
) -> None:
    """Cut through libvirt alone, at once; without its barrier it is not contained."""

    async def work() -> None:
        async with opened(home) as station:
            plan = await planned(station)
            silent_ssh(host)
            run = asyncio.ensure_future(station.incidents.run(plan))
            until = time.monotonic() + 5
            while await asyncio.to_thread(lab.ping, GUEST):
                assert time.monotonic() < until, "the links waited for the barrier"
            outcome = await asyncio.wait_for(run, ENOUGH_SECONDS)
            assert outcome.state is PlanState.UNFINISHED, outcome
            assert not contained(station.fleet.view)

    try:
        asyncio.run(work())
        assert not lab.ping(GUEST)
    finally:
        spoken_ssh(host)
    asyncio.run(decide(home, "resume"))
    assert state(home) == "contained"
    act_on(home, "release")


def test_a_host_lost_before_the_cut_is_told_as_not_cut(lab: Lab, home: Path, host: Host) -> None:
    async def work() -> None:
        async with opened(home) as station:
            plan = await planned(station)
            await asyncio.to_thread(host.cut_link)
            outcome = await asyncio.wait_for(station.incidents.run(plan), ENOUGH_SECONDS)
            assert outcome.state is PlanState.UNFINISHED
            assert outcome.seconds_to_cut is None
            assert not any(step.state is StepState.DONE for step in outcome.steps)
            assert not contained(station.fleet.view)

    asyncio.run(work())
    assert lab.ping(GUEST)
    host.restore_link()
    asyncio.run(decide(home, "resume"))
    assert_contained(lab)
    assert state(home) == "contained"
    act_on(home, "release")


@pytest.mark.parametrize("mode", ["strict", "freeze"])
def test_a_host_without_nft_is_cut_by_links_and_named(
    lab: Lab, home: Path, host: Host, mode: str
) -> None:
    hidden = ("/usr/sbin/nft", "/usr/lib/x86_64-linux-gnu/libnftables.so.1")
    for place in hidden:
        host.exec(["mount", "--bind", "/dev/null", place])
    try:
        done = ringfence(home, "quarantine", TARGET, "--mode", mode, "--reason", "test", "--yes")
        assert "No barrier can be raised" in done.stdout, done.stdout + done.stderr
        assert not lab.ping(GUEST)
        assert host.state(GUEST) == ("paused" if mode == "freeze" else "running")
        assert state(home) != "not-contained"
    finally:
        for place in hidden:
            host.exec(["umount", place], check=False)
    act_on(home, "release")
    lab.wait_until_answers(GUEST, timeout_seconds=20)


@pytest.mark.parametrize("wish", [STRICT, FREEZE], ids=["strict", "freeze"])
def test_a_guest_process_that_hangs_is_held_by_its_barrier(
    lab: Lab, home: Path, host: Host, wish: Wish
) -> None:
    """QEMU answers no order: neither link nor processors can be changed, and that is said."""
    pid = host.exec(["cat", f"/run/libvirt/qemu/{GUEST}.pid"]).stdout.strip()
    lab.wait_until_answers("g2", timeout_seconds=60)

    async def work() -> None:
        async with opened(home) as station:
            plan = await planned(station, wish)
            host.exec(["kill", "-STOP", pid])
            outcome = await asyncio.wait_for(station.incidents.run(plan), ENOUGH_SECONDS)
            assert outcome.state is PlanState.UNFINISHED, outcome
            assert len(tables(lab)) == 2, "the barrier waited for QEMU"
            assert not contained(station.fleet.view)
            beside = await station.incidents.plan_quarantine(row(station, BESIDE), "test", wish)
            begun = time.monotonic()
            assert (await station.incidents.run(beside)).state is PlanState.DONE
            assert time.monotonic() - begun < STUCK_QEMU_S, "it waited for the other's QEMU"
            assert not lab.ping("g2")

    try:
        asyncio.run(work())
    finally:
        host.exec(["kill", "-CONT", pid])
    assert not lab.ping(GUEST), "it hung, and goes on behind its barrier"
    asyncio.run(decide(home, "resume"))
    assert state(home) == "contained"
    act_on(home, "release")
    act_on(home, "release", BESIDE)
    lab.wait_until_answers(GUEST, timeout_seconds=20)


def test_a_machine_that_another_job_keeps_busy_is_held_by_its_barrier(
    lab: Lab, home: Path, host: Host
) -> None:
    """Somebody's dump of the machine does not go on, and nothing else may change the machine."""
    host.exec(["mkfifo", "/tmp/core"])
    reader = "(exec sleep 300 < /tmp/core) >/dev/null 2>&1 & echo $! > /tmp/reader.pid"
    host.exec(["sh", "-c", reader])
    words = f"virsh -q dump --memory-only --live {GUEST} /tmp/core >/dev/null 2>&1 &"
    host.exec(["sh", "-c", words])
    until = time.monotonic() + LIMIT_SECONDS
    while "Dump" not in host.virsh(["domjobinfo", GUEST], check=False):
        assert time.monotonic() < until, "the dump has not begun"

    async def work() -> None:
        async with opened(home) as station:
            plan = await planned(station)
            outcome = await asyncio.wait_for(station.incidents.run(plan), ENOUGH_SECONDS)
            assert outcome.state is PlanState.UNFINISHED, outcome
            assert len(tables(lab)) == 2, "the barrier waited for the job"
            problems = [step.problem for step in outcome.steps if step.problem is not None]
            named = [each for each in problems if each.code == "error.busy-with-job.cause"]
            assert named and named[0].params["job"] == "dump", problems
            assert not lab.ping(GUEST)
            assert not contained(station.fleet.view)

    try:
        asyncio.run(work())
    finally:
        host.exec(["sh", "-c", "kill $(cat /tmp/reader.pid); rm -f /tmp/core /tmp/reader.pid"])
    asyncio.run(decide(home, "resume"))
    assert state(home) == "contained"
    act_on(home, "release")
    lab.wait_until_answers(GUEST, timeout_seconds=20)


async def quarantine(station: Station) -> PlanOutcome:
    return await station.incidents.run(await planned(station))


async def planned(station: Station, wish: Wish = STRICT) -> Plan:
    """With a barrier in it: the login beside libvirt may come after it."""
    until = time.monotonic() + LIMIT_SECONDS
    while True:
        plan = await station.incidents.plan_quarantine(row(station), "test", wish)
        if any(step.tag == "barrier-up" for step in plan.steps):
            return plan
        assert time.monotonic() < until, "no login beside libvirt"


async def planned_release(station: Station) -> Plan:
    return await station.incidents.plan_release(row(station), "test")


async def decide(home: Path, decision: str) -> None:
    """Start again, and finish what was left, or take it back."""
    async with opened(home) as station:
        [record] = station.journal.unfinished()
        verb = station.runner.resume if decision == "resume" else station.runner.roll_back
        until = time.monotonic() + LIMIT_SECONDS
        while True:  # the login beside libvirt may come after it
            outcome = await verb(record.plan.id)
            if outcome.state in {PlanState.DONE, PlanState.ROLLED_BACK}:
                break
            assert time.monotonic() < until, outcome
        assert station.journal.unfinished() == ()
        assert station.audit.verify(station.journal).good


def row(station: Station, target: str = TARGET) -> MachineView:
    found = machine_of(station.fleet.view, target)
    assert found is not None
    return found


def contained(view: FleetView) -> bool:
    found = machine_of(view, TARGET)
    held = found.quarantine if found else None
    return held is not None and held.state is Containment.CONTAINED


def state(home: Path) -> str:
    held = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return str(held["state"]) if held else ""


def act_on(home: Path, word: str, target: str = TARGET) -> None:
    done = ringfence(home, word, target, "--reason", "test", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
