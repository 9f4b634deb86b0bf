"""A log on a folder, and a hand that alters it behind its back."""

import sqlite3
from pathlib import Path

from core.audit.log import AuditLog
from core.audit.record import Entry
from core.keys.store import open_keys


def open_log(folder: Path) -> AuditLog:
    return AuditLog(folder / "audit.sqlite3", open_keys(folder / "keys", None))


def filled(folder: Path, count: int = 5) -> AuditLog:
    log = open_log(folder)
    for number in range(count):
        log.append(Entry("note", "alice", reason=f"reason {number}"))
    return log


def tamper(folder: Path, *statements: str) -> None:
    """Do what somebody with the file can do: the triggers are no obstacle to him."""
    connection = sqlite3.connect(folder / "audit.sqlite3")
    connection.execute("DROP TRIGGER records_no_update")
    connection.execute("DROP TRIGGER records_no_delete")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
