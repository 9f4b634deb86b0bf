"""Read fleet.toml: everything good in it, and every problem with its line.

Never raises for content. An entry that is broken, unknown, doubled or refused is left out and
reported; the others stand. When the file is not TOML as a whole, its tables are read one by one.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import cast

import msgspec

from core.posture.model import Waiver
from core.settings.model import (
    ContactEntry,
    FleetFile,
    HostEntry,
    Problem,
    RiskEntry,
    SavedView,
    TenantEntry,
    ZoneEntry,
)
from core.settings.schema import SECTIONS, Item
from core.settings.toml_lines import Entry, entries
from core.settings.versions import CURRENT_VERSION, upgraded
from core.text import RingfenceError, Text
from core.text.message import Parameter

MAX_FILE_BYTES = 4 * 1024 * 1024
Table = dict[str, object]

_AT_LINE = re.compile(r"at line (\d+)")
_LACKING = re.compile(r"missing required field `([^`]+)`")
_EXTRA = re.compile(r"unknown field `([^`]+)`")


class Located(msgspec.Struct, frozen=True):
    """One table's data with the place it stands at."""

    section: str
    data: object
    entry: Entry


def read_fleet(path: Path) -> FleetFile:
    """Read the file at `path`; one that does not exist is an empty fleet.

    Raises:
        RingfenceError: fleet-unreadable, when the file is there and cannot be opened.
    """
    try:
        raw = path.read_bytes()
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return FleetFile()
    except OSError as error:
        raise RingfenceError("fleet-unreadable", str(error), path=str(path)) from error
    return msgspec.structs.replace(parse_fleet(raw), written_at=written_at)


def parse_fleet(raw: bytes) -> FleetFile:
    """Understand the bytes of a fleet.toml."""
    if len(raw) > MAX_FILE_BYTES:
        return FleetFile(problems=(_problem(1, "too-large", maximum=MAX_FILE_BYTES),))
    text, problems = _decoded(raw)
    head, located, broken = _located(text)
    problems += broken
    version, newer = _version(head)
    problems += newer
    good: dict[str, list[Item]] = {section: [] for section in SECTIONS}
    seen: set[tuple[str, str]] = set()
    for table in located:
        item = _item(table, version, problems)
        if item is not None and _first(item, table, seen, problems):
            good[table.section].append(item)
    return _assembled(version, good, tuple(sorted(problems, key=lambda each: each.line)))


def _decoded(raw: bytes) -> tuple[str, list[Problem]]:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        return text, [_problem(line, "encoding")]


def _located(text: str) -> tuple[Located, list[Located], list[Problem]]:
    """Return what stands before the first table, the tables, and what could not be read."""
    try:
        whole = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _piecewise(text)
    found = entries(text, whole=True)
    problems: list[Problem] = []
    located: list[Located] = []
    for section, value in whole.items():
        places = [entry for entry in found if entry.section == section]
        located += _tables(section, value, places or [found[0]], problems)
    return Located("", whole, found[0]), located, problems


def _piecewise(text: str) -> tuple[Located, list[Located], list[Problem]]:
    head, *tables = entries(text, whole=False)
    problems: list[Problem] = []
    located: list[Located] = []
    start = _parsed(head, problems)
    for entry in tables:
        data = _parsed(entry, problems)
        if data is not None:
            located += _tables(entry.section, data.get(entry.section), [entry], problems)
    return Located("", start or {}, head), located, problems


