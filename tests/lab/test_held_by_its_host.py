"""What a host that the real command prepared does for held machines with no station anywhere.

It puts back the names of deleted disks, keeps a door a door and an observed machine observed, lets
no snapshot set a machine going, and gives it to a second station when the first one is gone.
"""

import asyncio
import itertools
import shutil
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from core.incidents.model import Mode, Wish
from tests.lab.guests.definition import IMAGES
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import tables, wait_until
from tests.lab.migration import can_go, migrate
from tests.lab.prepared import set_free
from tests.lab.snapshots import SNAPSHOT, with_snapshot
from tests.lab.stations import machine_of, opened
from tests.lab.whole import (
    GUEST,
    HOST,
    TARGET,
    People,
    act,
    command,
    ear,
    held_as,
    prepared_by,
    said,
    start_anew,
    stored,
)

ECHO_PORT = 7
OTHER = "g1"
YES = ("--reason", "test", "--yes")
STATION = "192.168.50.1"  # the host itself, on the guest's network
IMAGE = f"{IMAGES}/{GUEST}.img"
EVIDENCE = b"what the guest wrote"
BACK_S = 20.0  # the keeper looks every five seconds

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def prepared_host(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    people = People(standing_lab, tmp_path_factory.mktemp("people"))
    with prepared_by(people, standing_lab):
        yield people


@pytest.fixture
def people(lab: Lab, prepared_host: People) -> Generator[People]:
    set_free(lab, GUEST)
    lab.wait_until_answers(GUEST)
    yield prepared_host
    if barriers(lab.hosts[HOST]):
        act(prepared_host.bob, "release")


def barriers(host: Host) -> list[str]:
    return [name for _, name in tables(host) if "barrier" in name]


def test_a_deleted_disk_has_its_name_again(lab: Lab, people: People) -> None:
    host = lab.hosts[HOST]
    image = host.path(IMAGE)
    with image.open("r+b") as disk:
        disk.write(EVIDENCE)
    number = image.stat().st_ino
    act(people.ann, "quarantine", "--mode", "freeze")
    assert image.stat().st_nlink == 2
    for attack in (["virsh", "vol-delete", IMAGE], ["rm", IMAGE]):
        host.exec(attack)
        wait_until(image.exists, BACK_S)
        assert image.stat().st_ino == number and image.read_bytes().startswith(EVIDENCE)
    told = [each["what"] for each in held_as(people.ann)["seen_by_host"]]
    assert told == ["disk-back", "disk-back"], told
    act(people.ann, "release")
    assert image.stat().st_ino == number and image.stat().st_nlink == 1
    assert not host.path("/var/lib/ringfence/kept").exists()
    lab.wait_until_answers(GUEST)


def test_a_door_stays_the_door_it_was(lab: Lab, people: People) -> None:
    host = lab.hosts[HOST]
    act(people.ann, "quarantine", "--mode", "forensic", "--door", f"{STATION}:80")
    only_the_door_is_open(lab, host)
    host.exec(["nft", "flush", "ruleset"])
    wait_until(lambda: len(barriers(host)) == 2)
    only_the_door_is_open(lab, host)
    host.virsh(["reset", GUEST])
    start_anew(host)
    only_the_door_is_open(lab, host)
    assert (held_as(people.bob)["state"], held_as(people.bob)["mode"]) == ("contained", "forensic")


def only_the_door_is_open(lab: Lab, host: Host) -> None:
    wait_until(lambda: speaks(lab, host, 80), 60)
    assert not lab.ping(GUEST) and not speaks(lab, host, ECHO_PORT)


def speaks(lab: Lab, host: Host, port: int) -> bool:
    guest = lab.guests[GUEST].nics[0].address.split("/")[0]
    words = ["bash", "-c", f"exec 3<>/dev/tcp/{guest}/{port}"]
    return host.exec(["timeout", "2", *words], check=False).returncode == 0


def test_an_observed_machine_stays_observed(lab: Lab, people: People) -> None:
    host = lab.hosts[HOST]
    act(people.ann, "quarantine", "--mode", "observe", "--observe-anyway", well=(0, 4))
    host.exec(["nft", "flush", "ruleset"])
    wait_until(lambda: counted(host) > 0 and lab.ping(GUEST))
    host.virsh(["destroy", GUEST])
    host.virsh(["start", GUEST])
    lab.wait_until_answers(GUEST)
    before = counted(host)
    assert lab.ping(GUEST)
    assert counted(host) > before
    assert held_as(people.bob)["missing"] == []


def counted(host: Host) -> int:
    """Packets of the counters of our tables."""
    listed = host.exec(["nft", "list", "ruleset"]).stdout
    words = listed.split("table netdev ringfence_barrier", 1)[-1].split()
    pairs = itertools.pairwise(words)
    return sum(int(value) for name, value in pairs if name == "packets" and value.isdigit())


def test_a_snapshot_sets_no_held_machine_going(lab: Lab, people: People) -> None:
    with with_snapshot(lab, GUEST) as host:
        was = stored(host)
        with ear(lab, host) as heard:
            heard.hears()
            act(people.ann, "quarantine", "--mode", "strict")
            heard.forget()
            words = ["virsh", "snapshot-revert", GUEST, SNAPSHOT, "--running", "--force"]
            host.exec(words, check=False)
            heard.silent("put back to a snapshot", 5.0)
        seen = held_as(people.ann)
        assert seen["memory_lost"] and seen["state"] in {"contained", "partial"}, seen
        assert "stopped" in {each["what"] for each in seen["seen_by_host"]}, seen
        act(people.ann, "release")
        assert stored(host) == was
        lab.wait_until_answers(GUEST)


def test_a_machine_held_elsewhere_does_not_arrive(lab: Lab, people: People) -> None:
    """Its own host is not prepared: nothing there keeps it from leaving."""
    with can_go(lab, OTHER, lab.hosts[HOST]) as here:
        done = command(people.ann, "quarantine", f"h1/{OTHER}", "--mode", "freeze", *YES)
        assert done.returncode == 0, said(done)
        refused = migrate(OTHER, here, lab.hosts[HOST])
        assert refused.returncode and "marked as held" in refused.stderr, refused
        assert here.state(OTHER) == "paused" and len(barriers(here)) == 2
        done = command(people.ann, "release", f"h1/{OTHER}", *YES)
        assert done.returncode == 0, said(done)
        lab.wait_until_answers(OTHER)


def test_a_second_station_takes_the_case_over(lab: Lab, people: People) -> None:
    """Ann's machine is lost; what Bob planned before her last word is refused, and says why."""
    ann = people.ann.with_name("ann-lost")
    shutil.copytree(people.ann, ann)
    act(ann, "quarantine", "--mode", "strict")

    async def work() -> dict[str, Any]:
        async with opened(people.bob) as bob:
            machine = machine_of(bob.fleet.view, TARGET)
            assert machine is not None
            plan = await bob.incidents.plan_quarantine(machine, "mine", Wish(mode=Mode.STRICT))
            await asyncio.to_thread(act, ann, "quarantine", "--mode", "freeze")
            outcome = await bob.incidents.run(plan)
            assert outcome.problem is not None
            return {"code": outcome.problem.code, **outcome.problem.params}

    refused = asyncio.run(work())
    assert refused["code"] == "error.hold-differs.cause" and "mode" in str(refused["fields"])
    case = held_as(ann)["case"]
    shutil.rmtree(ann)
    seen = held_as(people.bob)
    assert (seen["case"], seen["mode"]) == (case, "freeze"), seen
    assert not lab.ping(GUEST)
    act(people.bob, "release")
    lab.wait_until_answers(GUEST)
