"""Dead and missing translations: `python -m tests.texts` fails on either.

A code is alive when a string of the sources names it, or when an f-string of the sources can make
it. A code that the sources name where words are expected must be in both languages, and both
languages must take the same parameters.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from core.posture.catalogue import load_catalogue
from core.text import LANGUAGES
from core.text.po import Entry, read_po

ROOT = Path(__file__).parents[1]
SAYERS = frozenset({"Text", "say", "t", "words", "text", "catalogue", "_t", "_words", "_say"})
RAISERS = frozenset({"RingfenceError", "Failure", "failure", "QueryError"})
SHARED_BY_CHECKS = frozenset({"na", "unknown"})  # finding.na.*: what all checks say alike
CODE = re.compile(r"\A[a-z][a-z_-]*(\.[A-Za-z0-9_-]+)+\Z")
PARAMETER = re.compile(r"\{([a-z_]+)\}")
Codes = dict[str, Entry]


class Used(ast.NodeVisitor):
    """What the sources say: every string, every f-string as a pattern, and the asked-for codes."""

    def __init__(self) -> None:
        self.strings: set[str] = set()
        self.patterns: set[str] = set()
        self.asked: set[str] = set()
        self.raised: set[str] = set()

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.strings.add(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        parts = [
            re.escape(v.value) if isinstance(v, ast.Constant) and isinstance(v.value, str) else ".+"
            for v in node.values
        ]
        if "." in "".join(part for part in parts if part != ".+"):
            self.patterns.add("".join(parts))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _callee(node.func)
        if node.args and isinstance(node.args[0], ast.Constant):
            value = node.args[0].value
            if isinstance(value, str) and name in SAYERS and CODE.match(value):
                self.asked.add(value)
            if isinstance(value, str) and name in RAISERS:
                self.raised.add(value)
        self.generic_visit(node)


def _callee(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def used_in_sources() -> Used:
    used = Used()
    for room in ("core", "gui"):
        for path in sorted((ROOT / room).rglob("*.py")):
            used.visit(ast.parse(path.read_text("utf-8"), str(path)))
    return used


def codes_of(language: str) -> Codes:
    found: Codes = {}
    for path in sorted((ROOT / "resources" / "locale" / language).glob("*.po")):
        for code, forms in read_po(path).items():
            if code in found:
                raise ValueError(f"{language}: {code} stands in two files, one is {path.name}")
            found[code] = forms
    return found


def problems() -> Iterator[str]:
    """Yield each problem as one line."""
    books = {language: codes_of(language) for language in LANGUAGES}
    everything = set[str]().union(*books.values())
    for language, book in books.items():
        for code in sorted(everything - book.keys()):
            yield f"{language}: {code} has no words"
        for code, forms in sorted(book.items()):
            if not all(form.strip() for form in forms):
                yield f"{language}: {code} is empty"
    yield from _parameters(books)
    used = used_in_sources()
    yield from _missing(used, everything)
    yield from _dead(used, everything)


def _parameters(books: dict[str, Codes]) -> Iterator[str]:
    first, *others = LANGUAGES
    for code in sorted(books[first]):
        wanted = _named(books[first][code])
        for language in others:
            got = _named(books[language].get(code, ("",)))
            if code in books[language] and got != wanted:
                yield f"{language}: {code} takes {sorted(got)}, {first} takes {sorted(wanted)}"


def _named(forms: Entry) -> set[str]:
    return {name for form in forms for name in PARAMETER.findall(form)} - {"count"}


def _missing(used: Used, known: set[str]) -> Iterator[str]:
    for code in sorted(used.asked - known):
        yield f"{code} is said but has no words"
    for code in sorted(used.raised):
        for part in ("cause", "step"):
            if re.match(r"\A[a-z][a-z0-9-]*\Z", code) and f"error.{code}.{part}" not in known:
                yield f"error.{code}.{part} is raised but has no words"


def _dead(used: Used, known: set[str]) -> Iterator[str]:
    checks = load_catalogue()
    made = re.compile("|".join(f"(?:{p})" for p in used.patterns if not p.startswith(".+")))
    for code in sorted(known - used.strings):
        parts = code.split(".")
        if parts[0] == "error" and parts[1] in used.strings:
            continue
        if parts[0] in {"check", "finding"} and parts[1] not in SHARED_BY_CHECKS:
            if parts[1] not in checks:
                yield f"{code} speaks of a check that is not in the catalogue"
            continue
        if parts[0] == "error" or made.fullmatch(code) is None:
            yield f"{code} is never said"


def main() -> int:
    found = list(problems())
    print("\n".join(found) or "texts: nothing dead, nothing missing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
