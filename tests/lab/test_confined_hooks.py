"""A host with systemd, its own kernel and enforcing SELinux: prepared, booted anew, given back.

On a host of its own: it is booted anew, and what is left of it goes with it. One station sees all
of it, with the host going away under it.
"""

import asyncio
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import pytest

from core.changes.outcome import PlanOutcome, PlanState
from core.fleet.model import FleetView, MachineView
from core.hosts.preparation.of_station import preparation_of
from core.incidents.model import Containment, Mode, Quarantine, Wish
from core.station import Station
from tests.lab.configuration import write_home
from tests.lab.requirements import reason_not_to_run_selinux
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED
from tests.lab.selinux.patience import patience
from tests.lab.selinux.preparation import selinux_image
from tests.lab.selinux.wired import BESIDE, HELD, traces_of, wire
from tests.lab.stations import machine_of, opened

pytestmark = [pytest.mark.selinux, pytest.mark.timeout(2400)]
HOST = SelinuxHost.name
LONG_S = 600.0
# When a unit was ready, in microseconds since the host's start.
BEGAN = "systemctl show -P ActiveEnterTimestampMonotonic"
LIBRARY = "/usr/lib/x86_64-linux-gnu/libnftables.so.1"
BREAK_NFT = f"mv {LIBRARY} {LIBRARY}.away; mv /usr/sbin/nft /usr/sbin/nft.away"
MEND_NFT = f"mv {LIBRARY}.away {LIBRARY}; mv /usr/sbin/nft.away /usr/sbin/nft"


@pytest.fixture
def host(tmp_path: Path) -> Generator[SelinuxHost]:
    if reason := reason_not_to_run_selinux():
        pytest.skip(reason)
    made = SelinuxHost(selinux_image(), tmp_path / "selinux")
    try:
        made.boot()
        yield made
    finally:
        made.down()


def test_a_prepared_host_holds_through_its_own_reboot(host: SelinuxHost, tmp_path: Path) -> None:
    wire(host)
    write_home(tmp_path / "home", [(host, "ssh")])
    asyncio.run(story(host, tmp_path / "home"))


async def story(host: SelinuxHost, home: Path) -> None:
    with patience():
        async with opened(home, settled=False) as station:
            assert await station.ready_to_act(HELD, 300)
            await wait_for(station, lambda view: machine_of(view, f"{HOST}/{HELD}") is not None)
            before = await asyncio.to_thread(traces_of, host)
            await prepared(station, host)
            await held(station)
            host.virsh(["autostart", HELD])  # another admin
            await asyncio.to_thread(host.reboot)
            await asyncio.to_thread(holds_after_boot, host, uuid_of(station))
            await wait_for(station, lambda view: contained(view) and reached(view))
            await mended(station, host)
            stays_down_without_its_tables(host, uuid_of(station))
            await given_back(station, host)
            assert await asyncio.to_thread(traces_of, host) == before


async def prepared(station: Station, host: SelinuxHost) -> None:
    """No machine that runs ends, and none is started anew, by a daemon that finds new hooks."""
    processes = host.process_labels()
    assert {*STARTED, HELD, BESIDE} <= processes.keys()
    desk = preparation_of(station)
    done = await desk.run(await desk.plan_prepare(HOST))
    assert done.state is PlanState.DONE, (done.problem, done.missing)
    assert (await desk.status(HOST)).state == "prepared"
    assert host.process_labels() == processes
    for hook in ("qemu", "network"):
        label = host.exec(["stat", "-c", "%C", f"/etc/libvirt/hooks/{hook}.d/50-ringfence"]).stdout
        assert ":ringfence_hook_exec_t:" in label


async def held(station: Station) -> None:
    until = time.monotonic() + LONG_S
    while True:
        plan = await station.incidents.plan_quarantine(row(station), "test", Wish(mode=Mode.STRICT))
        if any(step.tag == "barrier-up" for step in plan.steps):
            break
        assert time.monotonic() < until, "no login beside libvirt"
    good(await station.incidents.run(plan))
    await wait_for(station, contained)


