"""Killed at any moment, a quarantine leaves what the journal shows and what can be finished."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.changes.live_difference import live_differences
from tests.lab.commands import plain_environment
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence, ringfence_json

TARGET = "h1/g1"
TURNS = 40
LONGEST_SECONDS = 4.0


def kill_a_quarantine(home: Path, after_seconds: float) -> None:
    """Start one and end it as a power cut would; it may already be over."""
    command = str(Path(sys.executable).parent / "ringfence")
    words = [command, "quarantine", TARGET, "--mode", "strict", "--reason", "soak", "--yes"]
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=plain_environment({"RINGFENCE_HOME": str(home)}),
    )
    time.sleep(after_seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(TURNS))
def test_killed_at_any_moment(lab: Lab, home: Path, turn: int) -> None:
    lab.wait_until_answers("g1")
    host = lab.hosts["h1"]
    stored = host.virsh(["dumpxml", "--inactive", "--security-info", "g1"])
    live = host.virsh(["dumpxml", "--security-info", "g1"])

    kill_a_quarantine(home, random.Random(turn).uniform(0.5, LONGEST_SECONDS))
    word = "resume" if turn % 2 else "rollback"
    for plan in ringfence_json(home, "journal", "list")["plans"]:
        if plan["state"] == "unfinished":
            finished = ringfence(home, "journal", word, plan["id"], "--yes")
            assert finished.returncode == 0, finished.stdout + finished.stderr
    states = [plan["state"] for plan in ringfence_json(home, "journal", "list")["plans"]]
    assert "unfinished" not in states
    if "done" in states:
        assert not lab.ping("g1")
        free = ringfence(home, "release", TARGET, "--reason", "soak", "--yes")
        assert free.returncode == 0, free.stdout + free.stderr

    lab.wait_until_answers("g1", timeout_seconds=10)
    assert host.virsh(["dumpxml", "--inactive", "--security-info", "g1"]) == stored
    assert live_differences(live, host.virsh(["dumpxml", "--security-info", "g1"])) == ()
    assert ringfence(home, "audit", "verify").returncode == 0
