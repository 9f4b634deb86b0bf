"""The journal's tables. History is append-only: the database itself refuses to alter it."""

APPLICATION_ID = 0x52464A31  # "RFJ1"
VERSION = 1

SCHEMA = """
CREATE TABLE plans (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  created_at TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id TEXT NOT NULL REFERENCES plans (id),
  at TEXT NOT NULL,
  event TEXT NOT NULL CHECK (event IN ('begin', 'intent', 'result', 'finish')),
  phase TEXT NOT NULL CHECK (phase IN ('apply', 'undo')),
  step INTEGER,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_plan ON events (plan_id, seq);
CREATE TABLE sealed (
  plan_id TEXT NOT NULL REFERENCES plans (id),
  name TEXT NOT NULL,
  at TEXT NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (plan_id, name)
) STRICT;
"""

APPEND_ONLY = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
"""

TABLES = ("plans", "events", "sealed")


def creation_script() -> str:
    """Return the statements that make an empty journal."""
    return SCHEMA + "".join(APPEND_ONLY.format(table=table) for table in TABLES)
