"""A filter as a tree of values; written out again it means the same."""

from msgspec import Struct

OPERATORS = ("<=", ">=", "!=", "<", ">", "=", ":")
_QUOTED_WHEN = frozenset(' \t\r\n\v\f()"\\,')


class Word(Struct, frozen=True, tag="word"):
    """A bare word: part of a name or title."""

    text: str
    position: int = 0
    length: int = 0

    def __str__(self) -> str:
        bare = self.text and not _QUOTED_WHEN.intersection(self.text)
        special = self.text.startswith("-") or self.text.lower() in {"or", "and", "not"}
        special = special or any(operator in self.text for operator in OPERATORS)
        return self.text if bare and not special and self.text.isprintable() else quoted(self.text)


class Term(Struct, frozen=True, tag="term"):
    """field operator value[,value...]; positions point into the text for errors."""

    field: str
    operator: str
    values: tuple[str, ...]
    position: int = 0
    length: int = 0

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{','.join(_value(each) for each in self.values)}"


class Not(Struct, frozen=True, tag="not"):
    inner: "Node"

    def __str__(self) -> str:
        return f"-{_inner(self.inner)}"


class All(Struct, frozen=True, tag="all"):
    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(_inner(each) for each in self.parts)


class Any(Struct, frozen=True, tag="any"):
    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " or ".join(str(each) for each in self.parts)


Node = Word | Term | Not | All | Any


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _inner(node: Node) -> str:
    return f"({node})" if isinstance(node, Any | All) else str(node)


def _value(text: str) -> str:
    bare = text and not _QUOTED_WHEN.intersection(text) and text.isprintable()
    return text if bare and not text.startswith(OPERATORS) else quoted(text)
