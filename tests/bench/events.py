"""How soon a row tells what somebody else did on the host."""

import asyncio
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import libvirt

from core.facts import MachineState
from core.fleet.model import FleetChanges, FleetView
from core.station import Station
from tests.bench.crowd import MACHINES, crowd, product_uri
from tests.bench.report import Line, quantile
from tests.bench.stations import complete, station_on, write_fleet
from tests.lab.hosts.lab import Lab

TURNS = 40
BETWEEN_S = 0.3  # longer than events are collected: each is one of its own
LONGEST_S = 10.0
RUNNING = 1  # libvirt's own number


def measure() -> list[Line]:
    with crowd() as lab:
        return measure_on(lab)


def measure_on(lab: Lab) -> list[Line]:
    """Somebody else suspends and resumes a machine of a host with 300 of them."""
    return measure_at(lab.hosts["h1"].tls_uri, "h1-crowd000")


def measure_at(uri: str, machine: str) -> list[Line]:
    rows, bare = asyncio.run(_measure(uri, machine))
    name = "libvirt's bare event callback"
    return [
        Line(
            f"event to row, {label}, {TURNS} times",
            quantile(rows, part) * 1000,
            "ms",
            goal,
            name,
            quantile(bare, part) * 1000,
        )
        for label, part, goal in (("p50", 0.5, "< 200 ms"), ("p95", 0.95, ""))
    ]


class Outsider:
    """Somebody else on the host, who also listens as a plain program would."""

    def __init__(self, uri: str, machine: str) -> None:
        libvirt.virEventRegisterDefaultImpl()
        threading.Thread(target=_run_events, daemon=True).start()
        self._there = libvirt.open(uri)
        self._domain = self._there.lookupByName(machine)
        self.heard: list[float] = []
        following: Any = self._there  # the binding leaves the callback's type open
        event = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE
        self._number: int = following.domainEventRegisterAny(self._domain, event, self._event, None)
        self.running = bool(self._domain.isActive()) and int(self._domain.state()[0]) == RUNNING

    def turn(self) -> None:
        """Do the other thing."""
        if self.running:
            self._domain.suspend()
        else:
            self._domain.resume()
        self.running = not self.running

    def close(self) -> None:
        self._there.domainEventDeregisterAny(self._number)
        self._there.close()

    def _event(self, *_told: object) -> None:
        self.heard.append(time.perf_counter())


def _run_events() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()


async def _measure(uri: str, machine: str) -> tuple[list[float], list[float]]:
    outsider = await asyncio.to_thread(Outsider, uri, machine)
    try:
        with TemporaryDirectory(prefix="rf-bench-home-") as home:
            station = station_on(write_fleet(Path(home), {"h1": product_uri(uri)}))
            await station.start()
            try:
                await station.fleet.wait_until(lambda view: complete(view, MACHINES), 120)
                return await _turns(station, outsider, machine)
            finally:
                await station.stop()
    finally:
        await asyncio.to_thread(outsider.close)


async def _turns(
    station: Station, outsider: Outsider, machine: str
) -> tuple[list[float], list[float]]:
    rows: list[float] = []
    bare: list[float] = []
    for _ in range(TURNS):
        await asyncio.sleep(BETWEEN_S)
        wanted = MachineState.PAUSED if outsider.running else MachineState.RUNNING
        seen = _when(station, machine, wanted)
        outsider.heard.clear()
        began = time.perf_counter()
        await asyncio.to_thread(outsider.turn)
        rows.append(await asyncio.wait_for(seen, LONGEST_S) - began)
        if outsider.heard:
            bare.append(outsider.heard[0] - began)
    return rows, bare


def _when(station: Station, machine: str, wanted: MachineState) -> asyncio.Future[float]:
    """The time of the first view that shows the machine in that state."""
    seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def look(view: FleetView, _changes: FleetChanges) -> None:
        if not seen.done() and _state(view, machine) is wanted:
            seen.set_result(time.perf_counter())

    end = station.fleet.subscribe(look)
    seen.add_done_callback(lambda _: end())
    return seen


def _state(view: FleetView, machine: str) -> MachineState | None:
    return next((each.row.state for each in view.machines.values() if each.name == machine), None)