def _parsed(entry: Entry, problems: list[Problem]) -> Table | None:
    try:
        return tomllib.loads(entry.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        match = _AT_LINE.search(str(error))
        last = sum(len(piece.lines) for piece in entry.pieces)
        offset = min(int(match[1]), last) if match else 1
        line = entry.line + offset - 1
        problems.append(_problem(line, "syntax", detail=str(error)))
        return None


def _tables(
    section: str, value: object, places: list[Entry], problems: list[Problem]
) -> Iterator[Located]:
    if section == "version":
        return
    line = places[0].line_of(section)
    if section not in SECTIONS:
        problems.append(_problem(line, "unknown-section", section=section[:64]))
    elif not isinstance(value, list):
        problems.append(_problem(line, "not-a-list", section=section))
    else:
        for index, data in enumerate(cast(list[object], value)):
            yield Located(section, data, places[min(index, len(places) - 1)])


def _version(head: Located) -> tuple[int, list[Problem]]:
    version = cast(Table, head.data).get("version", CURRENT_VERSION)
    line = head.entry.line_of("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return CURRENT_VERSION, [_problem(line, "version", known=CURRENT_VERSION)]
    if version > CURRENT_VERSION:
        return version, [_problem(line, "newer", version=version, known=CURRENT_VERSION)]
    return version, []


def _item(table: Located, version: int, problems: list[Problem]) -> Item | None:
    data = upgraded(table.section, _timed(table.data), version)
    try:
        return msgspec.convert(data, SECTIONS[table.section]).entry()
    except msgspec.ValidationError as error:
        problems.append(_invalid(table, str(error)))
    except RingfenceError as error:
        key = "ssh" if error.code == "fleet-ssh-target" else "uri"
        problems.append(Problem(table.entry.line_of(key), error.cause))
    return None


def _timed(data: object) -> object:
    """TOML has dates and times without a zone; a day ends when it is over in UTC."""
    if not isinstance(data, dict):
        return data
    table = dict(cast(Table, data))
    until = table.get("until")
    if isinstance(until, datetime):
        table["until"] = until if until.tzinfo else until.replace(tzinfo=UTC)
    elif isinstance(until, date):
        table["until"] = datetime.combine(until, time(23, 59, 59), UTC)
    return table


def _invalid(table: Located, reason: str) -> Problem:
    if match := _EXTRA.search(reason):
        key = match[1]
        return _problem(table.entry.line_of(key), "unknown-key", key=key[:64])
    if match := _LACKING.search(reason):
        return _problem(table.entry.line, "missing-key", key=match[1], section=table.section)
    match = re.search(r"at `\$\.([A-Za-z_]+)(?:\.([A-Za-z_]+))?", reason)
    if match is None:
        return _problem(table.entry.line, "not-a-table", section=table.section, detail=reason)
    key = match[2] if match[2] and table.entry.line_of(match[2]) != table.entry.line else match[1]
    return _problem(table.entry.line_of(key), "value", key=key, detail=reason)


def _first(item: Item, table: Located, seen: set[tuple[str, str]], problems: list[Problem]) -> bool:
    if isinstance(item, RiskEntry):
        return True
    name = f"{item.check} {item.target}" if isinstance(item, Waiver) else item.name
    if (table.section, name) in seen:
        problems.append(_problem(table.entry.line_of("name"), "twice", name=name))
        return False
    seen.add((table.section, name))
    return True


def _assembled(
    version: int, good: dict[str, list[Item]], problems: tuple[Problem, ...]
) -> FleetFile:
    return FleetFile(
        version=version,
        hosts=tuple(each for each in good["hosts"] if isinstance(each, HostEntry)),
        zones=tuple(each for each in good["zones"] if isinstance(each, ZoneEntry)),
        tenants=tuple(each for each in good["tenants"] if isinstance(each, TenantEntry)),
        risks=tuple(each for each in good["risks"] if isinstance(each, RiskEntry)),
        views=tuple(each for each in good["views"] if isinstance(each, SavedView)),
        waivers=tuple(each for each in good["waivers"] if isinstance(each, Waiver)),
        contacts=tuple(each for each in good["contacts"] if isinstance(each, ContactEntry)),
        problems=problems,
    )


def _problem(line: int, case: str, detail: str = "", **params: Parameter) -> Problem:
    return Problem(line, Text(f"settings.problem.{case}", params, detail))
