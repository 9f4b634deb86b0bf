"""Typed orders: each effect is read back, refused ones say why, and nothing else is possible."""

import time

from core.hosts.protocol import (
    Answer,
    Applied,
    DefineXml,
    Failure,
    LinkReadBack,
    Machines,
    ReadXml,
    Resume,
    Rows,
    SetAutostart,
    SetHoldMark,
    SetLinkState,
    Suspend,
    XmlTexts,
    frame,
)
from tests.unit.hosts.worker.child import WorkerChild, opening
from tests.unit.hosts.worker.conftest import FIXTURES, StartWorker

WEB = "00000000-0000-4000-8000-000000000001"
OFF = "00000000-0000-4000-8000-000000000002"
MAC = "52:54:00:00:00:02"


def test_link_down_is_stored_and_the_live_side_is_not_claimed(node: WorkerChild) -> None:
    """The test driver refuses live changes: None, never a pretended True or False."""
    order = SetLinkState(1, WEB, MAC, up=False, live=True, stored=True)

    assert node.ask(order).result == LinkReadBack(MAC, live_up=None, stored_up=False)

    def shows_it(report: Machines) -> bool:
        return any(
            not nic.link_up
            for m in report.machines
            if m.uuid == WEB and isinstance(m.stored_nics, tuple)
            for nic in m.stored_nics
        )

    node.wait_for(Machines, shows_it)


def test_link_up_again_gives_back_the_same_document(node: WorkerChild) -> None:
    before = _texts(node)
    node.ask(SetLinkState(2, WEB, MAC, up=False, live=True, stored=True))
    node.ask(SetLinkState(3, WEB, MAC, up=True, live=True, stored=True))

    assert _links(_texts(node).stored) == _links(before.stored)


def test_a_card_that_is_gone_is_named(node: WorkerChild) -> None:
    answer = node.ask(SetLinkState(1, WEB, "52:54:00:ff:ff:ff", False, True, True))

    assert answer.result == Failure("card-gone", {"mac": "52:54:00:ff:ff:ff"})


def test_stored_xml_comes_back_byte_for_byte(node: WorkerChild) -> None:
    before = _texts(node)
    node.ask(SetAutostart(2, WEB, on=True))
    node.ask(SetHoldMark(3, WEB, "case-1", "strict", "2026-11-22", "anna", live=True, stored=True))
    assert node.ask(DefineXml(4, WEB, before.stored)).result == Applied("defined", stored=True)

    assert _texts(node).stored == before.stored


def test_a_document_of_another_machine_is_refused(node: WorkerChild) -> None:
    answer = node.ask(DefineXml(1, OFF, _texts(node).stored))

    assert isinstance(answer.result, Failure)
    assert answer.result.code == "xml-other-machine"


def test_the_hold_mark_goes_in_and_out(node: WorkerChild) -> None:
    hostile = "<\"&'>"
    put = SetHoldMark(1, WEB, "case-1", "strict", "2026-11-22", hostile, live=True, stored=True)
    assert node.ask(put).result == Applied("case-1", live=True, stored=True)
    held = node.wait_for(Machines, lambda r: any(m.claim.hold_case == "case-1" for m in r.machines))
    assert next(m.claim.hold_owner for m in held.machines if m.uuid == WEB) == hostile

    remove = SetHoldMark(2, WEB, "", "", "", "", live=True, stored=True)
    assert node.ask(remove).result == Applied("", live=True, stored=True)
    assert node.ask(SetHoldMark(3, WEB, "", "", "", "", True, True)).result == Applied(
        "", live=True, stored=True
    )


def test_suspend_and_resume_read_the_state_back(node: WorkerChild) -> None:
    assert node.ask(Suspend(1, WEB)).result == Applied("paused", live=True)
    node.wait_for(Rows, lambda r: any(row.state == "paused" and row.uuid == WEB for row in r.rows))
    assert node.ask(Resume(2, WEB)).result == Applied("running", live=True)


def test_autostart_is_read_back(node: WorkerChild) -> None:
    assert node.ask(SetAutostart(1, OFF, on=True)).result == Applied("on", stored=True)
    assert node.ask(SetAutostart(2, OFF, on=False)).result == Applied("off", stored=True)


def test_a_machine_that_is_not_there(node: WorkerChild) -> None:
    answer = node.ask(Suspend(1, "00000000-0000-4000-8000-00000000dead"))

    assert isinstance(answer.result, Failure)
    assert answer.result.code == "machine-gone"


def test_read_only_refuses_every_effect_before_libvirt_is_asked(start: StartWorker) -> None:
    child = start(opening(f"test://{FIXTURES / 'node.xml'}", read_only=True))
    effects = (
        SetLinkState(1, WEB, MAC, False, True, True),
        SetAutostart(2, WEB, True),
        DefineXml(3, WEB, "<domain/>"),
        SetHoldMark(4, WEB, "c", "strict", "", "", True, True),
        Suspend(5, WEB),
        Resume(6, WEB),
        ReadXml(7, WEB, secure=True),
    )

    assert [child.ask(order).result for order in effects] == [Failure("not-read-only")] * 7
    assert isinstance(child.ask(ReadXml(8, WEB)).result, XmlTexts)


def test_a_stored_change_of_a_running_machine_is_a_difference(node: WorkerChild) -> None:
    text = _texts(node).stored.replace("<title>", "<title>renamed ")
    node.ask(DefineXml(5, WEB, text))

    def tells(report: Machines) -> bool:
        return any(m.uuid == WEB and m.differences for m in report.machines)

    report = node.wait_for(Machines, tells)
    web = next(m for m in report.machines if m.uuid == WEB)
    assert isinstance(web.differences, tuple)
    assert [difference.path for difference in web.differences] == ["title"]


def test_a_change_arrives_within_a_second(node: WorkerChild) -> None:
    asked = time.monotonic()
    node.ask(SetHoldMark(1, OFF, "case-2", "strict", "", "", live=True, stored=True))
    node.wait_for(Machines, lambda r: any(m.claim.hold_case == "case-2" for m in r.machines))

    assert time.monotonic() - asked < 1.0


def _texts(node: WorkerChild) -> XmlTexts:
    result = node.ask(ReadXml(node.number() + 100, WEB, secure=True)).result
    assert isinstance(result, XmlTexts)
    return result


def _links(text: str) -> str:
    return text.replace("<link state='up'/>", "").replace("\n", "").replace(" ", "")


def test_a_flood_of_changes_costs_a_few_reads(node: WorkerChild) -> None:
    """Each order raises events of its own; they are read together, and the last one wins."""
    before = len(node.said)
    orders = [(Suspend if number % 2 else Resume)(number, WEB) for number in range(1, 402)]
    node.give_bytes(b"".join(frame(order) for order in orders))
    node.wait_for(Answer, lambda answer: answer.number == 401)
    node.wait_for(
        Rows,
        lambda r: any(row.uuid == WEB and row.state == "paused" for row in r.rows),
        since=before,
    )
    reads = [r for r in node.said[before:] if isinstance(r, Machines | Rows)]

    assert len(reads) < 60
