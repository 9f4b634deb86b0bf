"""Holds on prepared hosts: two stations, two people, a stale one, and a home that is gone."""

import asyncio
import shutil
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from core.changes.plan import Plan
from core.fleet.model import FleetView
from core.incidents.believed import STRANGER
from core.incidents.model import Containment, Mode, Wish
from core.station import Station
from core.text import RingfenceError
from tests.lab.configuration import WAYS, write_home
from tests.lab.hosts.lab import Lab
from tests.lab.prepared import prepared, set_free
from tests.lab.stations import machine_of, opened, ringfence, ringfence_json, seconds_until

HOST, GUEST = "h2", "g3"
TARGET = f"{HOST}/{GUEST}"
LIMIT_SECONDS = 20.0
STRICT = Wish(mode=Mode.STRICT)


@pytest.fixture
def running(lab: Lab) -> Generator[Lab]:
    set_free(lab, GUEST)
    lab.wait_until_answers(GUEST)
    yield lab
    set_free(lab, GUEST)


@pytest.fixture
def homes(lab: Lab, tmp_path: Path) -> tuple[Path, Path]:
    """Two stations with keys and journals of their own."""
    for name in ("ann", "bob"):
        write_home(tmp_path / name, ((host, WAYS[each]) for each, host in lab.hosts.items()))
    return tmp_path / "ann", tmp_path / "bob"


@pytest.fixture
def both(running: Lab, homes: tuple[Path, Path]) -> Generator[Lab]:
    """The guest's host knows both operators."""
    with prepared(running.hosts[HOST], list(homes)):
        yield running


