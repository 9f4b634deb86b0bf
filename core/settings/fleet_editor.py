"""Change fleet.toml for the user and keep every comment and blank line that is theirs.

An edit touches the lines of one entry; all others stay byte for byte. Nothing is written that
`parse_fleet` would not read back, and nothing over a change somebody else made meanwhile.
"""

import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import cast

import msgspec
import tomlkit
from tomlkit.items import AoT, Table

from core.posture.model import Waiver
from core.settings.atomic_write import write_atomically
from core.settings.fleet_file import parse_fleet
from core.settings.model import (
    ContactEntry,
    FleetFile,
    HostEntry,
    RiskEntry,
    SavedView,
    SshTarget,
    TenantEntry,
    ZoneEntry,
)
from core.settings.schema import Item
from core.settings.toml_lines import Entry, entries
from core.settings.versions import CURRENT_VERSION
from core.text import RingfenceError

_NEVER_WRITTEN = frozenset({"demo_facts", "proposed"})
_START = f"version = {CURRENT_VERSION}\n"
_SECTION_OF: dict[type[Item], str] = {
    HostEntry: "hosts",
    ZoneEntry: "zones",
    TenantEntry: "tenants",
    RiskEntry: "risks",
    SavedView: "views",
    Waiver: "waivers",
    ContactEntry: "contacts",
}


class FleetEditor:
    """Reads the file once; `save` writes it if nobody changed it since.

    Raises:
        RingfenceError: fleet-broken (with the line), fleet-newer, fleet-unreadable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = _read(path)
        self._text = self._before.decode() if self._before else _START
        found = parse_fleet(self._text.encode())
        if found.version > CURRENT_VERSION:
            raise RingfenceError("fleet-newer", version=found.version, known=CURRENT_VERSION)

    @property
    def text(self) -> str:
        """The file as it would be saved."""
        return self._text

    def add(self, item: Item) -> None:
        """Add an entry whose name is not taken.

        Raises:
            RingfenceError: fleet-name-taken, fleet-entry-refused.
        """
        if self._find(item) is not None:
            raise RingfenceError("fleet-name-taken", name=_name(item))
        self._append(item)

    def put(self, item: Item) -> None:
        """Add an entry or change the one of its name; the comments inside it stay.

        Raises:
            RingfenceError: fleet-entry-refused.
        """
        entry = self._find(item)
        if entry is None:
            self._append(item)
        else:
            self._replace(entry, _changed(entry, item))
            self._check(item)

    def remove(self, kind: type[Item], name: str) -> None:
        """Remove the entry of that name; a waiver's name is "CHECK TARGET".

        Raises:
            RingfenceError: fleet-no-such-entry.
        """
        entry = self._find_named(_SECTION_OF[kind], name)
        if entry is None:
            raise RingfenceError("fleet-no-such-entry", name=name)
        self._replace(entry, "")

    def save(self) -> FleetFile:
        """Write the file and return what it now says.

        Raises:
            RingfenceError: fleet-changed-meanwhile, file-not-written.
        """
        if _read(self._path) != self._before:
            raise RingfenceError("fleet-changed-meanwhile", path=str(self._path))
        content = self._text.encode()
        write_atomically(self._path, content, keep_previous=True)
        self._before = content
        return parse_fleet(content)

    def _find(self, item: Item) -> Entry | None:
        return self._find_named(_SECTION_OF[type(item)], _name(item))

    def _find_named(self, section: str, name: str) -> Entry | None:
        for entry in entries(self._text, whole=True):
            if entry.section == section and _name_in(entry) == name:
                return entry
        return None

    def _append(self, item: Item) -> None:
        section = _SECTION_OF[type(item)]
        block = tomlkit.document()
        array = tomlkit.aot()
        array.insert(0, _table(item))
        block.add(section, array)
        same = [entry for entry in entries(self._text, whole=True) if entry.section == section]
        lines = self._text.rstrip("\n").split("\n")
        at = _end(same[-1]) if same else len(lines)
        lines[at:at] = ["", *tomlkit.dumps(block).rstrip("\n").split("\n")]
        self._text = "\n".join(lines) + "\n"
        self._check(item)

    def _replace(self, entry: Entry, text: str) -> None:
        lines = self._text.split("\n")
        start, end = entry.line - 1, _end(entry)
        if not text and end < len(lines) and not lines[end].strip():
            end += 1  # the blank line that parted it from the next entry
        lines[start:end] = text.rstrip("\n").split("\n") if text else []
        self._text = "\n".join(lines).rstrip("\n") + "\n"

    def _check(self, item: Item) -> None:
        """What was written must be read back as the same entry."""
        found = parse_fleet(self._text.encode())
        everything: tuple[Item, ...] = (
            *found.hosts,
            *found.zones,
            *found.tenants,
            *found.risks,
            *found.views,
            *found.waivers,
        )
        if not any(_comparable(each) == _comparable(item) for each in everything):
            told = [each for each in found.problems if each.message.detail]
            detail = "; ".join(f"{each.line}: {each.message.detail}" for each in told)
            raise RingfenceError("fleet-entry-refused", detail, name=_name(item))


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise RingfenceError("fleet-unreadable", str(error), path=str(path)) from error
    try:
        tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problems = parse_fleet(content).problems
        line = problems[0].line if problems else 1
        raise RingfenceError("fleet-broken", str(error), path=str(path), line=line) from error
    return content


def _end(entry: Entry) -> int:
    """The index after the entry's last line with content; comments below it are not its own."""
    lines = [line for piece in entry.pieces for line in piece.lines]
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return entry.line - 1 + len(lines)


def _name(item: Item) -> str:
    if isinstance(item, Waiver):
        return f"{item.check} {item.target}"
    return item.level if isinstance(item, RiskEntry) else item.name


def _name_in(entry: Entry) -> str:
    tables = cast(list[Mapping[str, object]], tomllib.loads(entry.text)[entry.section])
    data = tables[0]
    if entry.section == "waivers":
        return f"{data.get('check')} {data.get('target')}"
    return str(data.get("level" if entry.section == "risks" else "name"))


def _written(value: msgspec.Struct) -> dict[str, object]:
    """The fields that differ from their defaults, as TOML values."""
    plain: dict[str, object] = {}
    for field in msgspec.structs.fields(value):
        content = getattr(value, field.name)
        if field.name in _NEVER_WRITTEN or (not field.required and content == field.default):
            continue
        if isinstance(content, SshTarget):
            content = _written(content)
        plain[field.name] = _listed(content)
    return plain


def _listed(content: object) -> object:
    return list(cast(tuple[object, ...], content)) if isinstance(content, tuple) else content


def _table(item: Item) -> Table:
    table = tomlkit.table()
    for key, value in _written(item).items():
        table[key] = _inline(value)
    return table


def _inline(value: object) -> object:
    if not isinstance(value, dict):
        return value
    inline = tomlkit.inline_table()
    for key, content in cast(dict[str, object], value).items():
        inline[key] = content
    return inline


def _changed(entry: Entry, item: Item) -> str:
    """The entry's own text with the item's values in it."""
    document = tomlkit.parse("\n".join(entry.text.split("\n")[: _end(entry) - entry.line + 1]))
    table = cast(MutableMapping[str, object], cast(AoT, document[entry.section])[0])
    wanted = _written(item)
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if table.get(key) != value:
            table[key] = _inline(value)
    return tomlkit.dumps(document)


def _comparable(item: Item) -> object:
    return type(item), _written(item)
