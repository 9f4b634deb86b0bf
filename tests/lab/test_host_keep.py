"""A host keeps its held machines held with no station anywhere, and says how long they were open.

Real guests, the installed program, libvirt's own hooks.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.hosts.helper.closed_set import AnyHelperOrder
from core.hosts.helper.holds import AskRelease, ClearHold, HoldsSeen, ReadHolds
from core.hosts.helper.orders import BarrierSeen, LowerBarrier, RaiseBarrier, ReadBarrier
from core.incidents.documents import ReleaseOrder, canonical, signed_release
from core.incidents.model import How, Mode
from core.text import RingfenceError
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import (
    KEY,
    PROGRAM,
    events_of,
    hold_of,
    installed,
    keeper,
    macs_of,
    restart,
    tables,
    uuid_of,
    wait_until,
)
from tests.lab.stations import opened

HOST, GUEST = "h1", "g1"
NEW_MAC = "52:54:00:0c:00:01"


@pytest.fixture
def running(lab: Lab) -> Lab:
    lab.wait_until_answers(GUEST)
    return lab


@pytest.fixture
def host(running: Lab) -> Iterator[Host]:
    with installed(running.hosts[HOST]):
        yield running.hosts[HOST]


def ask(home: Path, *orders: AnyHelperOrder) -> list[object]:
    """Give a host orders, one after another, from a station that then closes."""

    async def scenario() -> list[object]:
        async with opened(home) as station:
            return [await station.hands.order(HOST, order) for order in orders]

    return asyncio.run(scenario())


def holds(home: Path) -> HoldsSeen:
    [seen] = ask(home, ReadHolds(0))
    assert isinstance(seen, HoldsSeen)
    return seen


def barrier(home: Path, uuid: str) -> BarrierSeen:
    [seen] = ask(home, ReadBarrier(0, uuid))
    assert isinstance(seen, BarrierSeen)
    return seen


def cut(home: Path, host: Host, mode: Mode = Mode.STRICT) -> tuple[str, tuple[str, ...]]:
    """Raise the barrier, then lay down the hold; nobody is connected afterwards."""
    uuid, macs = uuid_of(host, GUEST), macs_of(host, GUEST)
    observe = mode is Mode.OBSERVE
    raised, kept = ask(home, RaiseBarrier(0, uuid, macs, (), observe), hold_of(uuid, macs, mode))
    assert isinstance(raised, BarrierSeen) and isinstance(kept, HoldsSeen)
    assert raised.observing if observe else raised.holds(macs)
    return uuid, macs


def release(uuid: str) -> list[AnyHelperOrder]:
    values = canonical_release(uuid)
    asked = AskRelease(0, uuid, values, signed_release(values, KEY))
    return [asked, LowerBarrier(0, uuid), ClearHold(0, uuid, 1)]


def canonical_release(uuid: str) -> str:
    order = ReleaseOrder(
        uuid=uuid,
        case="019a0000-0000-7000-8000-000000000001",
        generation=1,
        how=How.RESUME,
        reason="test",
        asked_by="tester",
        station="station",
        asked_at=datetime.now(UTC),
    )
    return canonical(order).decode()


def test_a_flushed_ruleset_is_whole_again_and_the_gap_is_told(
    running: Lab, host: Host, home: Path
) -> None:
    uuid, macs = cut(home, host)
    with keeper(host):
        wait_until(lambda: host.path(f"/run/ringfence/{uuid}.json").exists())
        host.exec(["nft", "flush", "ruleset"])
        wait_until(lambda: len(tables(host)) == 2)
        assert not running.ping(GUEST)
        name = tables(host)[0][1]
        host.exec(["nft", "insert", "rule", "bridge", name, "on_arrival", "accept"])
        wait_until(lambda: "\taccept\n" not in host.exec(["nft", "list", "ruleset"]).stdout)
        assert barrier(home, uuid).holds(macs)
        seen = holds(home)
        assert seen.keeping
        gaps = events_of(seen, uuid, "gap")
        assert len(gaps) >= 2 and all(0 < gap.seconds < 1 for gap in gaps), gaps
        assert {gap.detail for gap in gaps} == {"rules changed"}
        print("gaps:", [gap.seconds for gap in gaps])
    assert not holds(home).keeping
    ask(home, *release(uuid))
    running.wait_until_answers(GUEST, 10)


def test_a_card_plugged_in_is_cut_and_the_gap_is_told(running: Lab, host: Host, home: Path) -> None:
    uuid, macs = cut(home, host)
    with keeper(host):
        wait_until(lambda: host.path(f"/run/ringfence/{uuid}.json").exists())
        words = ["attach-interface", GUEST, "bridge", "br0", "--mac", NEW_MAC, "--model", "virtio"]
        host.virsh([*words, "--live"])
        wait_until(lambda: bool(events_of(holds(home), uuid, "gap")))
        seen = barrier(home, uuid)
        assert seen.open_cards == () and len(seen.cards) == len(macs) + 1
        wait_until(lambda: barrier(home, uuid).holds((*macs, NEW_MAC)))
        gaps = events_of(holds(home), uuid, "gap")
        assert [gap.detail for gap in gaps] == ["new card"] and gaps[0].seconds < 3
        host.virsh(["detach-interface", GUEST, "bridge", "--mac", NEW_MAC, "--live"], check=False)
    ask(home, *release(uuid))


def test_a_held_machine_does_not_start_until_it_is_released(
    running: Lab, host: Host, home: Path
) -> None:
    uuid, macs = cut(home, host)
    with keeper(host):
        host.virsh(["destroy", GUEST])
        refused = host.exec(["virsh", "start", GUEST], check=False)
        assert refused.returncode and "is held" in refused.stderr, refused
        xml = host.virsh(["dumpxml", GUEST]).replace(f"<name>{GUEST}<", "<name>another<")
        host.path("/tmp/another.xml").write_text(xml)
        host.virsh(["undefine", GUEST])
        again = host.exec(["virsh", "create", "/tmp/another.xml"], check=False)
        host.define(xml.replace("<name>another<", f"<name>{GUEST}<"))
        assert again.returncode and "is held" in again.stderr, again
        seen = holds(home)
        assert len(events_of(seen, uuid, "start-refused")) == 2
        wait_until(lambda: bool(events_of(holds(home), uuid, "stopped")))
        with pytest.raises(RingfenceError) as caught:
            ask(home, LowerBarrier(0, uuid))
        assert caught.value.code == "hold-not-released"
        asked, lower, clear = release(uuid)
        ask(home, asked)
        host.virsh(["start", GUEST])
        assert barrier(home, uuid).holds(macs), "it starts behind its barrier"
        assert not running.ping(GUEST)
        ask(home, lower, clear)
        running.wait_until_answers(GUEST)
        assert events_before(home, uuid) == []


def events_before(home: Path, uuid: str) -> list[str]:
    return [each.uuid for each in holds(home).holds if each.uuid == uuid]


def test_a_new_card_of_a_network_is_refused(running: Lab, host: Host, home: Path) -> None:
    uuid, _ = cut(home, host)
    network = running.guests[GUEST].nics[0].network
    words = ["virsh", "attach-interface", GUEST, "network", network, "--mac", NEW_MAC, "--live"]
    refused = host.exec(words, check=False)
    assert refused.returncode and "no new card" in refused.stderr, refused
    assert [event.detail for event in events_of(holds(home), uuid, "card-refused")] == [NEW_MAC]
    ask(home, *release(uuid))


def test_an_observed_machine_starts_again_and_is_observed(
    running: Lab, host: Host, home: Path
) -> None:
    uuid, _ = cut(home, host, Mode.OBSERVE)
    with keeper(host):
        host.virsh(["destroy", GUEST])
        host.virsh(["start", GUEST])
        wait_until(lambda: barrier(home, uuid).observing)
        running.wait_until_answers(GUEST)
        assert barrier(home, uuid).passed > 0
    ask(home, *release(uuid))


def test_a_boot_loads_addresses_alone_and_says_when_it_cannot(
    running: Lab, host: Host, home: Path
) -> None:
    uuid, macs = cut(home, host)
    host.virsh(["destroy", GUEST])
    host.exec(["nft", "flush", "ruleset"])
    host.exec([PROGRAM, "boot", uuid])
    seen = barrier(home, uuid)
    assert seen.bridge and set(macs) <= set(seen.macs) and not seen.running
    assert host.path(f"/run/ringfence/loaded/{uuid}").exists()
    host.exec(["mv", "/var/lib/ringfence/holds", "/var/lib/ringfence/away"])
    assert host.exec([PROGRAM, "boot", uuid], check=False).returncode == 1
    other = host.exec(["virsh", "start", "g2"], check=False)
    running_already = "already active" in other.stderr
    assert other.returncode and (running_already or "no hold can be looked up" in other.stderr)
    host.exec(["mv", "/var/lib/ringfence/away", "/var/lib/ringfence/holds"])
    ask(home, *release(uuid))


def test_a_restart_of_libvirt_ends_no_machine(running: Lab, host: Host, home: Path) -> None:
    """Not one that is held, nor one without the program: its memory is evidence."""
    uuid, macs = cut(home, host)
    restart(host)
    assert host.state(GUEST) == "running" and barrier(home, uuid).holds(macs)
    host.exec(["mv", PROGRAM, f"{PROGRAM}.away"])
    restart(host)
    assert host.state(GUEST) == "running"
    refused = host.exec(["virsh", "start", "shelf-bare"], check=False)
    assert refused.returncode and "is gone" in refused.stderr, refused
    host.exec(["mv", f"{PROGRAM}.away", PROGRAM])
    ask(home, *release(uuid))
    running.wait_until_answers(GUEST, 10)
    host.virsh(["start", "shelf-bare"])
    host.virsh(["destroy", "shelf-bare"])
