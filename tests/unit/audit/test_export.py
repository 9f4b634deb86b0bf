"""What leaves the log can be checked elsewhere and cannot run in a spreadsheet."""

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest

from core.audit.export import export_csv, export_json_lines
from core.audit.record import FIRST, Entry, Record, digest, digest_of

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


def record(reason: str) -> Record:
    entry = Entry("plan-begin", "alice", targets=("hv1/web", "hv1/db"), reason=reason)
    return Record(1, AT, entry, FIRST, "k", digest(1, AT, entry, FIRST, "k"), "s")


def test_json_lines_hold_everything_the_hash_covers() -> None:
    out = io.StringIO()
    export_json_lines([record("one"), record("two")], out)
    back = [msgspec.json.decode(line, type=Record) for line in out.getvalue().splitlines()]
    assert [digest_of(item) == item.sha256 for item in back] == [True, True]


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", " =x", "＝x"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    out = io.StringIO()
    export_csv([record(text)], out)
    [row] = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["reason"] == f"'{text}"
    assert row["targets"] == "hv1/web hv1/db"
