"""How far a console reaches: the widest of its listeners, and nothing is taken for local unread."""

import pytest
from lxml import etree

from core.facts import Console, Exposure, Unknown
from core.facts.console import reach_of_address
from core.hosts.worker.xml.consoles import consoles_of
from core.posture.checks.console_other import serial_not_on_network
from core.posture.checks.console_vnc import not_reachable, web_socket
from core.posture.checks.console_vnc import reach_of as reach
from core.posture.model import Outcome, Verdict
from tests.unit.posture.build import NO_SSH, host, machine, qemu_conf, subject
from tests.unit.posture.variants import shown


def read(xml: str) -> tuple[Console, ...]:
    return consoles_of(etree.fromstring(f"<devices>{xml}</devices>"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("::ffff:0.0.0.0", Exposure.EVERYWHERE),
        ("::ffff:127.0.0.1", Exposure.LOCAL),
        ("::ffff:10.0.0.1", Exposure.NETWORK),
        ("::", Exposure.EVERYWHERE),
        ("::1", Exposure.LOCAL),
        ("fe80::1%eth0", Exposure.NETWORK),
        ("0", Exposure.UNKNOWN),
        ("console.example", Exposure.UNKNOWN),
    ],
)
def test_an_address(address: str, expected: Exposure) -> None:
    assert reach_of_address(address) is expected


def test_a_default_listener_beside_a_local_one_is_not_local() -> None:
    two = "<listen type='address' address='127.0.0.1'/><listen type='address'/>"
    [console] = read(f"<graphics type='vnc' port='5900'>{two}</graphics>")
    assert console.exposure is Exposure.UNKNOWN
    assert isinstance(reach(subject(host=host(os=NO_SSH)), console), Unknown)


def test_a_listener_on_a_network_is_not_local_while_it_is_off() -> None:
    listen = "<listen type='network' network='dmz'/>"
    [console] = read(f"<graphics type='vnc' port='-1' autoport='yes'>{listen}</graphics>")
    assert console.exposure is Exposure.UNKNOWN
    assert not_reachable(shown(console)).verdict is Verdict.UNKNOWN


def test_a_web_socket_whose_port_is_not_chosen_yet_is_a_door() -> None:
    [console] = read("<graphics type='vnc' port='-1' websocket='-1' listen='10.0.0.1'/>")
    assert web_socket(shown(console)).verdict is Verdict.FAIL


@pytest.mark.parametrize(("kind", "tls"), [("tcp", " tls='no'"), ("udp", "")])
def test_the_hosts_default_encrypts_no_line_that_says_no(kind: str, tls: str) -> None:
    source = f"<source mode='bind' host='10.0.0.1' service='4000'{tls}/>"
    lines = read(f"<serial type='{kind}'>{source}</serial>")
    assert _judged(lines).verdict is Verdict.FAIL


def test_the_hosts_default_encrypts_a_line_that_says_nothing() -> None:
    lines = read("<serial type='tcp'><source mode='bind' host='10.0.0.1' service='4000'/></serial>")
    assert _judged(lines).verdict is Verdict.PASS


def _judged(lines: tuple[Console, ...]) -> Outcome:
    facts = machine(consoles=lines)
    return serial_not_on_network(subject(facts, host=host(os=qemu_conf(chardev_tls="1"))))
