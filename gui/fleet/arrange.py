"""Which rows are shown and in which order: filter, sort and group in plain Python, without Qt.

Sort values are kept until a machine's view is replaced, so that an update costs what changed.
Ties keep the order of name and host, so that equal rows never dance.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.facts import Unknown
from core.fleet.cells import SortKey
from core.fleet.columns import COLUMNS, Column
from core.fleet.model import Key, MachineView

Matches = Callable[[MachineView], bool]
BY_ID: Mapping[str, Column] = {column.id: column for column in COLUMNS}
GROUPS = ("", "host", "zone", "tenant", "state")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A heading. `id` is what it groups by; it stays the same while its content changes."""

    kind: str
    id: str
    count: int
    folded: bool


Row = Key | GroupRow


@dataclass(slots=True)
class Arrangement:
    """What the admin asked to see."""

    matches: Matches | None = None
    sort: str = "name"
    descending: bool = False
    group: str = ""
    folded: set[str] = field(default_factory=set[str])


def group_of(view: MachineView, kind: str) -> str:
    """Name the group. A machine in two zones has a group of its own: it is shown once."""
    if kind == "host":
        return view.host
    if kind == "tenant":
        return view.tenant.value
    if kind == "state":
        return view.row.state.value
    if isinstance(view.zones, Unknown):
        return "?"
    return " + ".join(sorted(member.zone.name for member in view.zones))


class Arranger:
    """Holds all machines and answers with the visible rows."""

    def __init__(self) -> None:
        self.views: dict[Key, MachineView] = {}
        self._base: list[Key] | None = None
        self._values: dict[str, dict[Key, SortKey]] = {}

    def replace_all(self, views: Mapping[Key, MachineView]) -> None:
        self.views = dict(views)
        self._base = None
        self._values.clear()

    def merge(self, views: Mapping[Key, MachineView], changed: Iterable[Key]) -> None:
        """Take over the machines that changed or came; what is not in `views` is left."""
        for key in changed:
            view = views.get(key)
            if view is None:
                continue
            old = self.views.get(key)
            if old is None or old.row.name != view.row.name:
                self._base = None
            self.views[key] = view
            self._forget(key)

    def drop(self, keys: Iterable[Key]) -> None:
        for key in keys:
            if self.views.pop(key, None) is not None:
                self._base = None
            self._forget(key)

    def _forget(self, key: Key) -> None:
        for values in self._values.values():
            values.pop(key, None)

    def rows(self, wanted: Arrangement) -> list[Row]:
        """Return the visible rows, headings included."""
        keys = self._sorted(self._matching(wanted.matches), wanted)
        return list(keys) if not wanted.group else self._grouped(keys, wanted)

    def _matching(self, matches: Matches | None) -> list[Key]:
        if self._base is None:
            self._base = sorted(self.views, key=lambda key: (self.views[key].row.name, key.host))
        if matches is None:
            return list(self._base)
        views = self.views
        return [key for key in self._base if matches(views[key])]

    def _sorted(self, keys: list[Key], wanted: Arrangement) -> list[Key]:
        column = BY_ID.get(wanted.sort, BY_ID["name"])
        values = self._values.setdefault(column.id, {})
        for key in keys:
            if key not in values:
                values[key] = column.value(self.views[key])
        keys.sort(key=values.__getitem__, reverse=wanted.descending)
        return keys

    def _grouped(self, keys: list[Key], wanted: Arrangement) -> list[Row]:
        groups: dict[str, list[Key]] = {}
        for key in keys:
            groups.setdefault(group_of(self.views[key], wanted.group), []).append(key)
        rows: list[Row] = []
        for name in sorted(groups, key=lambda name: (name in ("", "?"), name)):
            folded = name in wanted.folded
            rows.append(GroupRow(wanted.group, name, len(groups[name]), folded))
            rows.extend(() if folded else groups[name])
        return rows
