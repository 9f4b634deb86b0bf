"""All parts of ringfence-host live in one namespace: no two may call different things the same."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from core.hosts.helper.one_file import one_file


def names_of(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def test_no_name_is_given_twice() -> None:
    given: dict[str, list[int]] = defaultdict(list)
    for node in ast.parse(one_file()).body:
        for name in names_of(node):
            given[name].append(node.lineno)
    assert {name: lines for name, lines in given.items() if len(lines) > 1} == {}
