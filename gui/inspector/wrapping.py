"""Text broken into lines that fit: at words where it can be, anywhere where it must."""

from functools import lru_cache

from PySide6.QtGui import QFont, QFontMetrics, QTextLayout, QTextLine, QTextOption

from gui.plain import LONGEST, one_line

_MOST_WIDTHS = 8


class Broken:
    """The lines of one text; layouts ask again and again for the same few widths."""

    def __init__(self, text: str, most: int) -> None:
        self._text = text
        self._most = most
        self._found: dict[tuple[int, str], list[str]] = {}  # by width and font

    def lines(self, font: QFont, width: int) -> list[str]:
        key = (width, font.key())
        if key not in self._found:
            if len(self._found) >= _MOST_WIDTHS:
                self._found.clear()
            self._found[key] = wrapped(self._text, font, width, self._most)
        return self._found[key]


def plain_lines(text: str) -> list[str]:
    """The paragraphs of a text with everything invisible made visible."""
    return [one_line(line) for line in text[:LONGEST].split("\n")]


@lru_cache(maxsize=64)
def metrics_of(font: QFont) -> QFontMetrics:
    """A font's measures, for every copy of it: each one alone would look for its glyphs anew."""
    return QFontMetrics(font)


def line_height(font: QFont) -> int:
    return metrics_of(font).height() + 2


def wrapped(text: str, font: QFont, width: int, most: int) -> list[str]:
    """At most `most` lines; the last one holds all the rest, to be elided by the painter."""
    paragraphs = plain_lines(text)
    if most == 1 or width <= 0:
        return [" ⏎ ".join(paragraphs)]
    metrics = metrics_of(font)
    lines: list[str] = []
    for paragraph in paragraphs:
        if metrics.horizontalAdvance(paragraph) <= width:
            lines.append(paragraph)
        else:
            lines += _broken(paragraph, font, width, most - len(lines))
        if len(lines) >= most:
            break
    return lines


def _broken(paragraph: str, font: QFont, width: int, room: int) -> list[str]:
    layout = QTextLayout(paragraph, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    found: list[str] = []
    line = _next_line(layout, width)
    while line is not None and len(found) < room:
        start, end = line.textStart(), line.textStart() + line.textLength()
        found.append(paragraph[start:] if len(found) == room - 1 else paragraph[start:end])
        line = _next_line(layout, width)
    layout.endLayout()
    return found or [""]


def _next_line(layout: QTextLayout, width: int) -> QTextLine | None:
    line = layout.createLine()
    if not line.isValid():
        return None
    line.setLineWidth(width)
    return line
