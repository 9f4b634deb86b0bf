"""Read gettext .po files as they are, without a compile step between a translator and a test.

Only what our catalogues use: comments, msgid, msgid_plural, msgstr, msgstr[N], continuation
lines. Anything else is an error with its line, so that a slip cannot silently drop a sentence.
"""

import re
from collections.abc import Iterator
from pathlib import Path

Entry = tuple[str, ...]  # the forms: one, or one a plural form

_LINE = re.compile(r'\A(msgid|msgid_plural|msgstr|msgstr\[(\d)\])? ?"(.*)"\Z')
_ESCAPE = re.compile(r"\\(.)")
_UNESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class PoError(ValueError):
    """The file is not one of ours; the text names path, line and content."""


def read_po(path: Path) -> dict[str, Entry]:
    """Return code -> forms; the header entry (empty msgid) is left out."""
    found: dict[str, Entry] = {}
    for code, forms in _entries(path):
        if code in found:
            raise PoError(f"{path}: {code} stands twice")
        if code:
            found[code] = forms
    return found


def _entries(path: Path) -> Iterator[tuple[str, Entry]]:
    code, forms, target = "", [""], ""
    started = False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise PoError(f"{path}:{number}: cannot be read: {line}")
        key, index, text = match.group(1), match.group(2), _unescape(match.group(3))
        if key == "msgid":
            if started:
                yield code, tuple(forms)
            code, forms, started = "", [""], True
        target = key or target
        if target == "msgid":
            code += text
        elif target.startswith("msgstr"):
            position = int(index) if key and index else (len(forms) - 1 if key is None else 0)
            forms.extend([""] * (position + 1 - len(forms)))
            forms[position] += text
    if started:
        yield code, tuple(forms)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _UNESCAPED.get(match.group(1), match.group(1)), text)
