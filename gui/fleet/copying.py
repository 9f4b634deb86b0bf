"""Rows of the table as text for elsewhere, in the forms that the terminal uses too."""

import shlex
from collections.abc import Sequence

import msgspec

from core.fleet.columns import Column
from core.fleet.export import as_csv, as_markdown, as_text, table
from core.fleet.model import MachineView
from core.fleet.rows import machine_row
from core.text import Catalogue

SCHEMA_VERSION = 1


class Extract:
    """The chosen rows and columns, ready to be written in any of the forms."""

    def __init__(
        self, views: Sequence[MachineView], columns: Sequence[Column], t: Catalogue
    ) -> None:
        self._views = views
        self._table = table(views, columns, t)

    def as_text(self) -> str:
        """Return tab-separated lines without a heading."""
        return as_text(*self._table).split("\n", 1)[1]

    def as_csv(self) -> str:
        return as_csv(*self._table)

    def as_json(self) -> str:
        rows = [machine_row(view) for view in self._views]
        document = {"schema": SCHEMA_VERSION, "machines": rows}
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()

    def as_markdown(self) -> str:
        return as_markdown(*self._table)


def command_lines(views: Sequence[MachineView]) -> str:
    """Return the terminal's commands that show the same machines."""
    return "\n".join(shlex.join(["ringfence", "machine", view.target]) for view in views)
