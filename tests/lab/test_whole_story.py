"""One machine's whole story on a host that was prepared by the real command.

It is cut by the terminal; nobody watches while others do what undoes a hold elsewhere; a station
comes back and is told; the first station is lost; a second person gives the machine back; and the
host keeps no trace.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hosts.helper.holds import HoldEvent, HoldsSeen, ReadHolds
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import events_of, uuid_of
from tests.lab.prepared import set_free
from tests.lab.stations import opened, ringfence_json, watching
from tests.lab.traces import tree_of
from tests.lab.whole import (
    BRIDGE,
    CLOCK_S,
    GUEST,
    HOST,
    TARGET,
    Ear,
    People,
    act,
    card,
    command,
    ear,
    held_as,
    prepared_by,
    said,
    stored,
)

REFUSED = 5
NEW_MAC = "52:54:00:0c:00:07"
PASSPHRASE = "a long enough passphrase"

pytestmark = pytest.mark.timeout(1500)  # some forty commands, each of which starts a station


@pytest.fixture
def running(lab: Lab) -> Iterator[Lab]:
    set_free(lab, GUEST)
    lab.wait_until_answers(GUEST)
    yield lab
    set_free(lab, GUEST)


@pytest.fixture
def people(lab: Lab, tmp_path: Path) -> People:
    return People(lab, tmp_path)


def test_the_whole_story(running: Lab, people: People, tmp_path: Path) -> None:
    host = running.hosts[HOST]
    untouched, was = tree_of(host), stored(host)
    evidence = tmp_path / "handed-on"
    with prepared_by(people, running, two_people=True):
        uuid = uuid_of(host, GUEST)
        with ear(running, host, NEW_MAC) as heard:
            heard.hears()
            cut_with_evidence(people.ann, tmp_path)
            heard.forget()
            heard.silent("after the cut")
            others_at_work(people.ann, host, heard, uuid)
        a_station_comes_back(people.ann)
        shutil.copytree(people.ann / "state/cases", evidence)
        waits = command(people.ann, "release", TARGET, "--reason", "clean", "--yes")
        assert waits.returncode != 0 and "two people" in waits.stdout, said(waits)
        asked_first_by_bob_alone(people.bob)
        fingerprint = key_of(people.ann)
        shutil.rmtree(people.ann)
        act(people.bob, "release")
        assert held_as(people.bob) is None
        assert stored(host) == was
        running.wait_until_answers(GUEST)
        whole_without_its_station(people.bob, evidence, fingerprint)
        host.virsh(["destroy", GUEST])
        people.unprepare(host)
        assert tree_of(host) == untouched
        assert "ringfence" not in host.exec(["ps", "-ef"]).stdout
        assert "ringfence_" not in host.exec(["nft", "list", "tables"]).stdout


def cut_with_evidence(home: Path, place: Path) -> None:
    secret = place / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    made = command(home, "key", "new", "case", "evidence", "--passphrase-file", str(secret))
    assert made.returncode == 0, said(made)
    words = ["--evidence", "memory,xml,rules", "--passphrase-file", str(secret)]
    act(home, "quarantine", "--mode", "freeze", *words)
    assert held_as(home)["state"] == "contained"


def others_at_work(home: Path, host: Host, heard: Ear, uuid: str) -> None:
    """No station runs; the host holds by itself."""
    host.virsh(["resume", GUEST])
    heard.silent("set going")
    host.virsh(["domif-setlink", GUEST, card(host), "up"])
    heard.silent("its link raised")
    flushed(home, host, heard, uuid)
    words = ["attach-interface", GUEST, "bridge", BRIDGE, "--mac", NEW_MAC, "--model", "virtio"]
    host.virsh([*words, "--live"])
    heard.silent("a card more")
    host.virsh(["destroy", GUEST])
    start_is_refused(host)
    xml = host.virsh(["dumpxml", "--inactive", "--security-info", GUEST])
    host.virsh(["undefine", GUEST])
    host.define(xml)
    start_is_refused(host)
    heard.silent("defined anew")
    taken_back = command(home, "host", "unprepare", HOST, "--yes")
    assert taken_back.returncode == REFUSED, said(taken_back)


def flushed(home: Path, host: Host, heard: Ear, uuid: str) -> None:
    """Every frame that was heard falls into a gap the host tells."""
    known = len(gaps(home, uuid))
    heard.forget()
    began = time.monotonic()
    host.exec(["nft", "flush", "ruleset"])
    time.sleep(3.0)
    span_s, told = heard.span_s(), gaps(home, uuid)[known:]
    assert told, "a flush was not told"
    told_s = sum(gap.seconds for gap in told)
    assert span_s <= told_s + CLOCK_S, (span_s, told)
    assert told_s <= time.monotonic() - began
    heard.silent("after the flush")


def gaps(home: Path, uuid: str) -> list[HoldEvent]:
    async def ask() -> HoldsSeen:
        async with opened(home) as station:
            seen = await station.hands.order(HOST, ReadHolds(0))
        assert isinstance(seen, HoldsSeen)
        return seen

    return events_of(asyncio.run(ask()), uuid, "gap")


def start_is_refused(host: Host) -> None:
    done = host.exec(["virsh", "start", GUEST], check=False)
    assert done.returncode and "is held" in done.stderr, done


def a_station_comes_back(home: Path) -> None:
    """It says how the machine is, what happened meanwhile, and that its memory is lost."""
    told: set[str] = set()
    with watching(home, "--for", "60") as lines:
        for line in lines:
            if line.get("name") == GUEST:
                told.add(line["event"])
            if "quarantine" in told:
                break
        row = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
        assert row["memory_lost"], row
        what = {each["what"] for each in row["seen_by_host"]}
        assert {"start-refused", "stopped"} <= what, row
        assert {"rules changed", "new card"} <= {each["what"] for each in row["gaps"]}, row
        shown = command(home, "case", "show", row["case"])
        deadline = time.monotonic() + 60
        while "emory" not in shown.stdout and time.monotonic() < deadline:
            shown = command(home, "case", "show", row["case"])
    for words in ("was open for", "start that was refused", "emory"):
        assert words in shown.stdout, shown.stdout
    assert row["state"] in {"contained", "partial"}, row


def asked_first_by_bob_alone(home: Path) -> None:
    """The second person is shown who asked, and why."""
    shown = command(home, "release", TARGET, "--reason", "test", "--plan")
    assert "clean" in shown.stdout and "has asked for this release" in shown.stdout, said(shown)


def key_of(home: Path) -> str:
    listed = ringfence_json(home, "key", "list")["keys"]
    return next(str(each["fingerprint"]) for each in listed if each["purpose"] == "evidence")


def whole_without_its_station(home: Path, evidence: Path, fingerprint: str) -> None:
    """With the key that is pinned by hand; without it the evidence is said to be unpinned."""
    [folder] = {path.parent for path in evidence.glob("*/*/case.pem")}
    good = command(home, "case", "verify", str(folder), "--key", fingerprint)
    assert good.returncode == 0, said(good)
    unpinned = command(home, "case", "verify", str(folder))
    assert unpinned.returncode == 1 and "unpinned" in unpinned.stdout, said(unpinned)
