"""What all reports are made of: one page that needs nothing else, tables, escaped text.

No script, no link, no picture. Text of hosts and guests is escaped and stands in <bdi>, so that
neither markup nor a direction mark of theirs reaches beyond its own cell.
"""

from collections.abc import Iterable, Sequence
from html import escape

from core.text import Catalogue

_STYLE = """body{font-family:sans-serif;font-size:10pt;color:#1b1f24}h1{font-size:18pt}
h2{font-size:13pt;margin-top:18px;margin-bottom:4px}
table{border-collapse:collapse;width:100%;margin-top:4px;margin-bottom:14px}
th{text-align:left;border-bottom:1px solid #888}td{vertical-align:top;border-bottom:1px solid #ddd}
th,td{padding:3px 6px}.evidence{color:#555;font-family:monospace;font-size:8pt}
.drill{font-size:13pt;font-weight:bold;color:#6a2c91}.bad{color:#a4001d;font-weight:bold}
.mono{font-family:monospace;font-size:8pt}"""


def page(title: str, parts: Iterable[str], words: Catalogue) -> str:
    """Put the parts, which are HTML already, on one page."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    language = words.language.replace("_", "-")
    body = "\n".join(part for part in parts if part)
    return f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head><body>{body}</body></html>'


def heading(text: str, level: int = 2) -> str:
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str, role: str = "") -> str:
    mark = f' class="{role}"' if role else ""
    return f"<p{mark}><bdi>{escape(text)}</bdi></p>"


def bullets(lines: Iterable[str], role: str = "") -> str:
    mark = f' class="{role}"' if role else ""
    items = "".join(f"<li{mark}><bdi>{escape(line)}</bdi></li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, raw_last: bool = False) -> str:
    """A table of plain text; with `raw_last` the last cell of a row is HTML already."""

    def cell(position: int, text: str) -> str:
        raw = raw_last and position == len(heads) - 1
        return f"<td>{text if raw else f'<bdi>{escape(text)}</bdi>'}</td>"

    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(cell(position, text) for position, text in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"
