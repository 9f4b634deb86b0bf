"""Doors as people write them: what is let through is exactly one address and one port."""

import pytest

from core.incidents.doors import MOST_DOORS, checked_door, checked_doors, parse_door
from core.incidents.model import Door
from core.text import RingfenceError


def refusal(station: str, port: str) -> str:
    with pytest.raises(RingfenceError) as caught:
        checked_door(station, port)
    return caught.value.code


def test_a_station_and_a_port() -> None:
    assert checked_door(" 192.0.2.9 ", "22") == Door("192.0.2.9", 22)
    assert parse_door("192.0.2.9:65535") == Door("192.0.2.9", 65535)


@pytest.mark.parametrize(
    "station",
    ["192.0.2", "192.0.2.300", "0192.0.2.1", "web-01", "192.0.2.9/24", "192.0.2.9\n;"],
)
def test_what_is_no_address_is_said(station: str) -> None:
    assert refusal(station, "22") == "door-address"


@pytest.mark.parametrize("station", ["0.0.0.0", "127.0.0.1", "224.0.0.251", "255.255.255.255"])
def test_an_address_that_no_station_has_is_no_door(station: str) -> None:
    assert refusal(station, "22") == "door-station"


def test_a_door_without_a_station_says_so() -> None:
    assert refusal("  ", "22") == "door-empty"


def test_ipv6_is_named_as_what_it_is() -> None:
    assert refusal("2001:db8::9", "22") == "door-ipv6"


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "22.0", "٢٢", "1" * 40, "ssh"])
def test_ports_are_whole_numbers_in_range(port: str) -> None:
    assert refusal("192.0.2.9", port) == "door-port"


def test_a_text_without_a_port_is_no_door() -> None:
    with pytest.raises(RingfenceError, match="door-address"):
        parse_door("192.0.2.9")


def test_each_door_counts_once_and_there_is_an_end() -> None:
    door = Door("192.0.2.9", 22)
    assert checked_doors([door, door]) == (door,)
    with pytest.raises(RingfenceError, match="door-missing"):
        checked_doors([])
    many = [Door("192.0.2.9", port) for port in range(1, MOST_DOORS + 2)]
    with pytest.raises(RingfenceError, match="doors-too-many"):
        checked_doors(many)
