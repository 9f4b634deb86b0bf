"""Flows of every kind stop at a cut in each mode, and stay stopped; after the release new ones
come and old ones do not.

A real guest and its neighbour: two TCP flows and a ping in each direction, over IPv4 and over
IPv6, a frame every twenty milliseconds.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.commands import run
from tests.lab.frames.segment import beside
from tests.lab.frames.traffic import (
    PINGS,
    TCP,
    Traffic,
    call_out,
    listen_in,
    ping_out,
    pinging_in,
    traffic,
)
from tests.lab.guests.console import Console, console
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence

HOST, GUEST, BRIDGE = "h1", "g1", "virbr-dmz"
TARGET = f"{HOST}/{GUEST}"
GUEST_AT = {"4": "192.168.50.11", "6": "fd00:50::11"}
NEIGHBOUR_AT = {"4": "192.168.50.201", "6": "fd00:50::201"}
HELD_S, OLD_FLOWS_S = 5.0, 4.0
LEARNT_S = 60.0  # a bridge that speaks STP lets a new port wait
MODES = {"freeze": (), "strict": (), "forensic": ("--door", "{station}:80")}


@pytest.fixture
def guest(lab: Lab) -> Iterator[Lab]:
    """Started anew, so that no flow of an earlier test is left in it."""
    lab.hosts[HOST].virsh(["destroy", GUEST], check=False)
    lab.wait_until_answers(GUEST)
    yield lab
    lab.hosts[HOST].virsh(["destroy", GUEST], check=False)


@pytest.fixture
def neighbour(guest: Lab) -> Iterator[str]:
    addresses = (f"{NEIGHBOUR_AT['4']}/24", f"{NEIGHBOUR_AT['6']}/64")
    with beside(guest, HOST, BRIDGE, *addresses) as space:
        yield space


@pytest.fixture
def shell(guest: Lab) -> Iterator[Console]:
    with console(guest, GUEST) as found:
        found.type(f"busybox ip -6 address add {GUEST_AT['6']}/64 dev eth0")
        yield found


def reach(space: str) -> None:
    """Wait until the guest answers its neighbour on both families."""
    deadline = time.monotonic() + LEARNT_S
    for address in GUEST_AT.values():
        words = ["ip", "netns", "exec", space, "ping", "-n", "-q", "-c", "1", "-W", "1", address]
        while run(words, check=False).returncode:
            assert time.monotonic() < deadline, f"{address} is not reached"


def wait_for(found: Traffic, kinds: frozenset[str], limit_s: float = 20.0) -> None:
    """Until frames of each kind come."""
    deadline, missing = time.monotonic() + limit_s, kinds
    while missing:
        assert time.monotonic() < deadline, f"nothing of {sorted(missing)}"
        time.sleep(0.5)
        counts = found.counts()
        missing = frozenset(kind for kind in kinds if not counts.get(kind))


def seen_in(found: Traffic, seconds: float) -> dict[str, int]:
    found.counts()
    time.sleep(seconds)
    return found.counts()


def act(home: Path, word: str, *more: str) -> None:
    done = ringfence(home, word, TARGET, "--reason", "test", "--yes", *more, timeout_seconds=180)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("mode", MODES)
def test_every_flow_stops_and_only_new_ones_come_after(
    guest: Lab, home: Path, neighbour: str, shell: Console, mode: str
) -> None:
    mac = guest.hosts[HOST].virsh(["domiflist", GUEST]).split()[-1]
    reach(neighbour)
    listen_in(shell)
    with traffic(neighbour, mac, GUEST_AT) as old, pinging_in(neighbour, GUEST_AT):
        call_out(shell, NEIGHBOUR_AT)
        ping_out(shell, NEIGHBOUR_AT)
        wait_for(old, TCP | PINGS)

        more = [word.format(station=guest.address.station) for word in MODES[mode]]
        act(home, "quarantine", "--mode", mode, *more)
        assert seen_in(old, HELD_S) == {}

        act(home, "release")
        wait_for(old, PINGS)
        late = seen_in(old, OLD_FLOWS_S)
        assert not TCP & late.keys(), "a flow from before the cut came back"
        listen_in(shell, shift=100)
        with traffic(neighbour, mac, GUEST_AT, shift=100) as new:
            call_out(shell, NEIGHBOUR_AT, shift=100)
            wait_for(new, TCP)
        assert not TCP & old.counts().keys()
