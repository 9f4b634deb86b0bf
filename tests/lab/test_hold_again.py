"""While a station watches, what somebody opens is closed again, and the gap has its true length."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from core.fleet.model import FleetChanges, FleetView
from core.incidents.model import Containment, Quarantine
from core.incidents.moved_here import MOVED_HERE
from core.station import Station
from tests.lab.guests.definition import IMAGES
from tests.lab.hosts.host import GUEST_DISK_BYTES, Host
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import wait_until
from tests.lab.migration import can_go, migrate
from tests.lab.prepared import prepared, set_free
from tests.lab.stations import (
    machine_of,
    opened,
    ringfence,
    ringfence_json,
    seconds_until,
    watching,
)

HOST, GUEST = "h2", "g3"
TARGET = f"{HOST}/{GUEST}"
LIMIT_SECONDS = 40.0


@pytest.fixture
def held(lab: Lab, home: Path) -> Generator[Host]:
    """A running guest on an unprepared host, cut by a command that has ended."""
    set_free(lab, GUEST)
    lab.wait_until_answers(GUEST)
    act(home, "quarantine", "--mode", "strict")
    yield lab.hosts[HOST]
    act(home, "release")
    lab.wait_until_answers(GUEST, timeout_seconds=60)
    set_free(lab, GUEST)


def act(home: Path, word: str, *more: str) -> None:
    done = ringfence(home, word, TARGET, "--reason", "test", "--yes", *more)
    assert done.returncode == 0, done.stdout + done.stderr


def state(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return found


def card(host: Host) -> str:
    return host.virsh(["domiflist", GUEST]).split()[-1]


def tables(host: Host) -> list[str]:
    listed = host.exec(["nft", "list", "tables"]).stdout
    return [line for line in listed.splitlines() if "ringfence_barrier" in line]


def raise_link(host: Host) -> None:
    host.virsh(["domif-setlink", GUEST, card(host), "up"])


def take_barrier(host: Host) -> None:
    for table in tables(host):
        host.exec(["nft", "delete", *table.split()])


def start_anew(host: Host) -> None:
    host.virsh(["destroy", GUEST])
    host.virsh(["start", GUEST])


def define_open(host: Host) -> None:
    stored = host.virsh(["dumpxml", "--inactive", "--security-info", GUEST])
    host.define(stored.replace("<link state='down'/>", ""))


@pytest.mark.parametrize("attack", [raise_link, take_barrier, define_open])
def test_what_is_opened_is_closed_again(held: Host, home: Path, attack: Any) -> None:
    async def work() -> None:
        async with opened(home) as station:
            station.stand_guard()
            await seconds_until(station, is_in(Containment.CONTAINED), LIMIT_SECONDS)
            await asyncio.to_thread(attack, held)
            await seconds_until(station, has_gap, LIMIT_SECONDS)
            await seconds_until(station, is_in(Containment.CONTAINED), LIMIT_SECONDS)
            gap = quarantine(station).gaps[0]
            assert 0 < gap.seconds < LIMIT_SECONDS
            assert gap.what

    asyncio.run(work())
    assert len(tables(held)) == 2


def test_a_machine_started_anew_lost_its_memory_and_stays_contained(
    held: Host, home: Path, lab: Lab
) -> None:
    async def work() -> None:
        async with opened(home) as station:
            station.stand_guard()
            await seconds_until(station, is_in(Containment.CONTAINED), LIMIT_SECONDS)
            await asyncio.to_thread(start_anew, held)
            await seconds_until(station, lost_memory, LIMIT_SECONDS)
            await seconds_until(station, is_in(Containment.CONTAINED), LIMIT_SECONDS)

    asyncio.run(work())
    assert not lab.ping(GUEST)


def test_a_machine_that_was_moved_is_cut_where_it_is_now(lab: Lab, home: Path) -> None:
    """By a real migration; nobody sees it contained there before it is cut there."""
    there, target = lab.hosts["h1"], f"h1/{GUEST}"
    with can_go(lab, GUEST, there) as here:
        act(home, "quarantine", "--mode", "strict")
        states: list[Quarantine] = []

        async def work() -> None:
            async with opened(home) as station:
                station.stand_guard()
                await seconds_until(station, is_in(Containment.CONTAINED), LIMIT_SECONDS)

                def look(view: FleetView, changes: FleetChanges) -> None:
                    row = machine_of(view, target)
                    if row is not None and row.quarantine is not None:
                        states.append(row.quarantine)

                station.fleet.subscribe(look)
                moved = await asyncio.to_thread(migrate, GUEST, here, there)
                assert moved.returncode == 0, moved
                await seconds_until(station, is_cut_there, 2 * LIMIT_SECONDS)

        def is_cut_there(view: FleetView) -> bool:
            row = machine_of(view, target)
            held = None if row is None else row.quarantine
            return held is not None and held.state is Containment.CONTAINED and bool(held.gaps)

        asyncio.run(work())
        first, last = next(each for each in states if MOVED_HERE in each.missing), states[-1]
        assert first.state in {Containment.PARTIAL, Containment.NOT_CONTAINED}, states
        before = states[: states.index(first)]
        assert all(each.state is not Containment.CONTAINED for each in before), before
        assert last.case == first.case and "moved-to-h1" in last.gaps[-1].what
        assert len(tables(there)) == 2
        address = lab.guests[GUEST].nics[0].address
        assert not there.answers(address)
        done = ringfence(home, "release", target, "--reason", "test", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        wait_until(lambda: there.answers(address), 60)
        assert not tables(there) and not tables(here)


def test_watch_tells_of_the_gap_and_of_a_disk_that_was_deleted(held: Host, home: Path) -> None:
    events: list[str] = []
    image = f"{IMAGES}/{GUEST}.img"
    with watching(home, "--for", "60") as lines:
        mine = (line for line in lines if line.get("name") == GUEST)
        for line in mine:
            if line["event"] == "quarantine" and line["new"] == "contained":
                break
        held.exec(["rm", image])
        raise_link(held)
        for line in mine:
            events.append(line["event"])
            if {"hold-gap", "hold-contained-again", "hold-happened"} <= set(events):
                break
        held.exec(["truncate", "--size", str(GUEST_DISK_BYTES), image])  # it was empty
        wait_until(lambda: "held machine was open" in ringfence(home, "audit", "list").stdout, 60)
    assert "hold-opened" in events, events
    assert "hold-gap" in events
    shown = ringfence(home, "case", "show", state(home)["case"]).stdout
    assert f"gone from its place {image}" in " ".join(shown.split()), shown
    assert events.index("hold-opened") < events.index("hold-contained-again")


def test_the_log_is_anchored_and_what_is_made_anew_is_found(lab: Lab, home: Path) -> None:
    set_free(lab, GUEST)
    lab.wait_until_answers(GUEST)
    with prepared(lab.hosts[HOST], [home]):
        act(home, "quarantine", "--mode", "strict")
        act(home, "release")
        good = ringfence_json(home, "audit", "verify")
        assert good["intact"], good
        hosts = {each["host"]: each for each in good["hosts"]}
        assert hosts[HOST]["anchors"] >= 1
        assert not hosts["h3"]["asked"]
        state = home / "state"
        for file in (*state.glob("audit.sqlite3*"), *(state / "keys").glob("audit-*")):
            file.unlink()
        bad = ringfence(home, "audit", "verify")
        assert bad.returncode == 1
        assert HOST in bad.stdout
        codes = {each["code"] for each in ringfence_json(home, "audit", "verify")["problems"]}
        assert codes & {"anchor-rebuilt", "anchor-tail-cut"}
        assert ringfence(home, "audit", "verify", "--offline").returncode == 0


def quarantine(station: Station) -> Quarantine:
    row = machine_of(station.fleet.view, TARGET)
    assert row is not None
    assert row.quarantine is not None
    return row.quarantine


def is_in(wanted: Containment) -> Any:
    def seen(view: FleetView) -> bool:
        row = machine_of(view, TARGET)
        return row is not None and row.quarantine is not None and row.quarantine.state is wanted

    return seen


def has_gap(view: FleetView) -> bool:
    row = machine_of(view, TARGET)
    return row is not None and row.quarantine is not None and bool(row.quarantine.gaps)


def lost_memory(view: FleetView) -> bool:
    row = machine_of(view, TARGET)
    return row is not None and row.quarantine is not None and row.quarantine.memory_lost is not None
