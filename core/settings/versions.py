"""Older versions of fleet.toml are lifted, table by table, to the one this program writes."""

from collections.abc import Callable

Lift = Callable[[str, object], object]

# The function at index n lifts one table (given its section) from version n + 1 to n + 2.
_LIFTS: tuple[Lift, ...] = ()
CURRENT_VERSION = len(_LIFTS) + 1


def upgraded(section: str, data: object, version: int, lifts: tuple[Lift, ...] = _LIFTS) -> object:
    """Lift one table from the file's version to the current one; newer files pass unchanged."""
    for lift in lifts[version - 1 :]:
        data = lift(section, data)
    return data
