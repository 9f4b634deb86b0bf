"""The program is killed at work on a real host; a held machine is put back to a snapshot."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from core.changes.journal import Journal
from core.fleet.model import FleetView
from core.incidents.model import Containment
from core.settings.places import Places
from tests.lab.commands import plain_environment
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.prepared import set_free
from tests.lab.stations import machine_of, opened, ringfence, ringfence_json, seconds_until
from tests.lab.test_changes import GUEST, HOST, assert_as_before, assert_contained, live, stored
from tests.lab.test_faults import TARGET, act_on, state
from tests.lab.test_hold_again import LIMIT_SECONDS

IMAGES = "/var/lib/libvirt/images"
SNAPSHOT = "was"


@pytest.fixture
def host(lab: Lab) -> Generator[Host]:
    """A running guest that starts with its host."""
    lab.hosts[HOST].virsh(["autostart", GUEST])
    lab.wait_until_answers(GUEST)
    yield lab.hosts[HOST]
    set_free(lab, GUEST)


@pytest.mark.parametrize(
    ("act", "decision"), [("quarantine", "resume"), ("quarantine", "rollback"),
                          ("release", "resume"), ("release", "rollback")],
)  # fmt: skip
def test_killed_as_soon_as_it_has_begun(
    lab: Lab, home: Path, host: Host, act: str, decision: str
) -> None:
    before = (stored(lab), live(lab))
    if act == "release":
        cut(home)
    kill_in_the_middle(home, act)
    [plan] = [
        each
        for each in ringfence_json(home, "journal", "list")["plans"]
        if each["state"] == "unfinished"
    ]
    done = ringfence(home, "journal", decision, plan["id"], "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    if (act == "quarantine") == (decision == "resume"):
        assert_contained(lab)
        assert state(home) == "contained"
        act_on(home, "release")
    assert_as_before(lab, before)
    assert state(home) == ""
    assert ringfence(home, "audit", "verify").returncode == 0


def cut(home: Path) -> None:
    words = ("quarantine", TARGET, "--mode", "strict", "--reason", "test", "--yes")
    done = ringfence(home, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def kill_in_the_middle(home: Path, act: str) -> None:
    """Its journal says that it has begun; it does not live to say how it ended."""
    mode = ["--mode", "strict"] if act == "quarantine" else []
    command = str(Path(sys.executable).parent / "ringfence")
    journal = Journal(Places.under(home).make().journal_file)
    variables = {"RINGFENCE_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        with subprocess.Popen(
            [command, act, TARGET, *mode, "--reason", "test", "--yes"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=plain_environment(variables),
        ) as process:
            until = time.monotonic() + 90
            while not journal.unfinished():
                assert process.poll() is None, "it ended before it was killed"
                assert time.monotonic() < until, "it never began"
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
    finally:
        journal.close()


@pytest.fixture
def snapshot(lab: Lab, host: Host) -> Generator[Host]:
    """The guest on a disk that can hold a snapshot, with one taken while it ran and was free."""
    host.virsh(["destroy", GUEST])
    image, wanted = f"{IMAGES}/{GUEST}.img", f"{IMAGES}/{GUEST}.qcow2"
    host.exec(["qemu-img", "create", "-q", "-f", "qcow2", wanted, "16M"])
    xml = stored(lab).replace(image, wanted).replace("type='raw'", "type='qcow2'")
    host.define(xml)
    lab.wait_until_answers(GUEST)
    host.virsh(["snapshot-create-as", GUEST, SNAPSHOT])
    lab.wait_until_answers(GUEST)
    yield host
    host.virsh(["destroy", GUEST], check=False)
    host.virsh(["snapshot-delete", GUEST, SNAPSHOT, "--metadata"], check=False)
    host.virsh(["undefine", GUEST])
    host.exec(["rm", "-f", wanted])
    host.define_guest(lab.guests[GUEST])


def test_a_held_machine_put_back_to_a_snapshot_is_cut_again(
    lab: Lab, home: Path, snapshot: Host
) -> None:
    cut(home)

    async def work() -> None:
        async with opened(home) as station:
            station.stand_guard()
            await seconds_until(station, is_contained, LIMIT_SECONDS)
            await asyncio.to_thread(
                snapshot.virsh, ["snapshot-revert", GUEST, SNAPSHOT, "--running", "--force"]
            )
            assert not await asyncio.to_thread(lab.ping, GUEST), "it came back without its barrier"
            await seconds_until(station, lost_memory, LIMIT_SECONDS)
            await seconds_until(station, is_contained, LIMIT_SECONDS)
            await seconds_until(station, has_gap, LIMIT_SECONDS)

    asyncio.run(work())
    assert not lab.ping(GUEST)
    assert_contained(lab)
    act_on(home, "release")


def is_contained(view: FleetView) -> bool:
    found = machine_of(view, TARGET)
    held = found.quarantine if found else None
    return held is not None and held.state is Containment.CONTAINED


def lost_memory(view: FleetView) -> bool:
    found = machine_of(view, TARGET)
    held = found.quarantine if found else None
    return held is not None and held.memory_lost is not None


def has_gap(view: FleetView) -> bool:
    """It is written down last, when the machine is proved again."""
    found = machine_of(view, TARGET)
    held = found.quarantine if found else None
    return held is not None and bool(held.gaps)
