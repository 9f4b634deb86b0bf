"""`python -m tests.bench [PART ...]`: one Markdown table; without a name all parts.

A part that needs real hosts says so when this is not root.
"""

import os
import shutil
import sys
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GLIB", "1")

from tests.bench.machine import described
from tests.bench.report import Line, markdown


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
NEED_ROOT = frozenset({hosts, first_view, events, cut, dump})


def main(names: list[str]) -> int:
    wrong = [name for name in names if name not in PARTS]
    if wrong:
        print(f"bench: no part {', '.join(wrong)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    every = [at_rest, hosts, cut, dump, window, incident, paint, keystroke]
    chosen = [PARTS[name] for name in names] or every
    print(described(), flush=True)
    lines: list[Line] = []
    for part in chosen:
        if part in NEED_ROOT and os.geteuid() != 0:
            print(f"bench: {part.__name__} left out: only root can build real hosts")
            continue
        lines += part()
    print("\n" + markdown(lines))
    if shutil.which("virt-manager") is None:
        print("\nvirt-manager is not installed here: not compared.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
