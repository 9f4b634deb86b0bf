"""A quarantine really stops the traffic of a real guest, and a release really gives it back."""

import re
from pathlib import Path

from core.changes.live_difference import live_differences
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence, ringfence_json

TARGET = "h1/g1"
STRICT = ("--mode", "strict", "--reason", "test")


def stored_xml(lab: Lab) -> str:
    return lab.hosts["h1"].virsh(["dumpxml", "--inactive", "--security-info", "g1"])


def live_xml(lab: Lab) -> str:
    return lab.hosts["h1"].virsh(["dumpxml", "--security-info", "g1"])


def test_the_ping_stops_and_comes_back(lab: Lab, home: Path) -> None:
    lab.wait_until_answers("g1")
    stored, live = stored_xml(lab), live_xml(lab)

    cut = ringfence(home, "quarantine", TARGET, *STRICT, "--yes")
    assert cut.returncode == 0, cut.stdout + cut.stderr
    assert not lab.ping("g1")
    assert re.search(r"<link state=['\"]down['\"]", stored_xml(lab))
    assert ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]["state"] == "contained"

    free = ringfence(home, "release", TARGET, "--reason", "done", "--yes")
    assert free.returncode == 0, free.stdout + free.stderr
    lab.wait_until_answers("g1", timeout_seconds=10)
    assert stored_xml(lab) == stored
    assert live_differences(live, live_xml(lab)) == ()


def test_a_plan_alone_changes_nothing(lab: Lab, home: Path) -> None:
    lab.wait_until_answers("g1")
    before = stored_xml(lab), live_xml(lab)
    shown = ringfence(home, "quarantine", TARGET, *STRICT, "--plan")
    assert shown.returncode == 0, shown.stderr
    assert (stored_xml(lab), live_xml(lab)) == before
    assert lab.ping("g1")


def test_the_record_is_whole_afterwards(lab: Lab, home: Path) -> None:
    lab.start_guest("g1")
    for words in (("quarantine", TARGET, *STRICT), ("release", TARGET, "--reason", "record")):
        done = ringfence(home, *words, "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
    assert ringfence(home, "audit", "verify").returncode == 0
    plans = ringfence_json(home, "journal", "list")["plans"]
    assert [plan["state"] for plan in plans] == ["done", "done"]
