"""What could stand at the cursor: fields, their values, and what the fleet really contains."""

import re
from collections.abc import Iterable

from msgspec import Struct

from core.fleet.model import FleetView
from core.fleet.query.fields import FIELDS, NONE, UNKNOWN, Field, Kind
from core.fleet.query.tree import OPERATORS, Term
from core.fleet.summary import failing_checks

MAX_COMPLETIONS = 50
# A fleet is searched for values only so far: completion answers between two key strokes.
MAX_ROWS_SEARCHED = 2000
MAX_VALUE = 64
_AT_END = re.compile(
    r'(?P<lead>(?:^|[\s(])-*)(?P<word>(?:[A-Za-z_-]*(?:<=|>=|!=|<|>|=|:)(?:"[^"]*"?|[^\s()"])*)'
    r"|[A-Za-z_]*)\Z"
)
_FROM_FLEET = frozenset({Kind.TEXT, Kind.PART})
_NOT_LISTED = frozenset({"uuid", "title", "mac", "nic", "os"})


class Completion(Struct, frozen=True):
    """Replace text[start:end] by `text`; `detail` is the code of a word of explanation."""

    start: int
    end: int
    text: str
    detail: str


def complete(text: str, cursor: int, fleet: FleetView) -> tuple[Completion, ...]:
    """Propose what fits at the cursor, best first."""
    cursor = max(0, min(cursor, len(text)))
    match = _AT_END.search(text[:cursor])
    if match is None:
        return ()
    word, start = match["word"], match.start("word")
    name, operator, typed = _split(word)
    if not operator:
        return _fields(word, start, cursor)
    field = FIELDS.get(name)
    if field is None:
        return ()
    before, comma, last = typed.rpartition(",")
    head = f"{name}{operator}{before}{comma}"
    return _values(field, last.lstrip('"'), start + len(head), cursor, fleet)


def _split(word: str) -> tuple[str, str, str]:
    found = [(word.find(each), -len(each), each) for each in OPERATORS if each in word]
    if not found:
        return word, "", ""
    at, _, operator = min(found)
    return word[:at].lower(), operator, word[at + len(operator) :]


def _fields(word: str, start: int, end: int) -> tuple[Completion, ...]:
    wanted = word.lower()
    return tuple(
        Completion(start, end, _opening(field), f"query.field.{field.name}")
        for field in FIELDS.values()
        if field.name.startswith(wanted)
    )


def _opening(field: Field) -> str:
    return field.name + ("<" if field.kind in (Kind.NUMBER, Kind.SIZE) else ":")


def _values(
    field: Field, typed: str, start: int, end: int, fleet: FleetView
) -> tuple[Completion, ...]:
    wanted = typed.casefold()
    closed = [(each, f"query.field.{field.name}") for each in field.choices]
    found = [(each, "query.found") for each in _in_fleet(field, fleet)]
    unique = {value: detail for value, detail in (*found, *closed) if value}
    chosen = [each for each in unique.items() if each[0].casefold().startswith(wanted)]
    return tuple(
        Completion(start, end, _written(value), detail)
        for value, detail in chosen[:MAX_COMPLETIONS]
    )


def _in_fleet(field: Field, fleet: FleetView) -> Iterable[str]:
    if field.name == "host":
        return sorted(fleet.hosts)
    if field.name == "zone":
        return [*(zone.name for zone in fleet.zones if not zone.proposed), NONE, UNKNOWN]
    if field.kind is Kind.FINDING:
        return sorted(_failing_checks(fleet))
    if field.kind not in _FROM_FLEET or field.name in _NOT_LISTED or field.words is None:
        return ()
    found: set[str] = set()
    for view in list(fleet.machines.values())[:MAX_ROWS_SEARCHED]:
        found.update(word for word in field.words(view) if len(word) <= MAX_VALUE)
    return sorted(found)


def _failing_checks(fleet: FleetView) -> set[str]:
    rows = list(fleet.machines.values())[:MAX_ROWS_SEARCHED]
    return {check for row in rows for check in failing_checks(row)}


def _written(value: str) -> str:
    return str(Term("", "", (value,)))
