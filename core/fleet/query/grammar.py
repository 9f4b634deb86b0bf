"""Text to tree: words, field terms, `-` or `not`, `or`, parentheses, "quotes".

Every mistake is a QueryError that points at the part of the text it is about; nothing else is
ever raised, whatever was typed.
"""

import re

from core.fleet.query.tree import All, Any, Node, Not, Term, Word
from core.text import RingfenceError
from core.text.message import Parameter

MAX_QUERY = 2000
MAX_DEPTH = 40
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*)(<=|>=|!=|<|>|=|:)")
_SPACE = re.compile(r"\s+")


class QueryError(RingfenceError):
    """What is wrong with a filter, and where: `position` and `length` count characters."""

    def __init__(self, code: str, position: int, length: int, **params: Parameter) -> None:
        super().__init__(code, "", **params)
        self.position = position
        self.length = length


def parse_tree(text: str) -> Node | None:
    """Return the tree of a filter; None for an empty one, which everything matches.

    Raises:
        QueryError: query-too-long, query-too-deep, query-quote-open, query-bracket-open,
            query-bracket-extra, query-nothing-after, query-value-missing.
    """
    if len(text) > MAX_QUERY:
        raise QueryError("query-too-long", MAX_QUERY, len(text) - MAX_QUERY, maximum=MAX_QUERY)
    reader = _Reader(text)
    node = reader.alternatives(0)
    if reader.position < len(text):
        raise QueryError("query-bracket-extra", reader.position, 1)
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.position = 0

    def alternatives(self, depth: int) -> Node | None:
        parts: list[Node] = []
        while True:
            node = self._conjunction(depth)
            start = self.position
            another = self._keyword("or")
            if node is None and (another or parts):
                where = start if another else len(self._text)
                raise QueryError("query-nothing-after", where, 2 if another else 0, word="or")
            if node is not None:
                parts.append(node)
            if not another:
                break
        if len(parts) > 1:
            return Any(tuple(parts))
        return parts[0] if parts else None

    def _conjunction(self, depth: int) -> Node | None:
        parts: list[Node] = []
        while self._more() and not self._at_keyword("or"):
            if self._keyword("and"):
                continue
            parts.append(self._unary(depth))
        if len(parts) > 1:
            return All(tuple(parts))
        return parts[0] if parts else None

    def _unary(self, depth: int) -> Node:
        start = self.position
        if depth > MAX_DEPTH:
            raise QueryError("query-too-deep", start, 1, maximum=MAX_DEPTH)
        if self._text[start] == "-":
            self.position += 1
            if not self._more() or self._text[start + 1].isspace() or self._at_keyword("or"):
                raise QueryError("query-nothing-after", start, 1, word="-")
            return Not(self._unary(depth + 1))
        if self._keyword("not"):
            if not self._more() or self._at_keyword("or"):
                raise QueryError("query-nothing-after", start, 3, word="not")
            return Not(self._unary(depth + 1))
        if self._text[start] == "(":
            return self._bracket(start, depth)
        return self._term()

    def _bracket(self, start: int, depth: int) -> Node:
        self.position += 1
        node = self.alternatives(depth + 1)
        if self.position >= len(self._text):
            raise QueryError("query-bracket-open", start, 1)
        self.position += 1
        if node is None:
            raise QueryError("query-nothing-after", start, self.position - start, word="(")
        return node

    def _term(self) -> Node:
        start = self.position
        match = _FIELD.match(self._text, start)
        if match is None:
            text = self._value(stop_at_comma=False)
            return Word(text, start, self.position - start)
        self.position = match.end()
        values = [self._required(match, start)]
        while self._text.startswith(",", self.position):
            self.position += 1
            values.append(self._required(match, start))
        length = self.position - start
        return Term(match[1].lower(), match[2], tuple(values), start, length)

    def _required(self, match: re.Match[str], start: int) -> str:
        begin = self.position
        value = self._value(stop_at_comma=True)
        if self.position == begin:
            length = self.position - start
            raise QueryError("query-value-missing", start, length, field=match[1].lower())
        return value

    def _value(self, *, stop_at_comma: bool) -> str:
        if self._text.startswith('"', self.position):
            return self._quoted()
        start = self.position
        stops = ' \t\r\n()",' if stop_at_comma else ' \t\r\n()"'
        while self.position < len(self._text):
            letter = self._text[self.position]
            if letter in stops or letter.isspace():
                break
            self.position += 1
        return self._text[start : self.position]

    def _quoted(self) -> str:
        start = self.position
        letters: list[str] = []
        at = start + 1
        while at < len(self._text):
            letter = self._text[at]
            if letter == '"':
                self.position = at + 1
                return "".join(letters)
            if letter == "\\" and at + 1 < len(self._text):
                at += 1
                letter = self._text[at]
            letters.append(letter)
            at += 1
        raise QueryError("query-quote-open", start, len(self._text) - start)

    def _more(self) -> bool:
        """Skip blanks; whether something other than a closing bracket follows."""
        match = _SPACE.match(self._text, self.position)
        if match:
            self.position = match.end()
        return self.position < len(self._text) and self._text[self.position] != ")"

    def _at_keyword(self, word: str) -> bool:
        end = self.position + len(word)
        if self._text[self.position : end].lower() != word:
            return False
        following = self._text[end : end + 1]
        return not following or following.isspace() or following in "()"

    def _keyword(self, word: str) -> bool:
        if not self._at_keyword(word):
            return False
        self.position += len(word)
        return True
