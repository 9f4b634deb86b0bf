"""Cards that share an address are cut together, so that none of them stays behind."""

import pytest

from core.hosts.worker.xml.document import parse
from core.hosts.worker.xml.link_state import (
    NoSuchCard,
    interfaces_with_link,
    link_is_up,
    with_link,
)

MAC = "52:54:00:00:00:01"
CARD = "<interface type='bridge'><mac address='{mac}'/><alias name='net{number}'/></interface>"
PAIR = CARD.format(mac=MAC.upper(), number=0) + CARD.format(mac=MAC, number=1)
TWINS = f"<domain><devices>{PAIR}</devices></domain>"


def test_every_card_with_the_address_is_cut() -> None:
    elements = interfaces_with_link(parse(TWINS), MAC, up=False)
    assert [element.count('<link state="down"/>') for element in elements] == [1, 1]
    assert "net0" in elements[0] and "net1" in elements[1]


def test_one_that_stays_up_is_read_as_up() -> None:
    first_down = TWINS.replace("<alias name='net0'/>", "<link state='down'/>")
    assert link_is_up(parse(first_down), MAC) is True
    [left] = interfaces_with_link(parse(first_down), MAC, up=False)
    assert "net1" in left


def test_a_document_that_is_cut_already_is_not_written_again() -> None:
    cut = with_link(TWINS, MAC, up=False)
    assert cut is not None and link_is_up(parse(cut), MAC) is False
    assert with_link(cut, MAC, up=False) is None


def test_an_address_nobody_has() -> None:
    with pytest.raises(NoSuchCard):
        interfaces_with_link(parse(TWINS), "52:54:00:00:00:09", up=False)
    assert link_is_up(parse(TWINS), "52:54:00:00:00:09") is None
