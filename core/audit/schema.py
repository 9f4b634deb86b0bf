"""The audit log's table: append-only, the database itself refuses anything else."""

from core.changes.schema import APPEND_ONLY

APPLICATION_ID = 0x52464131  # "RFA1"
VERSION = 1

SCHEMA = """
CREATE TABLE records (
  number INTEGER PRIMARY KEY,
  journal_seq INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
"""


def creation_script() -> str:
    return SCHEMA + APPEND_ONLY.format(table="records")
