"""The filter language of the fleet, the same in the window and in the terminal.

    zone:dmz score<60 label:none host:hv1 state:running console:open tenant:acme
    -name:test* finding:VM-SVIRT-001 (memory>=8G or critical>0) "two words"

Words side by side must all match; `or` and parentheses as usual, `-` negates. A bare word is a
part of a name or title; `*` and `?` are wild. `field:a,b` is either of the two.
"""

from collections.abc import Iterable

from core.fleet.model import MachineView
from core.fleet.query.compile import Test, compiled
from core.fleet.query.completion import Completion, complete
from core.fleet.query.fields import FIELDS
from core.fleet.query.grammar import QueryError, parse_tree
from core.fleet.query.tree import Node

__all__ = ["FIELDS", "Completion", "Query", "QueryError", "complete", "parse_query"]


class Query:
    """A filter that was understood."""

    __slots__ = ("_test", "text", "tree")

    def __init__(self, text: str, tree: Node | None, test: Test) -> None:
        self.text = text
        self.tree = tree
        self._test = test

    @property
    def everything(self) -> bool:
        """Whether it lets every row through."""
        return self.tree is None

    def matches(self, view: MachineView) -> bool:
        return self._test(view)

    def select(self, views: Iterable[MachineView]) -> list[MachineView]:
        return list(filter(self._test, views))

    def __str__(self) -> str:
        """The filter written anew; parsing it gives the same filter."""
        return "" if self.tree is None else str(self.tree)


def parse_query(text: str) -> Query:
    """Understand a filter.

    Raises:
        QueryError: with code, position and length of what is wrong.
    """
    tree = parse_tree(text)
    return Query(text, tree, compiled(tree))
