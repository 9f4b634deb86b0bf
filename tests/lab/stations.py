"""The product's own core, opened on the lab, and its terminal command."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from core.fleet.model import FleetView, MachineView
from core.settings.places import Places
from core.station import Station
from core.text.catalogue import load_catalogue
from tests.lab.commands import Completed, plain_environment, run
from tests.nobody import Nobody

SETTLE_SECONDS = 60.0


@asynccontextmanager
async def opened(home: Path, *, settled: bool = True) -> AsyncGenerator[Station]:
    """A running station on this configuration; `settled`: every host has answered or failed."""
    words = load_catalogue("en")
    station = Station(Places.under(home), words, Nobody(), operator="tester@station")
    await station.start()
    try:
        if settled:
            assert await station.ready(SETTLE_SECONDS), health_of(station.fleet.view)
        yield station
    finally:
        await station.stop()


async def seconds_until(
    station: Station, seen: Callable[[FleetView], bool], limit_seconds: float
) -> float:
    """How long it takes until the view shows something; fails at the limit."""
    started = time.monotonic()
    assert await station.fleet.wait_until(seen, limit_seconds), "the view never showed it"
    return time.monotonic() - started


def health_of(view: FleetView) -> dict[str, object]:
    return {name: host.health for name, host in view.hosts.items()}


def state_of(view: FleetView, host: str) -> str:
    return view.hosts[host].health.state


def machine_of(view: FleetView, target: str) -> MachineView | None:
    """The row of "host/name"."""
    return next((row for row in view.machines.values() if row.target == target), None)


def ringfence(home: Path, *words: str, timeout_seconds: float = 90) -> Completed:
    """Run the terminal command on this configuration, as a person would."""
    command = str(Path(sys.executable).parent / "ringfence")
    tree = str(Path(__file__).parents[2])  # the code of these very tests
    variables = {"RINGFENCE_HOME": str(home), "PYTHONPATH": tree}
    return run([command, *words], check=False, timeout_seconds=timeout_seconds, variables=variables)


@contextmanager
def watching(home: Path, *words: str) -> Generator[Iterator[dict[str, Any]]]:
    """`ringfence watch --json` in a process of its own; yields its lines as they come."""
    command = [str(Path(sys.executable).parent / "ringfence"), "--json", "watch", *words]
    variables = {"RINGFENCE_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    environment = plain_environment(variables)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield (json.loads(line) for line in process.stdout)
        finally:
            process.terminate()
            process.stdout.read()


def ringfence_json(home: Path, *words: str) -> dict[str, Any]:
    """The document a command prints with --json."""
    completed = ringfence(home, *words, "--json")
    assert completed.stdout, completed.stderr
    document: dict[str, Any] = json.loads(completed.stdout)
    return document
