"""What a measurement says: its figure, the baseline it is held against, and the goal."""

import math
import statistics
import time
from collections.abc import Callable

from msgspec import Struct


class Line(Struct, frozen=True):
    """One row of the table. `baseline` is measured in the same run; None where there is none."""

    name: str
    figure: float
    unit: str
    goal: str
    baseline_name: str = ""
    baseline: float | None = None
    note: str = ""

    @property
    def ratio(self) -> str:
        if not self.baseline:
            return ""
        return f"{self.figure / self.baseline:.2f}x"


def median_of(runs: int, work: Callable[[], object]) -> float:
    """Median processor seconds of this thread over `runs` runs, after one that warms up.

    For work that waits for nothing: what else runs on the machine is not counted.
    """
    work()
    times: list[float] = []
    for _ in range(runs):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return statistics.median(times)


def quantile(values: list[float], part: float) -> float:
    """The nearest rank: the smallest value that so large a part of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def markdown(lines: list[Line]) -> str:
    """The table as it stands in docs/performance.md."""
    rows = [
        "| what | measured | goal | baseline in the same run | ratio |",
        "|---|---|---|---|---|",
    ]
    for line in lines:
        baseline = f"{line.baseline_name}: {line.baseline:.3g} {line.unit}" if line.baseline else ""
        note = f" ({line.note})" if line.note else ""
        rows.append(
            f"| {line.name}{note} | {line.figure:.3g} {line.unit} | {line.goal} "
            f"| {baseline} | {line.ratio} |"
        )
    return "\n".join(rows)
