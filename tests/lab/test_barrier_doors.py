"""A door lets through what a named station opens to a named port, and not one other frame; whoever
is only observed keeps its network, and its packets are kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from core.hosts.helper.orders import BarrierSeen, Door, LowerBarrier, MachineOrder, RaiseBarrier
from core.hosts.helper.orders import ReadBarrier as Read
from core.station import Station
from tests.lab.commands import run
from tests.lab.frames.packets import (
    ACK,
    FIN,
    MORE_FRAGMENTS,
    PSH,
    SYN,
    arp,
    tagged,
    tcp,
    twice_tagged,
)
from tests.lab.frames.stand_in import StandIn
from tests.lab.frames.wire import (
    MARK,
    Listeners,
    frame,
    listening,
    neighbour,
    passing,
    speak,
    udp,
)
from tests.lab.hosts.lab import Lab
from tests.lab.stations import opened

HOST, UUID = "h1", "0f6ad2d8-4a10-4a7c-9a4f-3e5c1b7d9a05"
MAC, STATION_MAC, SPOOFED = "52:54:00:0b:00:05", "52:54:00:0b:00:95", "52:54:00:0b:66:65"
GUEST, STATION, ELSE = "10.77.0.205", "10.77.0.206", "10.77.0.207"
ALL = "ff:ff:ff:ff:ff:ff"
DOOR = (Door(STATION, 22),)
OUT, IN = (STATION_MAC, MAC), (MAC, STATION_MAC)
PORT, CALLER = (GUEST, 22), (STATION, 40000)
IPV6 = bytes.fromhex("6000000000140640") + bytes(32) + tcp(OUT, PORT, CALLER, ACK)[34:]

PASS_OUT = {
    "answer": tcp(OUT, PORT, CALLER, SYN | ACK),
    "data": tcp(OUT, PORT, CALLER, PSH | ACK),
    "end": tcp(OUT, PORT, CALLER, FIN | ACK),
    "arp-answer": arp(OUT, GUEST, STATION, 2),
    "arp-request": arp((ALL, MAC), GUEST, STATION),
}
BLOCKED_OUT = {
    "opening": tcp(OUT, PORT, CALLER, SYN),
    "opening-with-fin": tcp(OUT, PORT, CALLER, SYN | FIN),
    "other-port": tcp(OUT, (GUEST, 23), CALLER, ACK),
    "other-target": tcp(OUT, PORT, (ELSE, 40000), ACK),
    "spoofed-mac": tcp((STATION_MAC, SPOOFED), PORT, CALLER, ACK),
    "fragment": tcp(OUT, PORT, CALLER, ACK, MORE_FRAGMENTS),
    "later-fragment": tcp(OUT, PORT, CALLER, ACK, 3),
    "tagged": tagged(tcp(OUT, PORT, CALLER, ACK)),
    "udp": udp(STATION_MAC, MAC, GUEST, STATION),
    "ipv6": frame(STATION_MAC, MAC, 0x86DD, IPV6),
    "arp-other": arp((ALL, MAC), GUEST, ELSE),
    "arp-spoofed-mac": arp((ALL, SPOOFED), GUEST, STATION),
    "arp-tagged": tagged(arp((ALL, MAC), GUEST, STATION)),
    "twice-tagged": twice_tagged(tcp(OUT, PORT, CALLER, ACK)),
    "tagged-as-a-provider-does": tagged(tcp(OUT, PORT, CALLER, ACK), 5, 0x88A8),
    "arp-twice-tagged": twice_tagged(arp((ALL, MAC), GUEST, STATION)),
    "eapol": frame("01:80:c2:00:00:03", MAC, 0x888E),
}
PASS_IN = {
    "opening": tcp(IN, CALLER, PORT, SYN),
    "data": tcp(IN, CALLER, PORT, ACK | PSH),
    "arp": arp((ALL, STATION_MAC), STATION, GUEST),
}
BLOCKED_IN = {
    "other-port": tcp(IN, CALLER, (GUEST, 23), SYN),
    "other-station": tcp(IN, (ELSE, 40000), PORT, SYN),
    "udp": udp(MAC, STATION_MAC, STATION, GUEST),
    "arp-other": arp((ALL, STATION_MAC), ELSE, GUEST),
    "tagged": tagged(tcp(IN, CALLER, PORT, SYN)),
    "fragment": tcp(IN, CALLER, PORT, ACK, MORE_FRAGMENTS),
    "strange": frame(MAC, STATION_MAC, 0x88B5),
    "twice-tagged": twice_tagged(tcp(IN, CALLER, PORT, SYN)),
    "to-everybody": udp(ALL, STATION_MAC, STATION, "10.77.0.255"),
    "to-a-group": frame("33:33:00:00:00:01", STATION_MAC, 0x88B5),
    "arp-twice-tagged": twice_tagged(arp((ALL, STATION_MAC), STATION, GUEST)),
}


@pytest.fixture
def space(lab: Lab) -> str:
    found = lab.address.namespace(HOST)
    listed = run(["ip", "-n", found, "-o", "link", "show", "br0"]).stdout
    address = listed.split("link/ether ")[1].split()[0]
    run(["ip", "-n", found, "link", "set", "br0", "address", address])
    return found


@pytest.fixture
def beside(space: str) -> Iterator[str]:
    with neighbour(space) as device:
        yield device


@pytest.fixture
def ears(space: str, beside: str) -> Iterator[Listeners]:
    with listening(space, f"{beside}/3", "eth0/3", "any/34958") as listeners:
        yield listeners


def on_station(home: Path, work: Callable[[Station], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with opened(home) as station:
            await work(station)

    asyncio.run(scenario())


async def order(station: Station, given: MachineOrder) -> BarrierSeen:
    seen = await station.hands.order(HOST, given)
    assert isinstance(seen, BarrierSeen)
    return seen


def test_only_what_a_station_opens_to_the_port_passes(
    lab: Lab, home: Path, space: str, beside: str, ears: Listeners
) -> None:
    def came(*bodies: bytes) -> int:
        speak(space, beside, *bodies)
        ears.heard()
        return machine.received()

    def left(bodies: list[bytes]) -> bool:
        for body in bodies:
            machine.send(body)
        return bool(ears.heard())

    async def work(station: Station) -> None:
        seen = await order(station, RaiseBarrier(0, UUID, (MAC,), DOOR))
        assert seen.holds((MAC,)) and seen.doors == DOOR and not seen.observing
        for name, body in PASS_OUT.items():
            machine.send(body)
            assert f"{beside}/3" in ears.heard(), name
        assert passing(BLOCKED_OUT, left) == set()
        assert came(*PASS_IN.values()) == len(PASS_IN)
        assert passing(BLOCKED_IN, lambda bodies: bool(came(*bodies))) == set()
        seen = await order(station, Read(0, UUID))
        assert seen.passed >= len(PASS_OUT) + len(PASS_IN)
        seen = await order(station, RaiseBarrier(0, UUID, (MAC,)))
        assert seen.holds((MAC,)) and seen.doors == ()
        assert passing(PASS_OUT, left) == set()
        assert passing(PASS_IN, lambda bodies: bool(came(*bodies))) == set()
        await order(station, LowerBarrier(0, UUID))

    with StandIn(lab, HOST, UUID, "rftap5") as machine:
        on_station(home, work)


def test_a_door_somebody_widened_is_seen(lab: Lab, home: Path, space: str) -> None:
    assert space
    nft = lab.hosts[HOST].exec
    table = f"ringfence_barrier_{UUID.replace('-', '')}"

    async def work(station: Station) -> None:
        await order(station, RaiseBarrier(0, UUID, (MAC,), DOOR))
        more = "{ 10.77.0.207 . 22 }"
        nft(["nft", "add", "element", "netdev", table, "doors", more])
        seen = await order(station, Read(0, UUID))
        assert not seen.holds((MAC,)) and Door(ELSE, 22) in seen.doors
        await order(station, LowerBarrier(0, UUID))

    with StandIn(lab, HOST, UUID, "rftap5"):
        on_station(home, work)


def test_who_is_observed_is_not_blocked_but_kept(
    lab: Lab, home: Path, space: str, beside: str, ears: Listeners
) -> None:
    room = lab.hosts[HOST].path(f"/run/ringfence/ring/{UUID}")

    async def work(station: Station) -> None:
        seen = await order(station, RaiseBarrier(0, UUID, (MAC,), observe=True))
        assert seen.observing and not seen.holds((MAC,)) and seen.open_cards
        for body in BLOCKED_OUT.values():
            machine.send(body)
        assert f"{beside}/3" in ears.heard()
        seen = await order(station, Read(0, UUID))
        assert seen.observing and seen.passed >= len(BLOCKED_OUT)
        time.sleep(1.1)
        kept = (room / "now.pcap").read_bytes()
        for name, body in BLOCKED_OUT.items():  # also the tagged ones, with their tags
            assert body in kept, name

        seen = await order(station, RaiseBarrier(0, UUID, (MAC,)))
        assert seen.holds((MAC,)) and not seen.observing
        machine.send(BLOCKED_OUT["udp"])
        assert ears.heard() == set()
        assert (room / "now.pcap").exists(), "what was kept is evidence"
        seen = await order(station, RaiseBarrier(0, UUID, (MAC,), observe=True))
        assert seen.observing
        assert not (await order(station, LowerBarrier(0, UUID))).observing
        assert not room.exists()

    with StandIn(lab, HOST, UUID, "rftap5") as machine:
        on_station(home, work)


def test_a_ring_goes_on_without_a_station_and_ends_with_its_machine(lab: Lab, home: Path) -> None:
    async def work(station: Station) -> None:
        assert (await order(station, RaiseBarrier(0, UUID, (MAC,), observe=True))).observing

    async def lower(station: Station) -> None:
        await order(station, LowerBarrier(0, UUID))

    lock = f"/run/ringfence/ring/{UUID}/lock"
    free = ["flock", "--nonblock", lock, "true"]
    with StandIn(lab, HOST, UUID, "rftap5") as machine:
        on_station(home, work)
        machine.send(BLOCKED_OUT["udp"])
        time.sleep(1.2)
        assert lab.hosts[HOST].exec(free, check=False).returncode == 1
        assert MARK in lab.hosts[HOST].path(f"/run/ringfence/ring/{UUID}/now.pcap").read_bytes()
    deadline = time.monotonic() + 10
    while lab.hosts[HOST].exec(free, check=False).returncode and time.monotonic() < deadline:
        time.sleep(0.1)
    assert lab.hosts[HOST].exec(free, check=False).returncode == 0
    on_station(home, lower)
