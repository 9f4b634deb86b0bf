"""A host prepared by the real command, two people's stations, and an ear beside a held machine."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lab.commands import Completed
from tests.lab.configuration import WAYS, write_home
from tests.lab.frames.capture import ALL, Capture, capturing
from tests.lab.frames.segment import FAR, beside
from tests.lab.frames.traffic import pinging_in
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import wait_until
from tests.lab.prepared import operator_of, set_free
from tests.lab.stations import ringfence, ringfence_json

HOST, GUEST, BRIDGE = "h2", "g3", "virbr-dmz"
TARGET = f"{HOST}/{GUEST}"
NEIGHBOUR = "192.168.50.201/24"
COMMAND_S = 240.0
WAITS_BY_HAND = 4  # without systemd somebody else starts libvirtd anew, and the plan says so
CLOCK_S = 0.05  # from the host's clock to the kernel's stamps


class People:
    """Two operators, each with a station of their own."""

    def __init__(self, lab: Lab, place: Path) -> None:
        self.ann, self.bob = place / "ann", place / "bob"
        for home in (self.ann, self.bob):
            write_home(home, ((host, WAYS[name]) for name, host in lab.hosts.items()))

    def prepare(self, host: Host, *, two_people: bool = False) -> None:
        """Ann prepares it; libvirtd is started anew, as the plan asks."""
        words = ["--operator", f"bob={operator_of(self.bob)}"]
        words += ["--two-people"] if two_people else []
        done = command(self.ann, "host", "prepare", host.name, *words, "--yes")
        assert done.returncode == WAITS_BY_HAND, said(done)
        start_anew(host)
        found = ringfence_json(self.ann, "host", "status", host.name)["host"]
        assert found["state"] == "prepared", (said(done), found)

    def unprepare(self, host: Host) -> None:
        done = command(self.bob, "host", "unprepare", host.name, "--yes")
        assert done.returncode == WAITS_BY_HAND, said(done)
        start_anew(host)


@contextmanager
def prepared_by(people: People, lab: Lab, *, two_people: bool = False) -> Generator[Host]:
    """The guest's host, prepared for as long as the block runs; nothing of ours afterwards."""
    host = lab.hosts[HOST]
    try:
        people.prepare(host, two_people=two_people)
        yield host
    finally:
        set_free(lab, GUEST)
        host.exec(["sh", "-c", "rm -f /var/lib/ringfence/holds/*"], check=False)
        command(people.bob, "host", "unprepare", HOST, "--yes")
        start_anew(host)
        set_free(lab, GUEST)


def start_anew(host: Host) -> None:
    host.kill_libvirtd()
    host.start_libvirtd()


def command(home: Path, *words: str) -> Completed:
    return ringfence(home, *words, timeout_seconds=COMMAND_S)


def act(home: Path, word: str, *more: str, well: tuple[int, ...] = (0,)) -> str:
    done = command(home, word, TARGET, "--reason", "test", "--yes", *more)
    assert done.returncode in well, said(done)
    return done.stdout


def said(done: Completed) -> str:
    return f"{done.returncode}: {done.stdout}{done.stderr}"


def held_as(home: Path) -> dict[str, Any]:
    """What a station shows of the machine's hold."""
    found: dict[str, Any] = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return found


def stored(host: Host) -> str:
    return host.virsh(["dumpxml", "--inactive", "--security-info", GUEST])


def card(host: Host) -> str:
    return host.virsh(["domiflist", GUEST]).split()[-1]


class Ear:
    """Hears the guest's frames at its neighbour, who calls it all the time."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def hears(self, limit_s: float = 60.0) -> None:
        """An ear that does not hear what is not blocked proves nothing."""
        wait_until(lambda: self._capture.heard().count > 0, limit_s)

    def forget(self) -> None:
        self._capture.heard()

    def span_s(self) -> float:
        return self._capture.heard().span_s()

    def silent(self, what: str, seconds: float = 2.0) -> None:
        began_ns = time.time_ns()
        time.sleep(seconds)
        times = [each for found in self._capture.heard().at.values() for each in found]
        assert not times, (
            f"{what}: heard after {[(each - began_ns) / 1e9 for each in times[:20]]} s"
        )


@contextmanager
def ear(lab: Lab, host: Host, *more: str) -> Generator[Ear]:
    """`more`: addresses of cards that somebody will add."""
    guest = lab.guests[GUEST].nics[0].address.split("/")[0]
    owners = ",".join((card(host), *more))
    with (
        beside(lab, HOST, BRIDGE, NEIGHBOUR) as space,
        capturing(space, f"{FAR}/{ALL}", source=owners) as capture,
        pinging_in(space, {"4": guest}),
    ):
        yield Ear(capture)
