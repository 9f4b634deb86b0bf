"""The barrier against every kind of frame: none of a held machine's reaches the host's own stack,
the bridge, the uplink or a neighbour, and none reaches it; others with its old name are free.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path

import pytest

from core.hosts.helper.orders import (
    BarrierSeen,
    LowerBarrier,
    MachineOrder,
    RaiseBarrier,
    ReadBarrier,
)
from core.station import Station
from tests.lab.commands import run
from tests.lab.frames.attacks import STACK, attacks
from tests.lab.frames.packets import arp, tagged, twice_tagged
from tests.lab.frames.stand_in import StandIn
from tests.lab.frames.wire import (
    EAPOL,
    LLC,
    LLDP,
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

HOST = "h1"
UUID, OTHER = "0f6ad2d8-4a10-4a7c-9a4f-3e5c1b7d9a01", "0f6ad2d8-4a10-4a7c-9a4f-3e5c1b7d9a02"
MAC, OTHER_MAC, NEIGHBOUR = "52:54:00:0b:00:01", "52:54:00:0b:00:02", "52:54:00:0b:00:99"
SPOOFED = "52:54:00:0b:66:66"
ALL = "ff:ff:ff:ff:ff:ff"
GUEST_IP, NEIGHBOUR_IP = "10.77.0.200", "10.77.0.201"
ATTACKS = {
    f"{place}: {body[:18].hex()}": body
    for place, body in enumerate(attacks(MAC, SPOOFED, GUEST_IP, "10.77.0.11"))
} | {
    "to a neighbour": udp(NEIGHBOUR, MAC, GUEST_IP, NEIGHBOUR_IP),
    "jumbo": frame(ALL, MAC, 0x88B5, bytes(8900)),
    "jumbo under another address": frame(ALL, SPOOFED, 0x0800, bytes(8900)),
}
BROADCAST = udp(ALL, NEIGHBOUR, NEIGHBOUR_IP, "10.77.0.255")
DIRECT = udp(MAC, NEIGHBOUR, NEIGHBOUR_IP, GUEST_IP)
FROM_NEIGHBOUR = (
    BROADCAST,
    DIRECT,
    frame(MAC, NEIGHBOUR, 0x88B5),
    frame(SPOOFED, NEIGHBOUR, 0x88B5),
    frame("01:00:5e:00:00:01", NEIGHBOUR, 0x88B5),
    frame("33:33:00:00:00:01", NEIGHBOUR, 0x88B5),
    arp((ALL, NEIGHBOUR), NEIGHBOUR_IP, GUEST_IP),
    tagged(BROADCAST),
    tagged(DIRECT),
    twice_tagged(DIRECT),
)
# By the way of the bridge, and past it: the tap's own queue.
FROM_THE_HOST = (BROADCAST, DIRECT, frame(MAC, NEIGHBOUR, EAPOL), tagged(DIRECT))
AT_THE_TAP = (
    DIRECT,
    frame("01:80:c2:00:00:03", NEIGHBOUR, EAPOL),
    frame("01:80:c2:00:00:0e", NEIGHBOUR, LLDP),
    frame("01:80:c2:00:00:00", NEIGHBOUR, LLC, b"\x42\x42\x03"),
    twice_tagged(BROADCAST),
)
EVERYTHING = 0x0003


@pytest.fixture
def space(lab: Lab) -> str:
    """The host's namespace. Its bridge keeps its address, whatever is plugged into it: the
    station's own connections go through it."""
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
    with listening(space, *places(beside)) as listeners:
        yield listeners


def places(beside: str) -> set[str]:
    """The host's stack, its bridge, its uplink and the neighbour."""
    stack = {f"any/{kind}" for kind in STACK}
    return stack | {f"{device}/{EVERYTHING}" for device in ("br0", "eth0", beside)}


Work = Callable[[Station], Awaitable[None]]


def on_station(home: Path, work: Work) -> None:
    async def scenario() -> None:
        async with opened(home) as station:
            await work(station)

    asyncio.run(scenario())


async def order(station: Station, given: MachineOrder) -> BarrierSeen:
    seen = await station.hands.order(HOST, given)
    assert isinstance(seen, BarrierSeen)
    return seen


def attack(machine: StandIn, bodies: Iterable[bytes] = ATTACKS.values()) -> None:
    for body in bodies:
        machine.send(body)


