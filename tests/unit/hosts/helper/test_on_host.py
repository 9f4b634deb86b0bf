"""Values are refused before anything runs; rules are made from data and bound to numbers."""

import ast
import io
import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.hosts.helper.closed_set import ANSWERS, READINGS
from core.hosts.helper.on_host.barrier_rules import bridge_rules, netdev_rules
from core.hosts.helper.on_host.machines import Card
from core.hosts.helper.on_host.rules import drain_rules
from core.hosts.helper.on_host.talk import answer, say
from core.hosts.helper.on_host.values import Refused, checked_macs, checked_uuid, table_of
from core.hosts.helper.on_host.verbs import VERBS
from core.hosts.helper.one_file import one_file
from core.hosts.helper.orders import BarrierCard, BarrierSeen

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
MAC = "52:54:00:00:00:01"
CARD = Card("vnet7", 12, MAC, "tap", "")
MACVTAP = Card("macvtap0", 13, MAC, "macvtap", "eth0")


@pytest.mark.parametrize(
    "value",
    [None, 7, "", "web", UUID.upper(), UUID.replace("-", ""), UUID + "\n", f"{{{UUID}}}", "../x"],
)
def test_only_a_uuid_is_one(value: object) -> None:
    with pytest.raises(Refused):
        checked_uuid(value)


@pytest.mark.parametrize(
    "value",
    [
        MAC,
        [MAC.upper() + "g"],
        ["52:54:00:00:00:01 } ; flush ruleset"],
        ["01:80:c2:00:00:03"],  # a group address: blocking it would cut others
        ["52:54:00:00:00"],
        [None],
        [MAC] * 65,
    ],
)
def test_only_addresses_of_single_cards_are_taken(value: object) -> None:
    with pytest.raises(Refused):
        checked_macs(value)


def test_an_address_given_twice_is_one() -> None:
    assert checked_macs([MAC, MAC]) == (MAC,)


def asked(**values: Any) -> dict[str, Any]:
    return answer({"number": 5, **values})


@pytest.mark.parametrize(
    "values",
    [
        {"verb": "flush"},
        {"verb": ["hello"]},
        {"verb": "hello", "path": "/etc/shadow"},
        {"verb": "raise-barrier", "uuid": UUID},
        {"verb": "raise-barrier", "uuid": UUID, "macs": [], "rules": "flush ruleset"},
        {"verb": "raise-barrier", "uuid": UUID, "macs": ["x"], "doors": [], "observe": False},
        {"verb": "read-barrier", "uuid": "x"},
        {},
    ],
)
def test_what_is_not_a_verb_with_its_values_is_refused(values: dict[str, Any]) -> None:
    assert asked(**values)["error"] == "helper-value"


def test_a_frame_that_is_none_is_an_answer_too() -> None:
    assert answer(["hello"])["error"] == "helper-value"
    assert answer({"verb": "hello"})["number"] == 0


def test_hello_says_what_the_host_can() -> None:
    found = asked(verb="hello")
    assert found["number"] == 5
    assert {"version", "kernel", "root", "nft"} <= found.keys()


def test_rules_are_bound_to_numbers_and_addresses_never_to_names() -> None:
    text = bridge_rules(UUID, (CARD,), (MAC,))
    assert "elements = { 12 }" in text and f"elements = {{ {MAC} }}" in text
    assert "vnet7" not in text
    assert text.count(" drop\n") == 6
    netdev = netdev_rules(UUID, (CARD,), (MAC,), egress=True)
    assert 'ingress device "vnet7"' in netdev and "iif 12 counter" in netdev
    assert 'egress device "vnet7"' in netdev and "oif 12 counter" in netdev


def test_what_replaces_a_barrier_stands_behind_it_while_both_are_there() -> None:
    """A frame on its way meets first what was in force, then what is."""
    first = priorities()
    time.sleep(0.011)
    then = priorities()
    assert len(first) == len(then) == 2 and max(first) < min(then) < -400


