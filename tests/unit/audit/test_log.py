"""Whatever is done to the log behind its back is found and named."""

import fcntl
import sqlite3
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from core.audit.head import new_head, write_head
from core.audit.log import AuditLog
from core.audit.record import Entry
from core.audit.signing import open_signer
from core.keys.store import open_keys
from core.text import RingfenceError
from tests.unit.audit.chain import filled, open_log, tamper


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    log = filled(tmp_path)
    yield log
    log.close()


def found(log: AuditLog) -> list[tuple[int, str]]:
    return [(problem.number, problem.code) for problem in log.verify().problems]


def test_a_process_that_holds_the_log_is_not_waited_for_ever(
    log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.audit.log.BUSY_SECONDS", 0.05)
    with (tmp_path / "audit.sqlite3.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(RingfenceError, match="database-not-written"):
            log.append(Entry("test", "alice"))
    log.append(Entry("test", "alice"))


def test_an_untouched_log_is_good(log: AuditLog) -> None:
    verification = log.verify()
    assert (verification.records, verification.problems) == (5, ())


def test_an_edited_record_is_named(log: AuditLog, tmp_path: Path) -> None:
    tamper(tmp_path, "UPDATE records SET body = replace(body, 'reason 2', 'reason x')")
    assert found(log) == [(3, "edited")]


def test_an_edited_record_with_a_new_hash_is_named(log: AuditLog, tmp_path: Path) -> None:
    other = filled(tmp_path / "elsewhere", 3)
    forged = other.records()[2]
    other.close()
    body = "SELECT body FROM other.records WHERE number = 3"
    tamper(
        tmp_path,
        f"ATTACH '{tmp_path / 'elsewhere' / 'audit.sqlite3'}' AS other",
        f"UPDATE records SET body = ({body}) WHERE number = 3",
    )
    assert forged.number == 3
    assert found(log) == [(3, "unknown-key"), (3, "not-linked"), (4, "not-linked")]


def test_a_record_nobody_can_read_is_named(log: AuditLog, tmp_path: Path) -> None:
    tamper(tmp_path, "UPDATE records SET body = '{' WHERE number = 2")
    assert (2, "unreadable") in found(log)


def test_a_cut_tail_is_found(log: AuditLog, tmp_path: Path) -> None:
    tamper(tmp_path, "DELETE FROM records WHERE number > 3")
    [problem] = log.verify().problems
    assert (problem.number, problem.code, problem.detail) == (4, "tail-cut", "2")


def test_a_cut_tail_is_not_healed_by_going_on(log: AuditLog, tmp_path: Path) -> None:
    tamper(tmp_path, "DELETE FROM records WHERE number > 3")
    log.append(Entry("note", "alice"))
    assert found(log) == [(4, "chain-break")]


def test_a_missing_head_is_not_healed_by_going_on(log: AuditLog, tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite3.head").unlink()
    assert found(log) == [(5, "head-missing")]
    log.append(Entry("note", "alice"))
    assert found(log) == [(6, "chain-break")]


def test_a_removed_record_is_found(log: AuditLog, tmp_path: Path) -> None:
    tamper(tmp_path, "DELETE FROM records WHERE number = 2")
    assert found(log)[0] == (2, "missing-record")


def test_swapped_records_are_found(log: AuditLog, tmp_path: Path) -> None:
    tamper(
        tmp_path,
        "UPDATE records SET number = 99 WHERE number = 2",
        "UPDATE records SET number = 2 WHERE number = 3",
        "UPDATE records SET number = 3 WHERE number = 99",
    )
    assert found(log)[0] == (2, "missing-record")


def test_a_head_of_another_key_is_found(log: AuditLog, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    signer = open_signer(open_keys(elsewhere, None), elsewhere)
    write_head(tmp_path / "audit.sqlite3.head", new_head(signer, 5, log.records()[4].sha256))
    assert found(log) == [(5, "head-unknown-key")]


def test_a_process_killed_before_the_head_was_written_is_no_problem(
    log: AuditLog, tmp_path: Path
) -> None:
    head = (tmp_path / "audit.sqlite3.head").read_bytes()
    log.append(Entry("note", "alice"))
    (tmp_path / "audit.sqlite3.head").write_bytes(head)
    assert found(log) == []
    log.append(Entry("note", "alice"))
    assert found(log) == []


def test_the_database_refuses_to_alter_history(log: AuditLog, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "audit.sqlite3")
    for statement in ("UPDATE records SET body = ''", "DELETE FROM records"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_two_processes_append_to_one_chain(tmp_path: Path) -> None:
    processes = get_context("forkserver")
    writers = [processes.Process(target=write, args=(str(tmp_path),)) for _ in range(2)]
    open_log(tmp_path).close()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
        assert writer.exitcode == 0
        writer.close()
    log = open_log(tmp_path)
    verification = log.verify()
    assert (verification.records, verification.problems) == (20, ())
    log.close()


def write(folder: str) -> None:
    filled(Path(folder), 10).close()
