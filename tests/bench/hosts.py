"""The first view and the events, on one set of real hosts."""

from tests.bench import events, first_view
from tests.bench.crowd import crowd
from tests.bench.report import Line


def measure() -> list[Line]:
    with crowd() as lab:
        return [*first_view.measure_on(lab), *events.measure_on(lab)]
