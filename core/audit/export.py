"""The audit log for other programs: JSON lines as signed, or a table no spreadsheet will run."""

import csv
from collections.abc import Iterable
from typing import TextIO

import msgspec

from core.audit.record import Record
from core.text.cells import starts_formula

_COLUMNS = (
    "number",
    "at",
    "event",
    "operator",
    "targets",
    "kind",
    "phase",
    "step",
    "state",
    "reason",
    "detail",
    "case",
    "plan",
    "sha256",
    "previous",
    "key",
    "signature",
)


def export_json_lines(records: Iterable[Record], out: TextIO) -> None:
    """One record a line, everything its hash and signature cover included."""
    for record in records:
        out.write(msgspec.json.encode(record).decode() + "\n")


def export_csv(records: Iterable[Record], out: TextIO) -> None:
    """A table with a head line; a cell that would be a formula is made text."""
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for record in records:
        writer.writerow([_cell(_value(record, column)) for column in _COLUMNS])


def _value(record: Record, column: str) -> str:
    if column == "targets":
        return " ".join(record.entry.targets)
    if column == "at":
        return record.at.isoformat()
    owner = record if hasattr(record, column) else record.entry
    return str(getattr(owner, column))


def _cell(text: str) -> str:
    return f"'{text}" if starts_formula(text) else text
