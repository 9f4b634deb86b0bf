"""A real station on real workers, for measurements that need a fleet and no hypervisor."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from core.fleet.model import FleetView
from core.settings.places import Places
from core.station import Station
from core.text import load_catalogue
from tests.bench.nodes import write_node
from tests.nobody import Nobody


def write_fleet(home: Path, hosts: dict[str, str], more: str = "") -> Places:
    """Write fleet.toml with these hosts (name -> URI) and return the places of that home."""
    places = Places.under(home).make()
    entries = "".join(f'[[hosts]]\nname = "{n}"\nuri = "{uri}"\n' for n, uri in hosts.items())
    places.fleet_file.write_text(f"version = 1\n{entries}{more}", "utf-8")
    return places


def station_on(places: Places) -> Station:
    return Station(places, load_catalogue("en"), Nobody(), operator="bench")


def complete(view: FleetView, machines: int) -> bool:
    """Whether so many machines are read and judged."""
    judged = sum(1 for each in view.machines.values() if each.machine and each.findings)
    return judged >= machines


@asynccontextmanager
async def test_fleet(home: Path, hosts: int, machines: int) -> AsyncGenerator[Station]:
    """Run a station on test hosts `a`, `b`, ... of so many machines each, read and judged."""
    home.mkdir(parents=True, exist_ok=True)
    names = [chr(ord("a") + number) for number in range(hosts)]
    uris = {name: write_node(home / f"{name}.xml", name, machines) for name in names}
    station = station_on(write_fleet(home, uris))
    await station.start()
    try:
        if not await station.fleet.wait_until(
            lambda view: complete(view, hosts * machines), deadline_s=120
        ):
            raise RuntimeError("the test fleet was not read in time")
        yield station
    finally:
        await station.stop()
