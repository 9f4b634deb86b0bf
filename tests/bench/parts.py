"""What can be measured: a part is a module with `measure`, imported when it is asked for."""

from importlib import import_module

from tests.bench.report import Line

PARTS = {
    "at-rest": "at_rest",
    "hosts": "hosts",  # the first view and the events, on one set of real hosts
    "first-view": "first_view",
    "events": "events",
    "cut": "cut",
    "dump": "dump",
    "window": "window",
    "incident": "incident_window",
    "paint": "first_paint",
    "keystroke": "keystroke",
}
IN_OTHERS = frozenset({"first-view", "events"})
NEED_ROOT = frozenset({"hosts", "first-view", "events", "cut", "dump"})


def measured(part: str) -> list[Line]:
    lines: list[Line] = import_module(f"tests.bench.{PARTS[part]}").measure()
    return lines
