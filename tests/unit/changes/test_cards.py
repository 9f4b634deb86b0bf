"""Cards of a hostile XML are read safely or refused."""

import pytest

from core.changes import cards
from core.changes.cards import cards_of, hold_case, link_of
from core.text import RingfenceError

ENTITIES = """<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<domain><devices><interface type='network'><mac address='&a;'/></interface></devices></domain>"""


def test_a_missing_link_element_is_up() -> None:
    xml = "<interface type='bridge'><mac address='AA:BB'/></interface>"
    [card] = cards_of(f"<domain><devices>{xml}</devices></domain>")
    assert card.mac == "aa:bb" and card.link_up and card.kind == "bridge"


def test_cards_that_share_an_address_are_up_while_one_is() -> None:
    down = "<interface type='bridge'><mac address='aa:bb'/><link state='down'/></interface>"
    up = "<interface type='bridge'><mac address='AA:BB'/></interface>"
    xml = f"<domain><devices>{down}{up}</devices></domain>"
    assert link_of(xml, "aa:bb") is True
    assert link_of(xml.replace(up, down), "AA:BB") is False
    assert link_of(xml, "cc:dd") is None


def test_an_empty_side_has_no_cards() -> None:
    assert cards_of("") == ()
    assert hold_case("") == ""


def test_entities_are_not_expanded() -> None:
    with pytest.raises(RingfenceError, match="xml-unreadable"):
        cards_of(ENTITIES)


@pytest.mark.parametrize("xml", ["<domain>", "not xml", "<a>" * 10_000])
def test_what_is_not_xml_is_refused(xml: str) -> None:
    with pytest.raises(RingfenceError, match="xml-unreadable"):
        cards_of(xml)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MAX_XML_BYTES", 10)
    with pytest.raises(RingfenceError, match="xml-unreadable"):
        cards_of("<domain></domain>")
