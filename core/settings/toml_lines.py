"""Which line of a TOML file says what, also when the file as a whole cannot be parsed.

The text is cut into pieces, one a table header; each piece knows the line of its header and of
every key in it. A piece that is broken can therefore be left out alone.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

_HEADER = re.compile(
    r"""\s*(?P<open>\[{1,2})\s*(?P<name>[^\[\]=]+?)\s*\]{1,2}\s*(?:\#.*)?""", re.DOTALL
)
_KEY = re.compile(
    r"""\s*(?P<key>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*="""
)
_SKIPPED = re.compile(
    r"""
    (?P<triple>\"{3}|'{3})
    | "(?:[^"\\]|\\.)*" | '[^']*'
    | (?P<comment>\#.*)
    | (?P<bracket>[\[\]{}])
    """,
    re.VERBOSE,
)


class Piece(Struct, frozen=True):
    """The lines from one header up to the next one; the first piece of a file has no header."""

    section: str  # "hosts" of [[hosts]] and of [hosts.ssh]; "" before the first header
    nested: bool  # [hosts.ssh]: belongs to the piece before it
    line: int  # 1-based, of the header
    lines: tuple[str, ...]
    keys: dict[str, int]  # key -> line

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


class Entry(Struct, frozen=True):
    """One [[section]] with the tables nested in it."""

    section: str
    pieces: tuple[Piece, ...]

    @property
    def line(self) -> int:
        return self.pieces[0].line

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def line_of(self, key: str) -> int:
        """The line of a key, also of one in a nested table; the header's line if it has none."""
        return next((p.keys[key] for p in self.pieces if key in p.keys), self.line)


def entries(text: str, *, whole: bool) -> tuple[Entry, ...]:
    """Cut a text into its entries.

    With `whole` the text is valid TOML, and headers inside multi-line values are not headers.
    Otherwise every line that looks like a header is one: an unclosed string then costs one entry.
    """
    found: list[list[Piece]] = []
    for piece in _pieces(text, whole):
        if piece.nested and found and found[-1][0].section == piece.section:
            found[-1].append(piece)
        else:
            found.append([piece])
    return tuple(Entry(group[0].section, tuple(group)) for group in found)


def _pieces(text: str, whole: bool) -> Iterator[Piece]:
    section, nested, start = "", False, 1
    lines: list[str] = []
    keys: dict[str, int] = {}
    open_value = _OpenValue()
    for number, line in enumerate(text.split("\n"), 1):
        inside = whole and open_value.inside
        header = None if inside else _HEADER.fullmatch(line.rstrip("\r"))
        if header is not None:
            yield Piece(section, nested, start, tuple(lines), keys)
            section, nested = _section(header["name"])
            lines, keys, start = [], {}, number
        elif not inside and (key := _KEY.match(line)):
            keys.setdefault(key["key"].strip("\"'"), number)
        if header is None and whole:
            open_value.feed(line)
        lines.append(line)
    yield Piece(section, nested, start, tuple(lines), keys)


def _section(name: str) -> tuple[str, bool]:
    top, dot, _ = name.partition(".")
    return top.strip().strip("\"'"), bool(dot)


class _OpenValue:
    """Follows multi-line strings and arrays from line to line."""

    def __init__(self) -> None:
        self._triple = ""
        self._depth = 0

    @property
    def inside(self) -> bool:
        return bool(self._triple) or self._depth > 0

    def feed(self, line: str) -> None:
        position = 0
        while position < len(line):
            if self._triple:
                position = self._close(line, position)
                continue
            match = _SKIPPED.search(line, position)
            if match is None:
                return
            position = match.end()
            self._triple = match["triple"] or ""
            if match["bracket"]:
                self._depth += 1 if match["bracket"] in "[{" else -1

    def _close(self, line: str, position: int) -> int:
        while position < len(line):
            if self._triple == '"""' and line[position] == "\\":
                position += 2
            elif line.startswith(self._triple, position):
                position += len(self._triple)
                # Up to two more quotes belong to the value and end with it.
                while line.startswith(self._triple[0], position):
                    position += 1
                self._triple = ""
                return position
            else:
                position += 1
        return position
