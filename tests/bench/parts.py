"""What can be measured, a part a function: each imports what it needs when it is called."""

from collections.abc import Callable

from tests.bench.report import Line


def window() -> list[Line]:
    from tests.bench.window import measure

    return measure()


def incident() -> list[Line]:
    from tests.bench.incident_window import measure

    return measure()


def paint() -> list[Line]:
    from tests.bench.first_paint import measure

    return measure()


def keystroke() -> list[Line]:
    from tests.bench.keystroke import measure

    return measure()


def at_rest() -> list[Line]:
    from tests.bench.at_rest import measure

    return measure()


def hosts() -> list[Line]:
    """The first view and the events, on one set of real hosts."""
    from tests.bench import events, first_view
    from tests.bench.crowd import crowd

    with crowd() as lab:
        return [*first_view.measure_on(lab), *events.measure_on(lab)]


def first_view() -> list[Line]:
    from tests.bench.first_view import measure

    return measure()


def events() -> list[Line]:
    from tests.bench.events import measure

    return measure()


def cut() -> list[Line]:
    from tests.bench.cut import measure

    return measure()


def dump() -> list[Line]:
    from tests.bench.dump import measure

    return measure()


PARTS: dict[str, Callable[[], list[Line]]] = {
    "first-view": first_view,
    "events": events,
    "window": window,
    "incident": incident,
    "paint": paint,
    "keystroke": keystroke,
    "at-rest": at_rest,
    "cut": cut,
    "dump": dump,
}
EVERY = (at_rest, hosts, cut, dump, window, incident, paint, keystroke)
NEED_ROOT = frozenset({hosts, first_view, events, cut, dump})