def test_no_frame_passes_in_either_direction(
    lab: Lab, home: Path, space: str, beside: str, ears: Listeners
) -> None:
    def heard(bodies: list[bytes]) -> bool:
        attack(machine, bodies)
        return bool(ears.heard())

    def reached() -> dict[str, int]:
        found: dict[str, int] = {}
        ways = {beside: FROM_NEIGHBOUR, "br0": FROM_THE_HOST, "rftap0": AT_THE_TAP}
        for device, frames in ways.items():
            speak(space, device, *frames)
            ears.heard()
            found[device] = len(frames) - machine.received()
        return found

    async def work(station: Station) -> None:
        attack(machine)
        assert ears.heard() == places(beside), "the listeners must hear what is not blocked"
        assert set(reached().values()) == {0}, "the guest must get what is not blocked"

        seen = await order(station, RaiseBarrier(0, UUID, (MAC,)))
        assert seen.holds((MAC,)), seen
        assert [card.device for card in seen.cards] == ["rftap0"]
        assert passing(ATTACKS, heard) == set()
        missed = {beside: len(FROM_NEIGHBOUR), "br0": len(FROM_THE_HOST)}
        assert reached() == {**missed, "rftap0": len(AT_THE_TAP)}
        seen = await order(station, ReadBarrier(0, UUID))
        assert seen.from_guest >= len(ATTACKS)
        assert seen.to_guest >= sum(missed.values()) + len(AT_THE_TAP)

        assert not (await order(station, LowerBarrier(0, UUID))).up
        attack(machine)
        assert ears.heard() == places(beside)

    with StandIn(lab, HOST, UUID, "rftap0") as machine:
        on_station(home, work)


def test_who_gets_the_old_name_of_a_held_tap_is_free(
    lab: Lab, home: Path, space: str, beside: str, ears: Listeners
) -> None:
    async def work(station: Station) -> None:
        with StandIn(lab, HOST, UUID, "rftap0"):
            assert (await order(station, RaiseBarrier(0, UUID, (MAC,)))).holds((MAC,))
        with StandIn(lab, HOST, OTHER, "rftap0") as another:
            another.send(udp(ALL, OTHER_MAC, "10.77.0.210", "10.77.0.255"))
            assert f"{beside}/{EVERYTHING}" in ears.heard()
            speak(space, beside, frame(OTHER_MAC, NEIGHBOUR, 0x88B5))
            ears.heard()
            assert another.received() == 1
        await order(station, LowerBarrier(0, UUID))

    on_station(home, work)


def test_a_held_machine_on_a_new_tap_is_blocked_by_its_address_and_named(
    lab: Lab, home: Path, ears: Listeners
) -> None:
    async def work(station: Station) -> None:
        with StandIn(lab, HOST, UUID, "rftap0"):
            await order(station, RaiseBarrier(0, UUID, (MAC,)))
        with StandIn(lab, HOST, UUID, "rftap1") as again:
            again.send(ATTACKS["to a neighbour"])
            assert ears.heard() == set()
            seen = await order(station, ReadBarrier(0, UUID))
            assert not seen.holds((MAC,)) and seen.open_cards == ("rftap1",)
            assert (await order(station, RaiseBarrier(0, UUID, (MAC,)))).holds((MAC,))
            attack(again)
            assert ears.heard() == set()
        await order(station, LowerBarrier(0, UUID))

    on_station(home, work)


def test_a_flushed_barrier_is_seen_and_a_tampered_one_too(lab: Lab, home: Path, space: str) -> None:
    assert space
    nft = lab.hosts[HOST].exec
    table = f"ringfence_barrier_{UUID.replace('-', '')}"

    async def work(station: Station) -> None:
        with StandIn(lab, HOST, UUID, "rftap0"):
            await order(station, RaiseBarrier(0, UUID, (MAC,)))
            nft(["nft", "insert", "rule", "bridge", table, "on_arrival", "accept"])
            assert not (await order(station, ReadBarrier(0, UUID))).holds((MAC,))
            await order(station, RaiseBarrier(0, UUID, (MAC,)))
            nft(["nft", "delete", "table", "netdev", table])
            assert not (await order(station, ReadBarrier(0, UUID))).holds((MAC,))
            await order(station, RaiseBarrier(0, UUID, (MAC,)))
            nft(["nft", "delete", "table", "bridge", table])
            assert not (await order(station, ReadBarrier(0, UUID))).holds((MAC,))
        await order(station, LowerBarrier(0, UUID))

    on_station(home, work)
