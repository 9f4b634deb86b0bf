"""The barrier against every kind of frame: none of a held machine's reaches the host's own stack,
the bridge, the uplink or a neighbour, and none reaches it; others with its old name are free.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
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
from tests.lab.frames.stand_in import StandIn
from tests.lab.frames.wire import (
    EAPOL,
    LLC,
    LLDP,
    Listeners,
    frame,
    listening,
    neighbour,
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
ARP = bytes.fromhex("0001080006040001") + bytes(20)
SOLICITATION = bytes.fromhex("6000000000203aff") + bytes(32) + b"\x87\0"
ATTACKS = {
    "udp": udp(ALL, MAC, "10.77.0.200", "10.77.0.255"),
    "spoofed-mac": udp(ALL, SPOOFED, "10.77.0.200", "10.77.0.255"),
    "spoofed-ip": udp(ALL, MAC, "10.77.0.11", "10.77.0.255"),
    "arp": frame(ALL, MAC, 0x0806, ARP),
    "neighbour-discovery": frame("33:33:ff:00:00:01", MAC, 0x86DD, SOLICITATION),
    "vlan": frame(ALL, MAC, 0x8100, b"\x00\x05\x08\x00"),
    "spoofed-vlan": frame(ALL, SPOOFED, 0x8100, b"\x00\x05\x08\x00"),
    "to-neighbour": udp(NEIGHBOUR, MAC, "10.77.0.200", "10.77.0.201"),
}
TO_THE_HOST = {
    "eapol": (frame("01:80:c2:00:00:03", MAC, EAPOL), f"any/{EAPOL}"),
    "lldp": (frame("01:80:c2:00:00:0e", MAC, LLDP), f"any/{LLDP}"),
    "spoofed-lldp": (frame("01:80:c2:00:00:0e", SPOOFED, LLDP), f"any/{LLDP}"),
    "stp": (frame("01:80:c2:00:00:00", MAC, LLC, b"\x42\x42\x03"), f"any/{LLC}"),
}
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
    stack = (f"any/{kind}" for kind in (EAPOL, LLDP, LLC))
    wires = (f"{device}/{EVERYTHING}" for device in ("br0", "eth0", beside))
    with listening(space, *stack, *wires) as listeners:
        yield listeners


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


def attack(machine: StandIn) -> None:
    for body in (*ATTACKS.values(), *(body for body, _ in TO_THE_HOST.values())):
        machine.send(body)


def test_no_frame_passes_in_either_direction(
    lab: Lab, home: Path, space: str, beside: str, ears: Listeners
) -> None:
    to_it = (udp(ALL, NEIGHBOUR, "10.77.0.201", "10.77.0.255"), frame(MAC, NEIGHBOUR, 0x88B5))

    async def work(station: Station) -> None:
        with StandIn(lab, HOST, UUID, "rftap0") as machine:
            attack(machine)
            expected = {f"any/{kind}" for kind in (EAPOL, LLDP, LLC)}
            expected |= {f"{device}/{EVERYTHING}" for device in ("br0", "eth0", beside)}
            assert ears.heard() == expected, "the listeners must hear what is not blocked"
            speak(space, beside, *to_it)
            ears.heard()
            assert machine.received() == len(to_it)

            seen = await order(station, RaiseBarrier(0, UUID, (MAC,)))
            assert seen.holds((MAC,)), seen
            assert [card.device for card in seen.cards] == ["rftap0"]
            for name, body in {**ATTACKS, **{n: b for n, (b, _) in TO_THE_HOST.items()}}.items():
                machine.send(body)
                assert ears.heard() == set(), name
            speak(space, beside, *to_it)
            ears.heard()
            assert machine.received() == 0
            seen = await order(station, ReadBarrier(0, UUID))
            assert seen.from_guest >= len(ATTACKS) and seen.to_guest >= len(to_it)

            assert not (await order(station, LowerBarrier(0, UUID))).up
            attack(machine)
            assert ears.heard() == expected

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
            again.send(ATTACKS["udp"])
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
