"""Words for codes, in the user's language. Nothing here knows who is asking."""

import locale
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from core.text.message import Parameter, Text
from core.text.po import Entry, read_po

LANGUAGES = ("en", "zh_CN")


class Catalogue:
    """The sentences of one language.

    A code that has no words is shown as itself between angle marks: visible, never silent. A
    test walks all codes, so that this happens only to a developer.
    """

    def __init__(self, language: str, entries: Mapping[str, Entry]) -> None:
        self.language = language
        self._entries = entries

    def __call__(self, code: str, **params: Parameter) -> str:
        """Say a code with its parameters; `count` chooses the plural form."""
        forms = self._entries.get(code)
        if forms is None:
            return f"‹{code}›"
        return _fill(forms[self._form(forms, params.get("count"))], params)

    def say(self, text: Text) -> str:
        return self(text.code, **text.params)

    def has(self, code: str) -> bool:
        return code in self._entries

    def codes(self) -> frozenset[str]:
        return frozenset(self._entries)

    def _form(self, forms: Entry, count: Parameter | None) -> int:
        if len(forms) == 1 or count is None or self.language == "zh_CN":
            return 0
        return 0 if count == 1 else 1


def _fill(sentence: str, params: Mapping[str, Parameter]) -> str:
    """Insert parameters for {name}; braces inside a parameter stay what they are."""
    if "{" not in sentence:
        return sentence
    parts: list[str] = []
    rest = sentence
    while rest:
        before, brace, after = rest.partition("{")
        parts.append(before)
        if not brace:
            break
        name, closed, rest = after.partition("}")
        parts.append(str(params[name]) if closed and name in params else f"{{{name}{closed}")
    return "".join(parts)


def load_catalogue(language: str, root: Path | None = None) -> Catalogue:
    """Read all rooms' files of a language.

    Raises:
        PoError: a file cannot be read as gettext, or two rooms say the same code.
    """
    folder = root or Path(str(files("resources"))) / "locale"
    entries: dict[str, Entry] = {}
    for path in sorted((folder / language).glob("*.po")):
        entries.update(read_po(path))
    return Catalogue(language, entries)


def pick_language(wanted: str = "") -> str:
    """Choose a shipped language from a preference or the desktop's locale; English otherwise."""
    environment = (
        os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    )
    name = wanted or environment or locale.getlocale()[0] or "en"
    return "zh_CN" if name.lower().startswith("zh") else "en"
