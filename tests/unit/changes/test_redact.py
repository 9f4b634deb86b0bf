"""No secret of a machine's XML is ever shown; nothing else is touched."""

import pytest

from core.changes.difference import hold_difference, link_difference, text_difference
from core.changes.redact import HIDDEN, redact
from tests.unit.changes.simulator import MAC_1, machine_xml

SECRETS = [
    "<graphics type='vnc' passwd='s3cret'/>",
    '<graphics type="spice" passwd="s3cret"/>',
    "<qemu:arg value='secret,id=sec0,data=s3cret,format=raw'/>",
    "<qemu:arg value='user=x,password=s3cret'/>",
    "<qemu:env name='DB_PASSWORD' value='s3cret'/>",
    "<qemu:env name='API_TOKEN' value=\"s3cret\"/>",
]


@pytest.mark.parametrize("xml", SECRETS)
def test_a_secret_is_hidden(xml: str) -> None:
    assert "s3cret" not in redact(xml)
    assert HIDDEN in redact(xml)


def test_everything_else_stays_as_it_is() -> None:
    text = machine_xml(running=True)
    assert redact(text).replace(HIDDEN, "s3cret") == text


def test_a_difference_of_secrets_shows_no_secret() -> None:
    lines = text_difference("<a passwd='s3cret'/>\n<b/>", "<a passwd='0ther'/>\n<c/>")
    assert "-<b/>" in lines and "+<c/>" in lines
    assert not any("s3cret" in line or "0ther" in line for line in lines)


def test_a_link_difference_shows_the_line_that_comes() -> None:
    lines = link_difference(machine_xml(running=True), MAC_1, up=False)
    assert [line.strip("+ ") for line in lines if line.startswith("+")] == ['<link state="down"/>']


def test_a_link_that_is_so_already_has_no_difference() -> None:
    xml = machine_xml(running=True).replace("</interface>", "<link state='down'/></interface>")
    assert link_difference(xml, MAC_1, up=False) == ()


def test_a_hold_mark_is_shown_whole() -> None:
    [line] = hold_difference("case-1", "strict", "2026", "alice", add=True)
    assert line.startswith("+<ringfence:hold") and 'case="case-1"' in line
