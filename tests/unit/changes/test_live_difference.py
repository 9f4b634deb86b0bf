"""The published list allows what libvirt itself leaves, and nothing more."""

from pathlib import Path

from core.changes.live_difference import live_differences, published_list, restarted
from tests.unit.changes.simulator import machine_xml

BEFORE = machine_xml(running=True)


def test_the_same_text_does_not_differ() -> None:
    assert live_differences(BEFORE, BEFORE) == ()


def test_what_is_on_the_list_does_not_count() -> None:
    after = (
        BEFORE.replace("</interface>", "<link state='up'/></interface>", 1)
        .replace("</domain>", "<metadata/></domain>")
        .replace("<source network='dmz'/>", "<source network='dmz' portid='1234'/>")
    )
    assert live_differences(BEFORE, after) == ()


def test_a_link_that_stayed_down_counts() -> None:
    after = BEFORE.replace("</interface>", "<link state='down'/></interface>", 1)
    assert any("down" in line for line in live_differences(BEFORE, after))


def test_a_mark_that_stayed_counts() -> None:
    after = BEFORE.replace("</domain>", "<metadata><hold/></metadata></domain>")
    assert live_differences(BEFORE, after) != ()


def test_another_source_counts() -> None:
    after = BEFORE.replace("network='dmz'", "network='lan'")
    assert live_differences(BEFORE, after) == (
        "-domain/devices/interface/source/@network dmz",
        "+domain/devices/interface/source/@network lan",
    )


def test_a_restart_is_seen() -> None:
    assert restarted(BEFORE, BEFORE.replace("id='7'", "id='8'"))
    assert not restarted(BEFORE, BEFORE)


def test_every_entry_is_explained_in_the_documentation() -> None:
    page = Path("docs/release.md").read_text("utf-8")
    assert published_list()
    for entry in published_list():
        assert f"`{entry.id}`" in page, entry.id
