"""What is planned, what is refused, and what is said beforehand."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from core.changes.plan import Plan, decode_plan, encode_plan, new_id
from core.changes.steps import (
    AutostartOff,
    CloseConsole,
    CutLink,
    MarkHeld,
    ProveCut,
    SaveBefore,
    Side,
)
from core.hosts.protocol import XmlTexts
from core.incidents.quarantine import plan_quarantine
from core.incidents.reasons import PRESET_REASONS, checked_reason
from core.incidents.release import plan_release
from core.incidents.state import CLAIMED
from core.incidents.ways_out import ways_out
from core.incidents.words import missing_text, say_missing, say_reason
from core.text import RingfenceError, load_catalogue
from tests.unit.changes.simulator import MAC_1, MAC_2, MAC_HOSTDEV, UUID, machine_xml
from tests.unit.changes.station import STRICT, view
from tests.unit.incidents.test_state import HOLD

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
RUNNING = XmlTexts(UUID, machine_xml(running=True), machine_xml(running=False))
HOSTDEV = XmlTexts(UUID, machine_xml(running=True, hostdev=True), machine_xml(running=False))


def plan(texts: XmlTexts = RUNNING, reason: str = "test") -> Plan:
    return plan_quarantine(view(), texts, reason, "alice", NOW, wish=STRICT)


def kinds(found: Plan) -> list[tuple[int, type]]:
    return [(step.stage, type(step)) for step in found.steps]


def test_live_cuts_come_first_with_the_saving_beside_them() -> None:
    assert kinds(plan()) == [
        (0, CutLink),
        (0, CutLink),
        (0, SaveBefore),
        (1, CutLink),
        (1, CutLink),
        (2, ProveCut),
        (3, AutostartOff),
        (3, MarkHeld),
        (4, CloseConsole),
    ]


def test_a_transient_machine_has_no_stored_side() -> None:
    found = plan(XmlTexts(UUID, machine_xml(running=True), ""))
    assert [step.side for step in found.steps if isinstance(step, CutLink)] == [Side.LIVE] * 2
    assert AutostartOff not in [kind for _, kind in kinds(found)]


def test_a_machine_that_is_off_has_no_live_side() -> None:
    found = plan(XmlTexts(UUID, "", machine_xml(running=False)))
    assert [step.side for step in found.steps if isinstance(step, CutLink)] == [Side.STORED] * 2


def test_a_card_no_link_cuts_is_said_before() -> None:
    warning, dma, vnc = plan(HOSTDEV).warnings
    assert warning.code == "incidents.warning.card-paused"
    assert warning.params == {"mac": MAC_HOSTDEV, "kind": "hostdev"}
    assert dma.code == "incidents.warning.dma"
    assert vnc.code == "incidents.warning.vnc-stays"
    macs = {step.mac for step in plan(HOSTDEV).steps if isinstance(step, CutLink)}
    assert macs == {MAC_1, MAC_2}


def test_a_spice_console_nobody_can_close_is_said_before() -> None:
    live, stored = (
        text.replace("type='vnc'", "type='spice'") for text in (RUNNING.live, RUNNING.stored)
    )
    [spice] = plan(XmlTexts(UUID, live, stored)).warnings
    assert spice.code == "incidents.warning.spice-stays"


def test_a_step_that_failed_is_named_in_its_own_words() -> None:
    words = load_catalogue("en")
    [said] = say_missing(("close-console",), words, plan())
    assert said == "Revoke the password of the vnc console of web (not done)"


def test_a_plan_survives_the_journal() -> None:
    made = plan()
    assert decode_plan(encode_plan(made)) == made


def test_ids_sort_by_time() -> None:
    later = datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert new_id(NOW) < new_id(later)
    assert new_id(NOW)[14] == "7"


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_a_reason_is_never_empty(reason: str) -> None:
    with pytest.raises(RingfenceError, match="reason-empty"):
        plan(reason=reason)


def test_a_reason_is_one_line_of_a_size() -> None:
    assert checked_reason(" a\n b ") == "a b"
    with pytest.raises(RingfenceError, match="reason-too-long"):
        checked_reason("x" * 1001)


def test_a_read_only_host_is_refused() -> None:
    with pytest.raises(RingfenceError, match="host-read-only"):
        plan_quarantine(view(read_only=True), RUNNING, "test", "alice", NOW, wish=STRICT)


def test_a_hold_with_an_unfinished_plan_is_refused() -> None:
    for hold in (structs.replace(HOLD, finished=False), structs.replace(HOLD, release="r1")):
        with pytest.raises(RingfenceError, match="hold-unfinished"):
            plan_quarantine(view(), RUNNING, "test", "alice", NOW, hold, wish=STRICT)


def test_what_is_not_held_is_not_released() -> None:
    with pytest.raises(RingfenceError, match="not-held"):
        plan_release(view(), RUNNING, None, None, "done", "bob", NOW)


def test_ways_out_no_link_closes_are_named() -> None:
    xml = """<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><devices>
      <hostdev type='pci'><source><address domain='0x0' bus='0x3'/></source></hostdev>
      <hostdev type='scsi'/><redirdev bus='usb' type='spicevmc'/></devices>
      <qemu:commandline><qemu:arg value='-netdev'/><qemu:arg value='user,id=n'/></qemu:commandline>
    </domain>"""
    assert ways_out(xml) == ("hostdev pci 0x0 0x3", "redirdev usb", "emulator argument -netdev")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (f"{MAC_1}: live", "incidents.missing.live"),
        (f"{MAC_1}: stored", "incidents.missing.stored"),
        (f"{MAC_1}: hostdev", "incidents.missing.kind"),
        ("hostdev pci 0000:03:00.0", "incidents.missing.other"),
        ("mark-held", "incidents.missing.other"),
    ],
)
def test_what_is_missing_has_words(item: str, code: str) -> None:
    assert missing_text(item).code == code


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_word_of_a_plan_is_there(language: str) -> None:
    words = load_catalogue(language)
    found = plan(HOSTDEV)
    texts = [found.describe(), *found.warnings, *PRESET_REASONS]
    texts += [step.describe() for step in found.steps]
    assert len(PRESET_REASONS) == 9  # one a digit
    for text in texts:
        assert "{" not in words.say(text) and "‹" not in words.say(text), text


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_claim_and_what_is_missing_are_said(language: str) -> None:
    words = load_catalogue(language)
    assert say_reason("malware", words) == "malware"
    assert "‹" not in say_reason(CLAIMED, words)
    [said] = say_missing((f"{MAC_1}: live",), words)
    assert MAC_1 in said
