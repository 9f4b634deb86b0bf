"""What a large fleet costs once it is read: judging, filtering, memory."""

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from core.fleet.model import FleetView
from core.fleet.query import parse_query
from core.posture.engine import Judge
from core.posture.subject import MachineSubject
from core.station import Station
from tests.bench.report import Line, median_of
from tests.bench.stations import test_fleet

QUERY = "zone:dmz score<90 -name:*vm01* (console:open or state:running)"


def measure() -> list[Line]:
    """Five hosts of a thousand machines, real workers, one process each."""
    with tempfile.TemporaryDirectory(prefix="rf-bench-") as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(home: Path) -> list[Line]:
    async with test_fleet(home, hosts=5, machines=1000) as station:
        memory = _memory_mib()
        view = station.fleet.view
        return [*_judging(station), *_filtering(view), _memory_line(memory)]


def _judging(station: Station) -> list[Line]:
    now = datetime.now(UTC)
    subjects = [
        MachineSubject(host.facts, each.machine, each.zones, each.tenant, now)
        for each in list(station.fleet.view.machines.values())[:2000]
        if each.machine is not None and (host := station.fleet.view.hosts[each.host])
    ]
    judge = Judge()

    def judged(count: int) -> float:
        return median_of(3, lambda: [judge.judge_machine(subject) for subject in subjects[:count]])

    half, one, two = judged(500), judged(1000), judged(2000)
    return [
        Line("judge 1,000 machines x all machine checks", one, "s", "< 1 s", "500 machines", half),
        Line("judge 2,000 machines (linear: 2x)", two, "s", "2x of 1,000", "1,000 machines", one),
    ]


def _filtering(view: FleetView) -> list[Line]:
    machines = list(view.machines.values())
    bare = median_of(5, lambda: [m for m in machines if "vm01" in m.name])

    def keystroke() -> object:
        query = parse_query(QUERY)
        return [m for m in machines if query.matches(m)]

    full = median_of(5, keystroke) * 1000
    return [
        Line(
            "filter 5,000 machines, five terms, parsed anew",
            full,
            "ms",
            "< 16 ms",
            "bare substring test",
            bare * 1000,
        )
    ]


def _memory_mib() -> dict[str, float]:
    """Proportional set size of this process and of its children, in MiB."""
    found = {"station": _pss(os.getpid())}
    for child in _children(os.getpid()):
        found[f"worker {child}"] = _pss(child)
    return found


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(text) for text in path.read_text().split()]
    return [*direct, *(grand for child in direct for grand in _children(child))]


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0  # it ended between the two readings
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def _memory_line(memory: dict[str, float]) -> Line:
    total = sum(memory.values())
    note = f"station {memory['station']:.0f} MiB, {len(memory) - 1} children"
    own = memory["station"]
    return Line(
        "memory at 5 x 1,000, all processes", total, "MiB", "< 400 MiB", "station alone", own, note
    )
