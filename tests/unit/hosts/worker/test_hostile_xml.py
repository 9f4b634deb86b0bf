"""XML meant to harm: it costs only the machine it describes, and says why."""

import time

import msgspec
import pytest

from core.hosts.worker.xml.document import MAX_XML_BYTES, BadXml, bounded, number, parse
from core.hosts.worker.xml.networks import network_of
from tests.unit.hosts.worker.readings import devices, known, off, running

BOMB = """<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<domain><name>&b;</name></domain>"""
OUTSIDE = (
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><domain><title>&x;</title></domain>'
)


@pytest.mark.parametrize(
    "text", [BOMB, OUTSIDE, OUTSIDE.replace("file:///etc/hostname", "http://x/")]
)
def test_entities_are_refused_unread(text: str) -> None:
    machine = off(text)

    assert machine.partial
    assert "document type" in machine.parse_error
    assert machine.title == ""


def test_ten_mebibytes_are_refused_at_once() -> None:
    text = f"<domain><description>{'x' * MAX_XML_BYTES}</description></domain>"
    begun = time.perf_counter()
    machine = off(text)

    assert machine.partial
    assert machine.xml_bytes > MAX_XML_BYTES
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "<domain>", "<domain><name>\x00</name></domain>", "<network/>", "\udcff<a/>"],
)
def test_what_is_no_domain_is_partial_and_says_so(text: str) -> None:
    machine = off(text)

    assert machine.partial
    assert machine.parse_error
    msgspec.msgpack.encode(machine)


def test_depth_is_bounded() -> None:
    with pytest.raises(BadXml):
        parse("<a>" * 5000 + "</a>" * 5000)


def test_long_texts_are_cut_and_kept_as_they_are() -> None:
    title = "<img src=x>\u202e=cmd()\n" + "t" * 70_000
    escaped = title.replace("<", "&lt;")
    description = "d" * 65_536
    machine = off(
        f"<domain><title>{escaped}</title><description>{description}</description></domain>"
    )

    assert machine.title.startswith("<img src=x>\u202e=cmd()\nttt")
    assert len(machine.title) == len(machine.description) == 16 * 1024


def test_broken_unicode_becomes_a_question_mark() -> None:
    assert bounded("a\udcffb") == "a?b"
    msgspec.msgpack.encode(off("<domain><title>a\udcffb</title></domain>"))


def test_numbers_without_end_stay_within_64_bits() -> None:
    machine = off(f"<domain><memory>{'9' * 22}</memory><vcpu>{'9' * 5000}</vcpu></domain>")

    assert known(machine.tuning).max_vcpus == 1
    msgspec.msgpack.encode(machine)
    assert number("9" * 20) == 2**63 - 1


def test_a_flood_of_devices_is_bounded() -> None:
    machine = off(devices("<disk type='file'><target dev='a'/></disk>" * 20_000))

    assert len(known(machine.disks)) == 1024


def test_a_flood_of_details_is_bounded() -> None:
    machine = off(devices("<odd>" + "".join(f"<c{i} a='1'/>" for i in range(2000)) + "</odd>"))

    assert len(known(machine.devices)[0].details) <= 128


def test_a_broken_stored_side_costs_only_itself() -> None:
    machine = running(devices("<interface type='user'/>"), "<domain>")

    assert machine.partial
    assert machine.parse_error.startswith("stored:")
    assert len(known(machine.nics)) == 1


def test_networks_are_as_careful() -> None:
    network = network_of(
        "<network><name>n</name><ip address='x' netmask='y'/></network>", True, True, True
    )

    assert network.addresses == ("x",)
    with pytest.raises(BadXml):
        network_of(BOMB, True, True, True)
