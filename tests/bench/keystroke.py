"""What one keystroke in the filter, and one click on a heading, cost in the window's own model."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from core.fleet.model import FleetView
from core.fleet.query import QueryError, parse_query
from core.text import load_catalogue
from gui.fleet.model import FleetModel
from tests.bench.report import Line, median_of
from tests.bench.stations import test_fleet

TYPED = "zone:dmz score<90 -name:*vm01*"


def measure() -> list[Line]:
    """Five hosts of a thousand machines in one `FleetModel`."""
    with tempfile.TemporaryDirectory(prefix="rf-bench-") as folder:
        fleet = asyncio.run(_fleet(Path(folder)))
    application = QApplication.instance() or QApplication([])
    assert application is not None
    model = FleetModel(load_catalogue("en"))
    model.show(fleet)
    return [_filtered(model, fleet), _sorted(model, fleet)]


async def _fleet(home: Path) -> FleetView:
    async with test_fleet(home, hosts=5, machines=1000) as station:
        return station.fleet.view


def _filtered(model: FleetModel, fleet: FleetView) -> Line:
    """Type a filter letter by letter; the slowest keystroke counts."""
    states = [TYPED[: end + 1] for end in range(len(TYPED)) if _parses(TYPED[: end + 1])]

    def typed(text: str) -> Callable[[], object]:
        def once() -> None:
            query = parse_query(text)
            model.arrangement.matches = None if query.everything else query.matches
            model.arrange()

        return once

    slowest = max(median_of(5, typed(text)) for text in states) * 1000
    names = [each.name for each in fleet.machines.values()]
    bare = median_of(5, lambda: [name for name in names if "vm01" in name]) * 1000
    label = "slowest filter keystroke, 5,000 machines"
    return Line(label, slowest, "ms", "< 16 ms", "bare substring test of the names", bare)


def _parses(text: str) -> bool:
    try:
        parse_query(text)
    except QueryError:  # a half-typed word is no query: the bar waits for more
        return False
    return True


def _sorted(model: FleetModel, fleet: FleetView) -> Line:
    """Click every heading for the first time, when nothing is kept; the slowest counts."""
    slowest = max(_click(model, fleet, column.id) for column in model.columns) * 1000
    names = [each.name for each in fleet.machines.values()]
    bare = median_of(5, lambda: sorted(names)) * 1000
    label = "slowest first sort by a heading, 5,000 machines"
    return Line(label, slowest, "ms", "< 16 ms", "bare sort of the names", bare)


def _click(model: FleetModel, fleet: FleetView, column: str) -> float:
    model.arrangement.sort = "name"
    model.show(fleet)
    began = time.thread_time()
    model.arrangement.sort = column
    model.arrange()
    return time.thread_time() - began
