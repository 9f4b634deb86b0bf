"""How soon the whole fleet is on screen, over a fast link and over one of 20 ms."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import libvirt
from lxml import etree

from core.fleet.model import FleetChanges, FleetView
from tests.bench.crowd import MACHINES, crowd, product_uri, slow_way
from tests.bench.report import Line
from tests.bench.stations import complete, station_on, write_fleet
from tests.lab.hosts.lab import Lab

TOTAL = 3 * MACHINES


def measure() -> list[Line]:
    """Three real hosts with 300 machines each."""
    with crowd() as lab:
        return measure_on(lab)


def measure_on(lab: Lab) -> list[Line]:
    fast = {name: host.tls_uri for name, host in lab.hosts.items()}
    lines = _both("local TLS", fast, "< 0.7 s", "")
    with slow_way(lab) as slow:
        return lines + _both("a 20 ms link", slow, "< 1.5 s", "0.3 s")


def _both(link: str, uris: dict[str, str], goal: str, rows_goal: str) -> list[Line]:
    bare = bare_calls(uris.values())
    rows, whole = min((asyncio.run(product(uris)) for _ in range(3)), key=lambda pair: pair[1])
    note = "best of 3; rows with names and states"
    name = "bare calls one after another"
    return [
        Line(f"3 x {MACHINES}, full view with posture, {link}", whole, "s", goal, name, bare),
        Line(f"3 x {MACHINES}, first rows, {link}", rows, "s", rows_goal, name, bare, note),
    ]


async def product(uris: dict[str, str]) -> tuple[float, float]:
    """Seconds from start to all rows, and to everything read and judged."""
    with TemporaryDirectory(prefix="rf-bench-home-") as home:
        spelled = {name: product_uri(uri) for name, uri in uris.items()}
        station = station_on(write_fleet(Path(home), spelled))
        begin = time.perf_counter()
        rows: list[float] = []

        def look(view: FleetView, changes: FleetChanges) -> None:
            if not rows and len(view.machines) >= TOTAL:
                rows.append(time.perf_counter() - begin)

        station.fleet.subscribe(look)
        await station.start()
        try:
            if not await station.fleet.wait_until(lambda view: complete(view, TOTAL), 120):
                raise RuntimeError("the fleet was not read in time")
            return rows[0], time.perf_counter() - begin
        finally:
            await station.stop()


def bare_calls(uris: Iterable[str]) -> float:
    """Seconds a plain program takes: open, list, read and parse all XML, host after host."""
    begin = time.perf_counter()
    for uri in uris:
        there = libvirt.open(uri)
        for domain in there.listAllDomains():
            etree.fromstring(domain.XMLDesc())
            if domain.isActive():
                etree.fromstring(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
                domain.securityLabelList()
        there.close()
    return time.perf_counter() - begin
