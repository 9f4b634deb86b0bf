"""Consoles are closed under whoever looks at them; what is fleeting is read; frames are heard."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hosts.helper.closed_set import AnyHelperOrder
from core.hosts.helper.observing import (
    ConsolesSeen,
    FramesHeard,
    KickConsoles,
    ListenFor,
    OpenConsoles,
    ReadConsoles,
    ReadVolatile,
    VolatileSeen,
)
from tests.lab.commands import launch
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import macs_of, uuid_of
from tests.lab.stations import opened

HOST, GUEST, OTHER = "h1", "g1", "g2"


@pytest.fixture
def uuid(lab: Lab, home: Path) -> Iterator[str]:
    lab.wait_until_answers(GUEST)
    lab.start_guest(OTHER)
    found = uuid_of(lab.hosts[HOST], GUEST)
    yield found
    ask(home, OpenConsoles(0, found))


def ask(home: Path, *orders: AnyHelperOrder, host: str = HOST) -> list[object]:
    async def scenario() -> list[object]:
        async with opened(home) as station:
            return [await station.hands.order(host, order) for order in orders]

    return asyncio.run(scenario())


def consoles(home: Path, order: AnyHelperOrder) -> ConsolesSeen:
    [seen] = ask(home, order)
    assert isinstance(seen, ConsolesSeen)
    return seen


def greeted(lab: Lab, port: int) -> socket.socket:
    """A viewer that was let in."""
    end = socket.create_connection((lab.hosts[HOST].address, port), timeout=3)
    assert end.recv(12).startswith(b"RFB ")
    return end


def test_viewers_are_kicked_and_nobody_comes_back(lab: Lab, home: Path, uuid: str) -> None:
    before = consoles(home, ReadConsoles(0, uuid))
    assert before.running and before.ports and not before.blocked and not before.closed
    [port] = before.ports
    with greeted(lab, port):
        assert len(consoles(home, ReadConsoles(0, uuid)).clients) == 1
        seen = consoles(home, KickConsoles(0, uuid))
        assert seen.closed and seen.kicked == 1 and seen.blocked == (port,)
    with pytest.raises(OSError, match="timed out"):
        greeted(lab, port).close()
    display = lab.hosts[HOST].virsh(["vncdisplay", OTHER]).strip()
    assert display, "the other machine's console is another port"
    again = consoles(home, KickConsoles(0, uuid))
    assert again.closed and again.kicked == 0
    assert not consoles(home, OpenConsoles(0, uuid)).blocked
    greeted(lab, port).close()


def test_what_is_fleeting_is_told_within_two_seconds(lab: Lab, home: Path, uuid: str) -> None:
    macs = macs_of(lab.hosts[HOST], GUEST)
    [told] = ask(home, ReadVolatile(0, uuid, macs))
    assert isinstance(told, VolatileSeen) and told.took_s < 2.5
    found = {section.name: section for section in told.sections}
    address = lab.guests[GUEST].nics[0].address.split("/")[0]
    assert uuid in found["process"].text and "tcp " in found["sockets"].text
    assert address in found["neighbours"].text and macs[0] in found["neighbours"].text
    assert macs[0] in found["bridge"].text and "rx_packets=" in found["cards"].text
    assert not found["cards"].missing


def test_another_host_hears_the_frames_of_an_address(lab: Lab, home: Path) -> None:
    """From the wire: h2 listens for h1's own card."""
    space = lab.address.namespace(HOST)
    shown = lab.hosts[HOST].exec(["cat", "/sys/class/net/br0/address"]).stdout.strip()
    words = ["ping", "-q", "-b", "-i", "0.2", "-c", "40", lab.hosts["h2"].address]
    launch(["ip", "netns", "exec", space, *words], Path("/dev/null"))
    begun = time.monotonic()
    strange = "52:54:00:0d:00:01"
    heard, silent = ask(
        home, ListenFor(0, (shown, strange), 2.0), ListenFor(0, (strange,), 0.3), host="h2"
    )
    assert time.monotonic() - begun > 2
    assert isinstance(heard, FramesHeard) and isinstance(silent, FramesHeard)
    assert {frame.mac for frame in heard.frames} == {shown} and heard.lost == 0
    assert "eth0" in heard.devices and silent.frames == ()
