"""A real host is prepared, watched for drift, and given back without a trace."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab.commands import Completed
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence, ringfence_json
from tests.lab.traces import tree_of

HOST, TLS_ONLY = "h2", "h3"


def act(home: Path, word: str, *more: str, host: str = HOST) -> Completed:
    return ringfence(home, "host", word, host, *more, timeout_seconds=180)


def status(home: Path, host: str = HOST) -> dict[str, Any]:
    found: dict[str, Any] = ringfence_json(home, "host", "status", host)["host"]
    return found


def states(home: Path) -> dict[str, str]:
    return {item["item"]: item["state"] for item in status(home)["items"]}


def start_anew(host: Host) -> None:
    """What the product asks a person for where no systemd runs."""
    host.kill_libvirtd()
    host.start_libvirtd()


@pytest.fixture
def host(lab: Lab) -> Host:
    return lab.hosts[HOST]


def test_prepared_and_given_back_without_a_trace(lab: Lab, home: Path, host: Host) -> None:
    before = tree_of(host)
    shown = act(home, "prepare", "--plan")
    assert shown.returncode == 0, shown.stderr
    assert "/etc/libvirt/hooks/qemu.d/50-ringfence" in shown.stdout
    assert "no systemd" in shown.stdout
    assert tree_of(host) == before, "a plan changed something"

    done = act(home, "prepare", "--yes")
    assert "by hand" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 4  # libvirtd does not know of the hooks yet: it says so
    start_anew(host)
    found = status(home)
    assert found["state"] == "prepared", found
    assert found["keep"] == "by-hand"
    assert {item["state"] for item in found["items"]} == {"ours"}
    [network] = [
        line for line in host.virsh(["net-list", "--all"]).splitlines() if "quarantine" in line
    ]
    assert network.split()[1:3] == ["active", "yes"]
    bridge = host.exec(["cat", "/sys/class/net/rfq0/bridge/stp_state"]).stdout.strip()
    assert bridge == "0"

    again = act(home, "prepare", "--plan")
    assert again.stdout.count("\n  1.") == 1 and "\n  2." not in again.stdout, "not idempotent"

    gone = act(home, "unprepare", "--yes")
    assert gone.returncode == 4 and "by hand" in gone.stdout, gone.stdout + gone.stderr
    start_anew(host)
    assert "ringfence" not in host.exec(["ps", "-ef"]).stdout, gone.stdout + gone.stderr
    assert tree_of(host) == before
    assert "quarantine" not in host.virsh(["net-list", "--all"])


def test_drift_is_seen_and_put_right(lab: Lab, home: Path, host: Host) -> None:
    act(home, "prepare", "--yes")
    start_anew(host)
    hook = host.path("/etc/libvirt/hooks/qemu.d/50-ringfence")
    planted = host.path("/etc/ringfence/operators/eve.pub")
    try:
        hook.write_text("#!/bin/sh\nexit 0\n")
        planted.write_text("ab" * 32 + "\n")
        found = states(home)
        assert found["qemu-hook"] == found["operators"] == "drifted"
        assert ringfence(home, "host", "status", HOST).returncode == 1
        assert finding(home).startswith("fail")
        mended = act(home, "prepare", "--yes")
        assert mended.returncode == 0, mended.stdout + mended.stderr
        assert set(states(home).values()) == {"ours"} and not planted.exists()
        assert finding(home).startswith("pass")
    finally:
        act(home, "unprepare", "--yes")
        start_anew(host)


def finding(home: Path) -> str:
    """What the posture says of drift there, once the host's own facts were read."""
    deadline = time.monotonic() + 60
    while True:
        shown = ringfence_json(home, "posture", HOST, "--all")
        found = [each for each in shown["findings"] if each["check"] == "HOST-PREP-001"]
        if found and (found[0]["verdict"] != "unknown" or time.monotonic() > deadline):
            return f"{found[0]['verdict']}: {found[0]['message']}"
        time.sleep(0.5)


def test_a_tls_only_host_says_what_cannot_be_had(lab: Lab, home: Path) -> None:
    found = status(home, TLS_ONLY)
    assert found["state"] == "unknown" and found["why"] == "error.helper-no-ssh.cause"
    shown = act(home, "prepare", "--plan", host=TLS_ONLY)
    assert shown.returncode == 0, shown.stderr
    assert "quarantine network" in shown.stdout
    assert "will be no holds" in shown.stdout
