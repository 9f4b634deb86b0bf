"""The packets around a cut: kept from its plan, over it, and never left on a host."""

import json
import time
from pathlib import Path

import pytest

from core.hosts.helper.observing import StartWatch, WatchBegun
from core.hosts.helper.orders import LowerBarrier
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import uuid_of
from tests.lab.stations import ringfence
from tests.lab.test_host_observing import ask

HOST, GUEST = "h1", "g1"
TARGET = f"{HOST}/{GUEST}"
PCAP_HEAD_BYTES = 24

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def watched(lab: Lab, home: Path) -> Path:
    """Where a running guest's packets are kept, on its host."""
    lab.wait_until_answers(GUEST)
    uuid = uuid_of(lab.hosts[HOST], GUEST)
    [begun] = ask(home, StartWatch(0, uuid))
    assert begun == WatchBegun(True, 300.0)
    return lab.hosts[HOST].path(f"/run/ringfence/watch/{uuid}")


def gone(room: Path) -> bool:
    until = time.monotonic() + 15
    while room.exists() and time.monotonic() < until:
        time.sleep(0.1)
    return not room.exists()


def test_packets_of_before_the_cut_are_in_the_evidence(
    lab: Lab, home: Path, watched: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("a long enough passphrase\n")
    opening = ["--passphrase-file", str(secret)]
    assert ringfence(home, "key", "new", "case", "evidence", *opening).returncode == 0
    lab.wait_until_answers(GUEST)  # after the station that asked for it had gone
    try:
        words = ["--evidence", "packets", "--reason", "t", "--mode", "freeze", "--yes"]
        cut = ringfence(home, "quarantine", TARGET, *words, *opening)
        assert cut.returncode in (0, 4), cut.stdout + cut.stderr
        [file] = (home / "state/cases").glob("*/*/manifest.json")
        items = {item["name"]: item for item in json.loads(file.read_text())["items"]}
        assert items["packets-80.pcap"]["bytes"] > PCAP_HEAD_BYTES
        assert gone(watched)
    finally:
        ringfence(home, "release", TARGET, "--reason", "done", "--yes")


def test_nothing_is_left_when_it_is_not_wanted(lab: Lab, home: Path, watched: Path) -> None:
    assert watched.exists()
    ask(home, LowerBarrier(0, uuid_of(lab.hosts[HOST], GUEST)))
    assert gone(watched)
