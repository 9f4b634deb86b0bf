"""A host in trouble turns grey, says why, comes back by itself, and delays nobody."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.fleet.model import FleetView
from tests.lab.hosts.lab import Lab
from tests.lab.stations import machine_of, opened, seconds_until, state_of

NOTICED_SECONDS = 30.0
BACK_SECONDS = 60.0


def connected(*hosts: str) -> Callable[[FleetView], bool]:
    return lambda view: all(state_of(view, name) == "connected" for name in hosts)


def not_connected(host: str) -> Callable[[FleetView], bool]:
    return lambda view: state_of(view, host) != "connected"


def test_a_frozen_host_delays_nobody(lab: Lab, home: Path) -> None:
    async def time_to_others() -> float:
        started = time.monotonic()
        async with opened(home, settled=False) as station:
            await seconds_until(station, connected("h1", "h3"), NOTICED_SECONDS)
            return time.monotonic() - started

    asyncio.run(time_to_others())  # the first run fills caches
    without = asyncio.run(time_to_others())
    lab.hosts["h2"].freeze()
    frozen = asyncio.run(time_to_others())
    assert frozen < 1.5 * without + 0.5


def test_a_host_that_freezes_turns_stale_and_comes_back(lab: Lab, home: Path) -> None:
    async def watch() -> None:
        async with opened(home) as station:
            lab.hosts["h1"].freeze()
            await seconds_until(station, not_connected("h1"), NOTICED_SECONDS)
            view = station.fleet.view
            row = machine_of(view, "h1/g1")
            assert row is not None
            assert row.stale
            assert view.hosts["h1"].health.failure is not None
            assert view.hosts["h1"].health.last_seen is not None
            assert connected("h2", "h3")(view)
            lab.hosts["h1"].thaw()
            await seconds_until(station, connected("h1"), BACK_SECONDS)
            row = machine_of(station.fleet.view, "h1/g1")
            assert row is not None
            assert not row.stale

    asyncio.run(watch())


@pytest.mark.parametrize("name", ["h1", "h2"])
def test_a_daemon_that_dies_and_comes_back(lab: Lab, home: Path, name: str) -> None:
    host = lab.hosts[name]

    async def watch() -> None:
        async with opened(home) as station:
            await asyncio.to_thread(host.kill_libvirtd)
            await seconds_until(station, not_connected(name), 5.0)
            await asyncio.to_thread(host.start_libvirtd)
            await seconds_until(station, connected("h1", "h2", "h3"), BACK_SECONDS)

    asyncio.run(watch())


def test_a_host_that_is_cut_off(lab: Lab, home: Path) -> None:
    host = lab.hosts["h3"]

    async def watch() -> None:
        async with opened(home) as station:
            host.cut_link()
            await seconds_until(station, not_connected("h3"), NOTICED_SECONDS)
            assert connected("h1", "h2")(station.fleet.view)
            await asyncio.to_thread(host.restore_link)
            await seconds_until(station, connected("h3"), BACK_SECONDS)

    asyncio.run(watch())


def test_a_host_with_an_expired_certificate_stays_out(lab: Lab, home: Path) -> None:
    host = lab.hosts["h3"]
    host.serve_certificate("expired")

    async def watch() -> None:
        async with opened(home) as station:
            view = station.fleet.view
            assert not_connected("h3")(view)
            assert view.hosts["h3"].health.failure is not None
            assert connected("h1", "h2")(view)

    try:
        asyncio.run(watch())
    finally:
        host.serve_certificate("good")


def test_five_thousand_events_are_survived(lab: Lab, home: Path) -> None:
    """Metadata of a machine is changed in a storm: the host keeps up, the others do not notice."""
    host = lab.hosts["h1"]
    orders = "".join(f"desc shelf-bare --title turn-{turn}\n" for turn in range(5000))

    async def watch() -> None:
        async with opened(home) as station:
            words = ["virsh", "--quiet", "--connect", "qemu:///system"]
            storm = asyncio.create_task(
                asyncio.to_thread(host.exec, words, input_text=orders, timeout_seconds=200)
            )
            while not storm.done():
                assert connected("h2", "h3")(station.fleet.view)
                await asyncio.sleep(0.5)
            await storm

            def shows_last(view: FleetView) -> bool:
                row = machine_of(view, "h1/shelf-bare")
                return bool(row and row.machine and row.machine.title == "turn-4999")

            await seconds_until(station, shows_last, NOTICED_SECONDS)
            assert connected("h1", "h2", "h3")(station.fleet.view)

    asyncio.run(watch())
