"""How soon the whole fleet is on screen, over a fast link and over one of 20 ms."""

import asyncio
import compileall
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import libvirt
from lxml import etree

from core.facts import Unknown
from core.fleet.model import FleetChanges, FleetView
from tests.bench.crowd import MACHINES, ROOT, crowd, product_uri, slow_way
from tests.bench.report import Line
from tests.bench.stations import complete, station_on, write_fleet
from tests.lab.hosts.lab import Lab

TOTAL = 3 * MACHINES
RUNS = 5


def measure() -> list[Line]:
    """Three real hosts with 300 machines each."""
    with crowd() as lab:
        return measure_on(lab)


def measure_on(lab: Lab) -> list[Line]:
    # As installed: a confined worker cannot keep what it compiles, and would at every start.
    compileall.compile_dir(ROOT / "core", quiet=1)
    fast = {name: host.tls_uri for name, host in lab.hosts.items()}
    lines = _both("local TLS", fast, "< 0.7 s", "")
    with slow_way(lab) as slow:
        return lines + _both("a 20 ms link", slow, "< 1.5 s", "0.3 s")


def _both(link: str, uris: dict[str, str], goal: str, rows_goal: str) -> list[Line]:
    bare = bare_calls(uris.values())
    rows, whole, all_read = min(
        (asyncio.run(product(uris)) for _ in range(RUNS)), key=lambda times: times[1]
    )
    name = "bare calls one after another, no snapshots"
    note = f"best of {RUNS}"
    crowd_name = f"3 x {MACHINES}, {link}"
    return [
        Line(f"{crowd_name}: names and states", rows, "s", rows_goal, name, bare, note),
        Line(f"{crowd_name}: all machines read and judged", whole, "s", goal, name, bare, note),
        Line(f"{crowd_name}: snapshots too, at rest", all_read, "s", "", name, bare, note),
    ]


async def product(uris: dict[str, str]) -> tuple[float, float, float]:
    """Seconds to all rows, to all machines read and judged, and to nothing left to do."""
    with TemporaryDirectory(prefix="rf-bench-home-") as home:
        spelled = {name: product_uri(uri) for name, uri in uris.items()}
        station = station_on(write_fleet(Path(home), spelled))
        watch = Watch()
        station.fleet.subscribe(watch.look)
        await station.start()
        try:
            if not await station.fleet.wait_until(snapshots_read, 120):
                raise RuntimeError("the fleet was not read in time")
            return watch.rows_s, watch.whole_s, watch.now_s()
        finally:
            await station.stop()


class Watch:
    """Notes when the view first had all rows, and when all of them were judged."""

    def __init__(self) -> None:
        self.rows_s = 0.0
        self.whole_s = 0.0
        self._began = time.perf_counter()

    def now_s(self) -> float:
        return time.perf_counter() - self._began

    def look(self, view: FleetView, _changes: FleetChanges) -> None:
        if not self.rows_s and len(view.machines) >= TOTAL:
            self.rows_s = self.now_s()
        if self.rows_s and not self.whole_s and complete(view, TOTAL):
            self.whole_s = self.now_s()


def snapshots_read(view: FleetView) -> bool:
    machines = [each.machine for each in view.machines.values() if each.machine is not None]
    return len(machines) >= TOTAL and not any(
        isinstance(machine.snapshots, Unknown) for machine in machines
    )


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
