"""The barrier on a real guest: flows stop, stay stopped against others at work, and come back."""

import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.commands import run
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence, ringfence_json

HOST, GUEST = "h1", "g1"
TARGET = f"{HOST}/{GUEST}"
ECHO_PORT = 7

# Sends a line every 20 ms over one TCP connection; tells how many came back each time it is asked.
FLOW = r"""
import select, socket, sys, time
give_up = time.monotonic() + 20
while True:
    try:
        end = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
        break
    except ConnectionRefusedError:  # the guest's echo serves one caller and then listens anew
        if time.monotonic() > give_up:
            raise
        time.sleep(0.1)
end.setblocking(False)
print("ready", flush=True)
got = 0
while True:
    try:
        end.send(b"x" * 8)
    except OSError:
        pass
    ready, _, _ = select.select([end, sys.stdin], [], [], 0.02)
    if end in ready:
        try:
            got += len(end.recv(65536))
        except OSError:
            pass
        time.sleep(0.02)
    if sys.stdin in ready:
        if not sys.stdin.readline():
            break
        print(got, flush=True)
        got = 0
"""


class Flow:
    """One TCP connection from the host to the guest's echo, with something always under way."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def bytes_since(self) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def flow(lab: Lab) -> Generator[Flow]:
    address = lab.guests[GUEST].nics[0].address.split("/")[0]
    space = ["ip", "netns", "exec", lab.address.namespace(HOST)]
    with subprocess.Popen(
        [*space, sys.executable, "-I", "-c", FLOW, address, str(ECHO_PORT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Flow(process)
        finally:
            process.stdin.close()


def pings_answered(lab: Lab, count: int = 25) -> int:
    """Of pings 20 ms apart."""
    address = lab.guests[GUEST].nics[0].address.split("/")[0]
    words = ["ping", "-n", "-q", "-i", "0.02", "-c", str(count), "-W", "1", address]
    said = lab.hosts[HOST].exec(words, check=False).stdout
    found = re.search(r"(\d+) received", said)
    assert found, said
    return int(found[1])


STRICT = ("--mode", "strict", "--reason", "test")


def act(home: Path, word: str, *more: str) -> None:
    done = ringfence(home, word, TARGET, "--reason", "test", "--yes", *more)
    assert done.returncode == 0, done.stdout + done.stderr


def state(home: Path) -> dict[str, object]:
    found: dict[str, object] = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return found


def card(lab: Lab) -> str:
    return lab.hosts[HOST].virsh(["domiflist", GUEST]).split()[-1]


def tables(lab: Lab) -> list[str]:
    listed = lab.hosts[HOST].exec(["nft", "list", "tables"]).stdout
    return [line for line in listed.splitlines() if "ringfence" in line]


@pytest.fixture
def running(lab: Lab) -> Lab:
    lab.wait_until_answers(GUEST)
    return lab


def test_flows_and_pings_stop_and_old_flows_do_not_come_back(running: Lab, home: Path) -> None:
    lab = running
    with flow(lab) as old:
        run(["sleep", "0.5"])
        assert old.bytes_since() > 0
        act(home, "quarantine", "--mode", "strict")
        old.bytes_since()
        assert pings_answered(lab) == 0
        assert old.bytes_since() == 0
        assert sum("ringfence_barrier" in line for line in tables(lab)) == 2
        assert state(home)["state"] == "contained"

        act(home, "release")
        lab.wait_until_answers(GUEST, timeout_seconds=10)
        old.bytes_since()
        run(["sleep", "2"])
        assert old.bytes_since() == 0, "a flow from before the cut came back"
    lab.hosts[HOST].exec(["nft", "delete", "table", *drain_table(lab)])
    assert tables(lab) == []


def drain_table(lab: Lab) -> list[str]:
    [line] = tables(lab)
    assert "ringfence_drain" in line
    return line.split()[1:]


def test_a_link_raised_by_another_is_blocked_and_named(running: Lab, home: Path) -> None:
    lab = running
    lab.wait_until_answers("g2")
    act(home, "quarantine", "--mode", "strict")
    lab.hosts[HOST].virsh(["domif-setlink", GUEST, card(lab), "up"])
    assert pings_answered(lab) == 0
    seen = state(home)
    assert seen["state"] == "partial"
    assert lab.ping("g2"), "a neighbour was cut"
    act(home, "release")
    lab.wait_until_answers(GUEST, timeout_seconds=10)


def test_a_flushed_ruleset_leaves_the_links_and_is_named(running: Lab, home: Path) -> None:
    lab = running
    act(home, "quarantine", "--mode", "strict")
    for table in tables(lab):
        lab.hosts[HOST].exec(["nft", "delete", *table.split()])
    assert pings_answered(lab) == 0
    assert state(home)["state"] == "partial"
    act(home, "quarantine", "--mode", "strict")  # again, in the same case
    assert state(home)["state"] == "contained"
    act(home, "release")
    lab.wait_until_answers(GUEST, timeout_seconds=10)


def test_a_new_connection_passes_while_the_drain_stands(running: Lab, home: Path) -> None:
    lab = running
    act(home, "quarantine", "--mode", "strict")
    act(home, "release")
    lab.wait_until_answers(GUEST, timeout_seconds=10)
    assert any("ringfence_drain" in line for line in tables(lab))
    with flow(lab) as new:
        run(["sleep", "0.5"])
        assert new.bytes_since() > 0


def test_a_host_without_ssh_says_that_it_has_no_barrier(lab: Lab, home: Path) -> None:
    shown = ringfence(home, "quarantine", "h3/g6", *STRICT, "--plan")
    assert shown.returncode == 0, shown.stderr
    assert "No barrier can be raised" in shown.stdout
