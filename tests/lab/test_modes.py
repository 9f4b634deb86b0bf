"""The modes of a quarantine and the ways to go on, on a real guest, at the data plane."""

import re
from pathlib import Path

import pytest

from tests.lab.commands import run
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence, ringfence_json
from tests.lab.test_barrier import (
    ECHO_PORT,
    GUEST,
    HOST,
    TARGET,
    card,
    flow,
    pings_answered,
    tables,
)

POOL = "default"


def address_of(lab: Lab) -> str:
    return lab.guests[GUEST].nics[0].address.split("/")[0]


def station_of(lab: Lab) -> str:
    """From which address the host itself reaches the guest: the station of a door."""
    told = lab.hosts[HOST].exec(["ip", "route", "get", address_of(lab)]).stdout
    found = re.search(r"src (\S+)", told)
    assert found, told
    return found[1]


def cut(home: Path, mode: str, *more: str) -> None:
    words = ("quarantine", TARGET, "--mode", mode, "--reason", "test", "--yes", *more)
    done = ringfence(home, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def release(home: Path, *more: str) -> str:
    done = ringfence(home, "release", TARGET, "--reason", "test", "--yes", *more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def seen(home: Path) -> dict[str, object]:
    found: dict[str, object] = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return found


def run_state(lab: Lab) -> str:
    return lab.hosts[HOST].virsh(["domstate", GUEST]).strip()


def stored(lab: Lab) -> str:
    return lab.hosts[HOST].virsh(["dumpxml", "--inactive", "--security-info", GUEST])


def run_number(lab: Lab) -> str:
    return lab.hosts[HOST].virsh(["domid", GUEST]).strip()


@pytest.fixture
def running(lab: Lab) -> Lab:
    lab.wait_until_answers(GUEST)
    return lab


@pytest.fixture
def fresh(lab: Lab) -> Lab:
    """Started anew: the guest's echo serves one caller, and a flow that was cut still is one."""
    lab.hosts[HOST].virsh(["destroy", GUEST], check=False)
    lab.wait_until_answers(GUEST)
    return lab


def test_a_freeze_stops_everything_and_gives_it_back(fresh: Lab, home: Path) -> None:
    lab = fresh
    before, number = stored(lab), run_number(lab)
    with flow(lab) as old:
        run(["sleep", "0.5"])
        assert old.bytes_since() > 0
        cut(home, "freeze")
        old.bytes_since()
        assert pings_answered(lab) == 0 and old.bytes_since() == 0
        assert run_state(lab) == "paused"
        assert seen(home)["state"] == "contained"
        release(home)
        lab.wait_until_answers(GUEST, timeout_seconds=20)
        old.bytes_since()
        run(["sleep", "1"])
        assert old.bytes_since() == 0, "a flow from before the cut came back"
    assert stored(lab) == before and run_number(lab) == number


def test_a_frozen_machine_set_going_by_another_stays_blocked_and_is_named(
    running: Lab, home: Path
) -> None:
    lab = running
    cut(home, "freeze")
    lab.hosts[HOST].virsh(["resume", GUEST])
    lab.hosts[HOST].virsh(["domif-setlink", GUEST, card(lab), "up"])
    assert pings_answered(lab) == 0
    found = seen(home)
    assert found["state"] == "partial"
    assert "processors: running" in str(found["missing"])
    cut(home, "freeze")
    assert seen(home)["state"] == "contained"
    release(home)
    lab.wait_until_answers(GUEST, timeout_seconds=20)


def test_strict_stops_everything_while_it_runs(fresh: Lab, home: Path) -> None:
    lab = fresh
    with flow(lab) as old:
        run(["sleep", "0.5"])
        cut(home, "strict")
        old.bytes_since()
        assert pings_answered(lab) == 0 and old.bytes_since() == 0
    assert run_state(lab) == "running"
    release(home)
    lab.wait_until_answers(GUEST, timeout_seconds=20)


def test_forensic_lets_only_the_door_pass(fresh: Lab, home: Path) -> None:
    lab = fresh
    before = stored(lab)
    cut(home, "forensic", "--door", f"{station_of(lab)}:{ECHO_PORT}")
    assert pings_answered(lab) == 0
    assert run_state(lab) == "running"
    with flow(lab) as through:
        run(["sleep", "1"])
        assert through.bytes_since() > 0, "the door does not open"
    web = ["timeout", "2", "bash", "-c", f"exec 3<>/dev/tcp/{address_of(lab)}/80"]
    assert lab.hosts[HOST].exec(web, check=False).returncode != 0, "another port is open"
    assert seen(home)["state"] == "contained"
    release(home)
    lab.wait_until_answers(GUEST, timeout_seconds=20)
    assert stored(lab) == before


def test_observe_blocks_nothing_counts_and_is_never_contained(running: Lab, home: Path) -> None:
    lab = running
    before = stored(lab)
    refused = ringfence(home, "quarantine", TARGET, "--mode", "observe", "--reason", "t", "--yes")
    assert refused.returncode != 0 and "observe-anyway" in refused.stderr
    cut(home, "observe", "--observe-anyway")
    assert pings_answered(lab) > 20
    found = seen(home)
    assert (found["state"], found["mode"], found["missing"]) == ("not-contained", "observe", [])
    release(home)
    assert pings_answered(lab) > 20
    assert stored(lab) == before
    assert not [line for line in tables(lab) if "drain" not in line]


def test_a_frozen_machine_goes_on_behind_a_door(fresh: Lab, home: Path) -> None:
    lab = fresh
    cut(home, "freeze")
    cut(home, "forensic", "--door", f"{station_of(lab)}:{ECHO_PORT}")
    assert run_state(lab) == "running" and pings_answered(lab) == 0
    with flow(lab) as through:
        run(["sleep", "1"])
        assert through.bytes_since() > 0
    release(home)
    lab.wait_until_answers(GUEST, timeout_seconds=20)


def test_a_release_by_restart_gives_up_the_memory(running: Lab, home: Path) -> None:
    lab = running
    before, number = stored(lab), run_number(lab)
    cut(home, "freeze")
    said = release(home, "--how", "restart")
    assert "memory is given up" in said
    lab.wait_until_answers(GUEST)
    assert run_number(lab) != number and stored(lab) == before


def test_a_release_by_rebuild_boots_from_a_copy(running: Lab, home: Path) -> None:
    lab = running
    before, host = stored(lab), lab.hosts[HOST]
    host.virsh(["vol-create-as", POOL, "golden.img", "1M", "--format", "raw"])
    try:
        cut(home, "freeze")
        own = ringfence(
            home, "release", TARGET, "--reason", "t", "--how", "rebuild", "--yes",
            "--template", f"{POOL}/{GUEST}.img",
        )  # fmt: skip
        assert own.returncode != 0, "it would be copied from itself"
        said = release(home, "--how", "rebuild", "--template", f"{POOL}/golden.img")
        assert f"{GUEST}.img" in said, "the old disk is not named"
        lab.wait_until_answers(GUEST)
        [path] = re.findall(r"/\S*ringfence-rebuild-[0-9a-f-]{36}", stored(lab))
        assert stored(lab).replace(path, f"/var/lib/libvirt/images/{GUEST}.img") == before
        assert f"{GUEST}.img" in host.virsh(["vol-list", POOL])
    finally:
        host.virsh(["destroy", GUEST])
        host.define(before)
        for line in host.virsh(["vol-list", POOL]).splitlines():
            name = (line.split() or [""])[0]
            if name.startswith(("golden", "ringfence-rebuild")):
                host.virsh(["vol-delete", name, POOL])