def holds_after_boot(host: SelinuxHost, uuid: str) -> None:
    """Tables first, then libvirt; the held machine stays down, its neighbour starts as before."""
    barrier = f"ringfence-barrier@{uuid}.service"
    units = (barrier, "ringfence-keep.service", "libvirtd.service")
    host.wait_for_machines((BESIDE,), LONG_S)
    began = [int(host.exec(["sh", "-c", f"{BEGAN} {unit}"]).stdout) for unit in units]
    assert 0 < began[0] < began[2] and 0 < began[1] < began[2], dict(zip(units, began, strict=True))
    assert tables(host) == 2
    assert is_down(host), "autostart brought it back"
    host.virsh(["suspend", BESIDE])  # it would only look for something to boot


def is_down(host: SelinuxHost) -> bool:
    """Although it starts with its host; and nobody there can start it."""
    assert HELD in host.virsh(["list", "--all", "--autostart", "--name"]).split()
    said = host.exec(["virsh", "start", HELD], check=False)
    assert said.returncode and "is held" in said.stderr, said.stderr
    return HELD not in host.process_labels()


async def mended(station: Station, host: SelinuxHost) -> None:
    """What somebody flushes is raised again, and how long it was open is told."""
    for attack in ("nft flush ruleset", "systemctl restart nftables"):
        known = len(quarantine(station.fleet.view).gaps)
        host.exec(["sh", "-c", attack])
        await asyncio.to_thread(wait_until, lambda: tables(host) == 2)
        await wait_for(station, partial(told_more, known))
        gap = quarantine(station.fleet.view).gaps[-1]
        assert 0 < gap.seconds < LONG_S, gap
        await wait_for(station, contained)


def told_more(known: int, view: FleetView) -> bool:
    return len(quarantine(view).gaps) > known


def stays_down_without_its_tables(host: SelinuxHost, uuid: str) -> None:
    """A load that fails: the unit says so, and the machine does not start."""
    unit = f"ringfence-barrier@{uuid}.service"
    host.exec(["sh", "-c", f"systemctl stop ringfence-keep {unit}; nft flush ruleset; {BREAK_NFT}"])
    try:
        assert host.exec(["systemctl", "start", unit], check=False).returncode
        assert is_down(host)
    finally:
        host.exec(["sh", "-c", f"{MEND_NFT}; systemctl start {unit} ringfence-keep"])
    assert tables(host) == 2


async def given_back(station: Station, host: SelinuxHost) -> None:
    good(await station.incidents.run(await station.incidents.plan_release(row(station), "test")))
    wait_until(lambda: not tables(host))
    host.virsh(["start", HELD], check=False)  # or the release has done it
    desk = preparation_of(station)
    good(await desk.run(await desk.plan_unprepare(HOST)))
    assert {HELD, BESIDE} <= host.process_labels().keys()


def good(done: PlanOutcome) -> None:
    assert done.state is PlanState.DONE, (done.problem, done.missing, done.steps)


def tables(host: SelinuxHost) -> int:
    return host.exec(["nft", "list", "tables"]).stdout.count("ringfence_barrier")


def wait_until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG_S
    while not seen():
        assert time.monotonic() < until, "it never came"
        time.sleep(1)


async def wait_for(station: Station, seen: Callable[[FleetView], bool]) -> None:
    """Not for all that is read of a slow host besides."""
    found = await station.fleet.wait_until(seen, LONG_S, settled=False)
    assert found, station.fleet.view.machines


def row(station: Station) -> MachineView:
    found = machine_of(station.fleet.view, f"{HOST}/{HELD}")
    assert found is not None
    return found


def uuid_of(station: Station) -> str:
    return row(station).key.uuid


def quarantine(view: FleetView) -> Quarantine:
    found = machine_of(view, f"{HOST}/{HELD}")
    assert found is not None and found.quarantine is not None
    return found.quarantine


def contained(view: FleetView) -> bool:
    found = machine_of(view, f"{HOST}/{HELD}")
    held_as = found.quarantine if found is not None else None
    return held_as is not None and held_as.state is Containment.CONTAINED and held_as.kept


def reached(view: FleetView) -> bool:
    return view.hosts[HOST].health.state == "connected"
