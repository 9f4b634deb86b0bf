"""A tree becomes one function of a row: cheap questions first, nothing computed twice.

A value that is unknown never satisfies a comparison; `field:unknown` asks for it by name.
"""

import operator
import re
from collections.abc import Callable
from fnmatch import translate

from core.fleet.model import MachineView
from core.fleet.query.fields import FIELDS, NONE, UNKNOWN, Field, Kind
from core.fleet.query.grammar import QueryError
from core.fleet.query.tree import All, Any, Node, Not, Term, Word
from core.fleet.summary import failing_checks

Test = Callable[[MachineView], bool]
Number = Callable[[MachineView], int | None]
Costed = tuple[int, Test]
_COMPARE: dict[str, Callable[[int, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    ":": operator.eq,
    "!=": operator.eq,  # _term turns it round
}
_EQUALS = frozenset({":", "=", "!="})
_WORD_COST, _PART_COST = 2, 1
_SIZE = re.compile(r"(-?\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?", re.IGNORECASE)
_UNIT = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def compiled(node: Node | None) -> Test:
    """Return the function that says whether a row matches.

    Raises:
        QueryError: query-unknown-field, query-operator, query-number, query-value-unknown.
    """
    return _anything if node is None else _node(node)[1]


def _anything(view: MachineView) -> bool:
    return True


def _node(node: Node) -> Costed:
    match node:
        case Word():
            return _WORD_COST, _word(node.text)
        case Term():
            return _term(node)
        case Not():
            cost, test = _node(node.inner)
            return cost, lambda view: not test(view)
        case All():
            return _all([_node(part) for part in node.parts])
        case Any():
            return _any([_node(part) for part in node.parts])


def _all(parts: list[Costed]) -> Costed:
    tests = _by_cost(parts)

    def test(view: MachineView) -> bool:
        for each in tests:  # noqa: SIM110  # all() over a generator takes twice the time
            if not each(view):
                return False
        return True

    return sum(cost for cost, _ in parts), test


def _any(parts: list[Costed]) -> Costed:
    tests = _by_cost(parts)

    def test(view: MachineView) -> bool:
        for each in tests:  # noqa: SIM110  # any() over a generator takes twice the time
            if each(view):
                return True
        return False

    return sum(cost for cost, _ in parts), test


def _by_cost(parts: list[Costed]) -> tuple[Test, ...]:
    return tuple(test for _, test in sorted(parts, key=lambda part: part[0]))


def _word(text: str) -> Test:
    wanted = _text_test(text, part=True)

    def test(view: MachineView) -> bool:
        if wanted(view.row.name.casefold()):
            return True
        machine = view.machine
        return machine is not None and bool(machine.title) and wanted(machine.title.casefold())

    return test


def _term(term: Term) -> Costed:
    field = FIELDS.get(term.field)
    if field is None:
        raise QueryError("query-unknown-field", term.position, len(term.field), field=term.field)
    tests = [_one(field, term, value) for value in term.values]
    test = tests[0] if len(tests) == 1 else _any([(0, each) for each in tests])[1]
    if term.operator == "!=":
        return field.cost, lambda view: not test(view)
    return field.cost, test


def _one(field: Field, term: Term, value: str) -> Test:
    if field.kind is Kind.FINDING:
        _only_equal(term)
        return _finding(value)
    if field.number is not None:
        return _number(field, term, value)
    _only_equal(term)
    return _words(field, term, value)


def _only_equal(term: Term) -> None:
    if term.operator not in _EQUALS:
        at = term.position + len(term.field)
        raise QueryError(
            "query-operator", at, len(term.operator), field=term.field, operator=term.operator
        )


def _words(field: Field, term: Term, value: str) -> Test:
    words = field.words
    assert words is not None
    if field.kind is Kind.CHOICE:
        choice = value.casefold()
        if choice not in field.choices:
            raise _not_one_of(field, term, value)
        return lambda view: choice in words(view)
    part = field.kind is Kind.PART and term.operator == ":"
    wanted = _text_test(value, part=part)
    if not part and not _is_glob(value):
        exact = value.casefold()
        return lambda view: exact in words(view)

    def test(view: MachineView) -> bool:
        for word in words(view):  # noqa: SIM110  # any() over a generator takes twice the time
            if wanted(word):
                return True
        return False

    return test


def _finding(value: str) -> Test:
    """Failing findings by id; ids are upper case."""
    wanted = value.upper()
    if not _is_glob(value):
        return lambda view: wanted in failing_checks(view)
    fits = re.compile(_translated(wanted)).match
    return lambda view: any(map(fits, failing_checks(view)))


def _number(field: Field, term: Term, value: str) -> Test:
    assert field.number is not None
    number: Number = field.number
    compare = _COMPARE[term.operator]
    if value.casefold() in {UNKNOWN, NONE} and term.operator in _EQUALS:
        return _lacking(number)
    wanted = _rank(field, term, value) if field.kind is Kind.RANK else _amount(field, term, value)

    def test(view: MachineView) -> bool:
        found = number(view)
        return found is not None and compare(found, wanted)

    return test


def _lacking(number: Number) -> Test:
    return lambda view: number(view) is None


def _rank(field: Field, term: Term, value: str) -> float:
    choice = value.casefold()
    if choice not in field.choices:
        raise _not_one_of(field, term, value)
    return field.choices.index(choice)


def _amount(field: Field, term: Term, value: str) -> float:
    match = _SIZE.fullmatch(value)
    if match is None or (match[2] and field.kind is not Kind.SIZE) or len(value) > 20:
        raise QueryError("query-number", term.position, term.length, field=field.name, given=value)
    return float(match[1]) * _UNIT[match[2].lower()]


def _not_one_of(field: Field, term: Term, value: str) -> QueryError:
    return QueryError(
        "query-value-unknown",
        term.position,
        term.length,
        field=field.name,
        given=value,
        known=", ".join(field.choices),
    )


def _text_test(value: str, *, part: bool) -> Callable[[str], bool]:
    wanted = value.casefold()
    if _is_glob(value):
        matches = re.compile(_translated(wanted)).match
        return lambda text: matches(text) is not None
    if part:
        return lambda text: wanted in text
    return lambda text: wanted == text


def _is_glob(value: str) -> bool:
    return "*" in value or "?" in value


def _translated(glob: str) -> str:
    """Only * and ? are special; a bracket is a bracket."""
    return translate(glob.replace("[", "[[]"))
