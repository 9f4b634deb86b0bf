"""libvirt is told no for a held machine, also when what holds it cannot be read."""

import json
from pathlib import Path

import pytest

from core.hosts.helper.on_host.holds import events_file, write_hold
from core.hosts.helper.on_host.hooks import boot, hook_network, hook_qemu
from core.hosts.helper.on_host.keep import Wanted, stands
from core.hosts.helper.on_host.places import Places
from tests.unit.hosts.helper.test_host_holds import (
    ANN,
    HOLD,
    MAC,
    UUID,
    asked,
    document,
    here,
    order,
    signature,
)

__all__ = ["here"]
OTHER = "6695eb01-f6a4-8304-79aa-97f2502e1931"
CARD, NEW_CARD = "52:54:00:00:00:01", "52:54:00:00:00:07"


def domain(uuid: str = UUID) -> bytes:
    return f"<domain type='kvm'><name>web</name><uuid>{uuid}</uuid></domain>".encode()


def port(mac: str, uuid: str = UUID) -> bytes:
    owner = f"<owner><name>web</name><uuid>{uuid}</uuid></owner>"
    body = f"<networkport>{owner}<mac address='{mac}'/></networkport>"
    return f"<hookData><network/>{body}</hookData>".encode()


@pytest.fixture
def held(here: Places) -> Places:
    hold(here, document())
    return here


def hold(here: Places, text: str) -> None:
    signed = signature(ANN, HOLD + text.encode())
    write_hold({"uuid": UUID, "document": text, "expected": 0, "signature": signed}, here)


def events(here: Places) -> list[tuple[str, str]]:
    lines = events_file(here, UUID).read_text().splitlines()
    return [(line["what"], line["detail"]) for line in map(json.loads, lines)]


@pytest.mark.parametrize("operation", ["prepare", "restore", "migrate"])
def test_a_held_machine_does_not_begin_and_that_is_written_down(
    held: Places, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hook_qemu(["web", operation, "begin", "-"], domain(), held) == 1
    said = capsys.readouterr()
    assert "held" in said.err and said.out == "", "what is printed would become its XML"
    assert events(held) == [("start-refused", operation)]
    assert hook_qemu(["web", operation, "begin", "-"], domain(OTHER), held) == 0


@pytest.mark.parametrize(("mode", "stays"), [("freeze", 1), ("observe", 0)])
def test_a_machine_that_is_held_elsewhere_does_not_arrive(
    here: Places, mode: str, stays: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its mark says so, and anybody may write it: it keeps away, and does nothing else."""
    here.holds.mkdir(parents=True)
    mark = f"<x:hold xmlns:x='urn:ringfence:quarantine:1' case='c' mode='{mode}'/>"
    xml = domain().replace(b"</domain>", f"<metadata>{mark}</metadata></domain>".encode())
    assert hook_qemu(["web", "migrate", "begin", "-"], xml, here) == stays
    assert ("marked as held" in capsys.readouterr().err) is bool(stays)
    assert hook_qemu(["web", "prepare", "begin", "-"], xml, here) == 0
    assert not list(here.holds.iterdir())


def test_a_renamed_machine_is_known_by_its_uuid_in_any_case(held: Places) -> None:
    assert hook_qemu(["else", "prepare", "begin", "-"], domain(UUID.upper()), held) == 1


def test_other_operations_are_none_of_ours(held: Places) -> None:
    for operation in ("stopped", "release", "attach", "start"):
        assert hook_qemu(["web", operation, "end", "-"], domain(), held) == 0
    assert hook_qemu([], b"", held) == 0


@pytest.mark.parametrize(
    "xml",
    [b"", b"<domain/>", b"<domain><uuid>x</uuid></domain>", b"<!DOCTYPE d []>" + domain(), b"<<"],
)
def test_what_cannot_be_understood_does_not_begin(held: Places, xml: bytes) -> None:
    assert hook_qemu(["web", "prepare", "begin", "-"], xml, held) == 1
    assert hook_network(["net", "port-created", "begin", "-"], xml, held) == 1


def test_a_room_of_holds_that_is_not_there_holds_everything(held: Places) -> None:
    gone = held._replace(holds=held.holds / "gone")
    assert hook_qemu(["web", "prepare", "begin", "-"], domain(OTHER), gone) == 1
    assert hook_network(["net", "port-created"], port(CARD, OTHER), gone) == 1
    assert boot(UUID, gone) == 1


def test_a_hold_that_cannot_be_read_still_holds(held: Places) -> None:
    (held.holds / f"{UUID}.json").write_bytes(b"{")
    assert hook_qemu(["web", "prepare", "begin", "-"], domain(), held) == 1
    assert hook_network(["net", "port-created"], port(CARD), held) == 1


def test_a_held_machine_gets_no_card_its_hold_does_not_name(held: Places) -> None:
    words = ["default", "port-created", "begin", "-"]
    assert hook_network(words, port(CARD), held) == 0, "our own updates name its cards"
    assert hook_network(words, port(CARD.upper()), held) == 0
    assert hook_network(words, port(NEW_CARD), held) == 1
    assert events(held) == [("card-refused", NEW_CARD)]
    assert hook_network(words, port(NEW_CARD, OTHER), held) == 0
    assert hook_network(["default", "started", "begin", "-"], b"<network/>", held) == 0


def test_an_observed_machine_may_have_a_new_card(here: Places) -> None:
    hold(here, document(mode="observe"))
    assert hook_network(["default", "port-created"], port(NEW_CARD), here) == 0


def test_once_released_and_lowered_it_is_free(held: Places) -> None:
    file = held.holds / f"{UUID}.json"
    asked(held, order())
    values = json.loads(file.read_bytes())
    file.write_bytes(json.dumps({**values, "lowered": True}).encode())
    assert hook_qemu(["web", "prepare", "begin", "-"], domain(), held) == 0
    file.write_bytes(json.dumps({**values, "release": "", "lowered": True}).encode())
    assert hook_qemu(["web", "prepare", "begin", "-"], domain(), held) == 1, "only with its order"


def found(**more: object) -> dict[str, object]:
    whole = {"bridge": True, "ingress": True, "egress": True}
    base = {"bridge": True, "observing": False, "cards": [whole], "macs": [MAC], "doors": []}
    return {**base, **more}


def test_only_what_is_wanted_or_stricter_stands() -> None:
    door = ("192.0.2.9", 22)
    told = [{"station": door[0], "port": door[1]}]
    closed, open_door = Wanted((MAC,), (), False), Wanted((MAC,), (door,), False)
    watched = found(bridge=False, observing=True)
    assert stands(found(), closed) and stands(found(), open_door)
    assert stands(found(doors=told), open_door) and not stands(found(doors=told), closed)
    assert not stands(watched, closed)
    assert stands(watched, Wanted((MAC,), (), True))
    assert stands(found(), Wanted((MAC,), (), True))
    assert not stands(found(macs=[]), closed)
    assert not stands(found(cards=[{"bridge": True, "ingress": True, "egress": False}]), closed)


def test_only_a_uuid_is_booted(tmp_path: Path) -> None:
    assert boot("../x", Places(holds=tmp_path)) == 1
    assert boot(OTHER, Places(holds=tmp_path)) == 0