def priorities() -> list[int]:
    text = netdev_rules(UUID, (CARD,), (MAC,), egress=True)
    return [int(found) for found in re.findall(r"priority (-?\d+);", text)]


def test_an_old_kernel_gets_the_ingress_chains_alone() -> None:
    assert "egress" not in netdev_rules(UUID, (CARD,), (MAC,), egress=False)


def test_a_macvtap_is_cut_on_the_device_below_by_address() -> None:
    text = netdev_rules(UUID, (MACVTAP,), (MAC,), egress=True)
    assert text.count('device "eth0"') == 2 and "macvtap0" not in text
    assert text.count("ether saddr @macs") == text.count("ether daddr @macs") == 2


def test_a_machine_that_does_not_run_keeps_its_addresses_blocked() -> None:
    text = bridge_rules(UUID, (), (MAC,))
    assert "set taps { type iface_index; }" in text and MAC in text


def test_each_machine_has_tables_of_its_own() -> None:
    assert table_of(UUID, "barrier") in bridge_rules(UUID, (CARD,), (MAC,))
    assert table_of(UUID, "drain") in drain_rules(UUID, (CARD,))


def test_the_drain_ends_by_itself_and_knows_ipv6() -> None:
    text = drain_rules(UUID, (CARD,))
    assert "12 timeout 24h" in text
    assert "drain6" in text and "ip6 saddr" in text


def test_frames_have_their_length_in_front() -> None:
    out = io.BytesIO()
    say({"number": 1}, out)
    head, body = out.getvalue()[:4], out.getvalue()[4:]
    assert int.from_bytes(head, "big") == len(body)


def test_the_one_file_needs_nothing_but_an_old_python() -> None:
    tree = ast.parse(one_file(), feature_version=(3, 9))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    roots = {str(name).split(".")[0] for name in names}
    assert roots <= sys.stdlib_module_names


def test_the_one_file_obeys_until_its_input_ends(tmp_path: Path) -> None:
    frame = json.dumps({"number": 9, "verb": "hello"}).encode()
    program = tmp_path / "ringfence-host"
    program.write_bytes(one_file())
    command = [sys.executable, "-I", "-S", str(program)]
    given = len(frame).to_bytes(4, "big") + frame
    done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=10)
    assert json.loads(done.stdout[4:])["number"] == 9
    nonsense = subprocess.run(command, input=b"\xff\xff\xff\xff", capture_output=True, check=True)
    assert nonsense.stdout == b""


def test_every_order_has_a_verb() -> None:
    verbs = {str(order.__struct_config__.tag): set(order.__struct_fields__) for order in ANSWERS}
    assert verbs.keys() == VERBS.keys() - {"hello"}
    for verb, fields in verbs.items():
        assert fields - {"number", "folder"} == VERBS[verb][1]  # a folder is the station's own
    assert set(READINGS) <= ANSWERS.keys()


def barrier(held: bool = True, macs: tuple[str, ...] = (MAC,)) -> BarrierSeen:
    card = BarrierCard("vnet7", 12, MAC, "tap", True, held, True, "br0", True)
    return BarrierSeen(True, True, True, macs, (card,), 0, 0, False)


def test_a_barrier_holds_only_with_every_card_and_address() -> None:
    assert barrier().holds((MAC,)) and barrier().open_of((MAC,)) == ()
    assert not barrier(held=False).holds((MAC,))
    assert barrier(held=False).open_of((MAC,)) == (MAC,)
    other = "52:54:00:00:00:02"
    assert barrier().open_of((MAC, other)) == (other,)
    assert not barrier().holds((MAC, other))


def test_no_part_takes_a_name_of_another() -> None:
    """They share one namespace once they are one file."""
    found: Counter[str] = Counter()
    for node in ast.parse(one_file()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] += 1
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name for target in targets for name in ast.walk(target)]
            found.update(name.id for name in names if isinstance(name, ast.Name))
    assert [name for name, count in found.items() if count > 1] == []