def act(home: Path, word: str, *more: str) -> str:
    done = ringfence(home, word, TARGET, "--reason", "test", "--yes", *more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cut(home: Path) -> str:
    return act(home, "quarantine", "--mode", "strict")


def state(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return found


def before(lab: Lab) -> tuple[str, str]:
    host = lab.hosts[HOST]
    autostart = "enable" in host.virsh(["dominfo", GUEST])
    return host.virsh(["dumpxml", "--inactive", "--security-info", GUEST]), str(autostart)


def test_a_home_that_is_gone_is_not_missed(both: Lab, homes: tuple[Path, Path]) -> None:
    was = before(both)
    ann, bob = homes
    cut(ann)
    shutil.rmtree(ann)
    seen = state(bob)
    assert (seen["state"], seen["mode"]) == ("contained", "strict")
    assert not both.ping(GUEST)
    act(bob, "release")
    both.wait_until_answers(GUEST, timeout_seconds=20)
    assert before(both) == was
    assert ringfence_json(bob, "machine", TARGET)["machine"]["quarantine"] is None


def test_what_another_released_is_held_no_more_once_it_is_believed(
    both: Lab, homes: tuple[Path, Path]
) -> None:
    """Ann did not prepare this host: she does not know Bob's key."""
    ann, bob = homes
    cut(ann)
    act(bob, "release")
    both.wait_until_answers(GUEST, timeout_seconds=20)
    seen = state(ann)
    assert seen["state"] == "not-contained", seen
    assert STRANGER in seen["missing"], seen
    assert "A host can make keys up" in act(ann, "release")
    assert both.ping(GUEST)
    assert ringfence_json(ann, "machine", TARGET)["machine"]["quarantine"] is None


def test_two_stations_at_the_same_instant_hold_one_case(
    both: Lab, homes: tuple[Path, Path]
) -> None:
    async def work() -> None:
        async with opened(homes[0]) as ann, opened(homes[1]) as bob:
            plans = [await planned(station) for station in (ann, bob)]
            assert plans[0].case != plans[1].case
            await asyncio.gather(ann.incidents.run(plans[0]), bob.incidents.run(plans[1]))
            for station in (ann, bob):
                await seconds_until(station, is_in(Containment.CONTAINED), LIMIT_SECONDS)
            cases = {each.holds.all()[0].case for each in (ann, bob)}
            assert len(cases) == 1
            assert cases <= {plan.case for plan in plans}

    asyncio.run(work())
    act(homes[1], "release")
    both.wait_until_answers(GUEST, timeout_seconds=20)


def test_a_stale_station_is_refused_with_the_difference(
    both: Lab, homes: tuple[Path, Path]
) -> None:
    async def work() -> None:
        async with opened(homes[0]) as ann, opened(homes[1]) as bob:
            await ann.incidents.run(await planned(ann))
            stale = await planned(ann)
            await bob.incidents.run(await planned(bob, Wish(mode=Mode.FREEZE)))
            outcome = await ann.incidents.run(stale)
            assert outcome.problem is not None
            assert outcome.problem.code == "error.hold-differs.cause"
            assert outcome.problem.params["fields"] == "mode"

    asyncio.run(work())
    act(homes[1], "release")
    both.wait_until_answers(GUEST, timeout_seconds=20)


def test_two_people_release(running: Lab, homes: tuple[Path, Path]) -> None:
    ann, bob = homes
    with prepared(running.hosts[HOST], list(homes), two_people=True):
        cut(ann)
        waits = ringfence(ann, "release", TARGET, "--reason", "clean", "--yes")
        assert waits.returncode != 0
        assert "two people" in waits.stdout
        assert not running.ping(GUEST)
        shown = ringfence(bob, "release", TARGET, "--reason", "test", "--plan")
        assert "clean" in shown.stdout
        assert "has asked for this release" in shown.stdout
        act(bob, "release")
        running.wait_until_answers(GUEST, timeout_seconds=20)


def test_an_unprepared_host_is_advisory(running: Lab, homes: tuple[Path, Path]) -> None:
    shown = ringfence(homes[0], "quarantine", TARGET, "--mode", "strict", "--reason", "x", "--plan")
    assert "Advisory: this host is not prepared" in shown.stdout


def test_libvirtd_killed_and_the_cable_pulled_while_it_is_held(
    both: Lab, homes: tuple[Path, Path]
) -> None:
    host = both.hosts[HOST]
    cut(homes[0])

    async def work() -> None:
        async with opened(homes[1]) as bob:
            await seconds_until(bob, is_in(Containment.CONTAINED), LIMIT_SECONDS)
            await asyncio.to_thread(host.kill_libvirtd)
            await seconds_until(bob, is_in(Containment.UNKNOWN), 60)
            await asyncio.to_thread(host.start_libvirtd)
            await seconds_until(bob, is_in(Containment.CONTAINED), 60)
            await asyncio.to_thread(host.cut_link)
            await seconds_until(bob, is_in(Containment.UNKNOWN), 60)
            await asyncio.to_thread(host.restore_link)
            await seconds_until(bob, is_in(Containment.CONTAINED), 60)

    asyncio.run(work())
    assert not both.ping(GUEST)
    act(homes[1], "release")
    both.wait_until_answers(GUEST, timeout_seconds=20)


def test_a_document_taken_away_is_said(both: Lab, homes: tuple[Path, Path]) -> None:
    cut(homes[0])
    both.hosts[HOST].exec(["sh", "-c", "rm /var/lib/ringfence/holds/*.json"])
    seen = state(homes[0])
    assert seen["state"] == "partial"
    refused = ringfence(homes[0], "release", TARGET, "--reason", "test", "--yes")
    assert refused.returncode != 0
    cut(homes[0])
    assert state(homes[0])["state"] == "contained"
    act(homes[0], "release")
    both.wait_until_answers(GUEST, timeout_seconds=20)


async def planned(station: Station, wish: Wish = STRICT) -> Plan:
    machine = machine_of(station.fleet.view, TARGET)
    assert machine is not None
    until = time.monotonic() + LIMIT_SECONDS
    while True:  # a login beside libvirt may come after it
        try:
            plan = await station.incidents.plan_quarantine(machine, "test", wish)
        except RingfenceError:
            if time.monotonic() > until:
                raise
        else:
            return plan


def is_in(wanted: Containment) -> Callable[[FleetView], bool]:
    def seen(view: FleetView) -> bool:
        row = machine_of(view, TARGET)
        return row is not None and row.quarantine is not None and row.quarantine.state is wanted

    return seen
