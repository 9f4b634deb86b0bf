"""Consoles are closed only by rules that are ours; what is read of the kernel is read rightly."""

import os
import socket
import struct
from typing import Any

import pytest

from core.hosts.helper.observing import ConsolesSeen
from core.hosts.helper.on_host.consoles import blocked_ports, console_rules
from core.hosts.helper.on_host.listening import listen, source_filter
from core.hosts.helper.on_host.listing import Table
from core.hosts.helper.on_host.sockets import end_of, end_text, listening_paths, tcp_sockets
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.on_host.volatile import read_volatile

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"


def line(field: str) -> list[dict[str, Any]]:
    left = {"payload": {"protocol": "tcp", "field": field}}
    match = {"op": "==", "left": left, "right": "@ports"}
    return [{"match": match}, {"counter": "refused"}, {"drop": None}]


def listed() -> Table:
    chains: dict[str, dict[str, Any]] = {
        "on_input": {"hook": "input", "prio": -400},
        "on_output": {"hook": "output", "prio": -400},
    }
    rules = {"on_input": [line("dport")], "on_output": [line("sport")]}
    return Table(chains, rules, {"ports": {"5900", "5701"}}, {}, [])


def test_only_our_own_rules_block_a_port() -> None:
    assert blocked_ports(listed()) == (5701, 5900)
    assert blocked_ports(None) == ()
    spoilt = listed()
    spoilt.rules["on_input"].insert(0, [{"accept": None}])
    assert blocked_ports(spoilt) == ()
    spoilt = listed()
    spoilt.rules["on_output"][0][2] = {"accept": None}
    assert blocked_ports(spoilt) == ()
    spoilt = listed()
    spoilt.flags.append("dormant")
    assert blocked_ports(spoilt) == ()
    del spoilt.chains["on_input"]
    assert blocked_ports(spoilt) == ()


def test_rules_name_ports_in_both_directions() -> None:
    text = console_rules(UUID, (5900, 5700))
    assert "5900, 5700" in text and "tcp dport @ports" in text and "tcp sport @ports" in text


def test_consoles_are_closed_when_no_port_is_open_and_nobody_is_there() -> None:
    seen = ConsolesSeen(True, (5900,), (5900, 5901), (), 0, ())
    assert seen.closed
    assert not ConsolesSeen(True, (5900, 5901), (5900,), (), 0, ()).closed
    assert not ConsolesSeen(True, (5900,), (5900,), ("192.0.2.9:40000",), 0, ()).closed


def test_the_kernels_addresses_are_read() -> None:
    assert end_text(end_of("0100007F:170C")) == "127.0.0.1:5900"
    assert end_text(end_of("0000000000000000FFFF00000100007F:170C")) == "127.0.0.1:5900"
    assert end_text(end_of("00000000000000000000000001000000:0050")) == "[::1]:80"


def test_a_process_own_sockets_are_found_and_no_others() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = [each for each in tcp_sockets(os.getpid()) if each.local[1] == port]
        assert [each.state for each in found] == ["0A"]
        with socket.create_connection(server.getsockname()):
            states = {
                each.state
                for each in tcp_sockets(os.getpid())
                if port in (each.local[1], each.remote[1])
            }
            assert states == {"0A", "01"}
    assert not [each for each in tcp_sockets(os.getpid()) if each.local[1] == port]


def test_a_listening_path_is_found(tmp_path: Any) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        assert path not in listening_paths(os.getpid())
        server.listen()
        assert path in listening_paths(os.getpid())


def test_a_stopped_machine_has_sections_that_say_so() -> None:
    told = read_volatile({"uuid": UUID, "macs": []})
    found = {section["name"]: section for section in told["sections"]}
    assert found["process"]["missing"] and not found["process"]["text"]
    assert told["took_s"] < 2.5


@pytest.mark.parametrize("seconds", [0, -1, 5.1, True, "1", None, float("nan")])
def test_nobody_listens_for_long(seconds: object) -> None:
    with pytest.raises(Refused):
        listen({"macs": ["52:54:00:00:00:01"], "seconds": seconds})


def test_a_filter_has_five_steps_an_address() -> None:
    code = source_filter(("52:54:00:00:00:01", "52:54:00:00:00:02"))
    assert len(code) == 8 * 11
    assert struct.unpack("=HBBI", code[-8:]) == (6, 0, 0, 0)
