"""Where every line of a page stands: pure geometry, done anew only when text or width changes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gui.inspector.facts import Fact, Section, Tone
from gui.inspector.wrapping import line_height, wrapped
from gui.theme import Face, Theme

NAME_WIDTH = 112
MARK_WIDTH = 16
_EDGE = 16
_TOP = 10
_BETWEEN_SECTIONS = 16
_BELOW_HEADING = 4
_ROW_PADDING = 2
_MOST_LINES = {Face.STRONG: 2, Face.SECONDARY: 8}
_NAME_LINES = 2
_VALUE_LINES = 4


class Words(NamedTuple):
    """Lines of text from a point down, in one face and colour."""

    left: int
    top: int
    width: int
    lines: tuple[str, ...]
    face: Face
    role: str


class Row(NamedTuple):
    """One heading, note or fact with its place on the page."""

    top: int
    height: int
    words: tuple[Words, ...]
    fact: Fact | None = None


def lay_out(sections: Sequence[Section], theme: Theme, width: int) -> Iterator[Row]:
    """Place the rows below one another for a page of this width, each when it is asked for."""
    top = _TOP
    for number, section in enumerate(sections):
        top += _BETWEEN_SECTIONS if number else 0
        for row in _section(section, theme, top, width):
            yield row
            top = row.top + row.height


def page_height(rows: Sequence[Row]) -> int:
    return (rows[-1].top + rows[-1].height if rows else 0) + _TOP


def _section(section: Section, theme: Theme, top: int, width: int) -> Iterator[Row]:
    heads = [(section.title, Face.STRONG, "text"), (section.note, Face.SECONDARY, "secondary")]
    for text, face, role in heads:
        if text:
            row = _text(text, face, role, theme, top, width)
            yield row
            top = row.top + row.height
    for fact in section.facts:
        row = _fact(fact, theme, top, width)
        yield row
        top = row.top + row.height


def _text(text: str, face: Face, role: str, theme: Theme, top: int, width: int) -> Row:
    font = theme.font(face)
    room = width - 2 * _EDGE
    lines = tuple(wrapped(text, font, room, _MOST_LINES[face]))
    height = len(lines) * line_height(font) + _BELOW_HEADING
    return Row(top, height, (Words(_EDGE, top, room, lines, face, role),))


def _fact(fact: Fact, theme: Theme, top: int, width: int) -> Row:
    left = _EDGE + NAME_WIDTH + MARK_WIDTH
    room = max(40, width - left - _EDGE)
    face = Face.MONO if fact.mono else Face.DATA
    quiet = fact.tone in {Tone.QUIET, Tone.UNKNOWN}
    name = tuple(wrapped(fact.label, theme.font(Face.DATA), NAME_WIDTH, _NAME_LINES))
    value = tuple(wrapped(fact.value, theme.font(face), room, _VALUE_LINES))
    inner = max(
        len(name) * line_height(theme.font(Face.DATA)), len(value) * line_height(theme.font(face))
    )
    start = top + _ROW_PADDING // 2
    words = (
        Words(_EDGE, start, NAME_WIDTH, name, Face.DATA, "secondary"),
        Words(left, start, room, value, face, "secondary" if quiet else "text"),
    )
    return Row(top, inner + _ROW_PADDING, words, fact)
