"""The terminal as its user meets it: words, documents, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.command import ROOT, ringfence

STRICT = ("--mode", "strict", "--reason", "test")
ROW = {
    "host",
    "name",
    "uuid",
    "state",
    "score",
    "grade",
    "label",
    "zones",
    "consoles",
    "encrypted",
    "tenant",
    "quarantine",
    "findings",
    "stale",
}


def test_the_demo_fleet_is_one_document(tmp_path: Path) -> None:
    found = ringfence(tmp_path, "--demo", "fleet", "--json")
    assert found.code == 0
    document = found.document
    assert {host["name"] for host in document["hosts"]} == {"alder", "birch", "cedar", "dogwood"}
    assert len(document["machines"]) == 61
    for row in document["machines"]:
        assert row.keys() >= ROW
        assert row["label"].keys() >= {"model", "text", "type", "categories", "enforcing", "kind"}
        assert row["findings"].keys() >= {"critical", "high", "medium", "low", "unknown"}
        assert row["demo"] is True


def test_every_quarantine_claim_of_a_guest_stays_a_claim(tmp_path: Path) -> None:
    document = ringfence(tmp_path, "--demo", "fleet", "-f", "name:held-by-note", "--json").document
    (row,) = document["machines"]
    assert row["quarantine"]["state"] == "unknown"


def test_without_a_display_the_demo_says_so_and_prints_the_fleet(tmp_path: Path) -> None:
    found = ringfence(tmp_path, "demo")
    assert found.code == 0
    assert "DISPLAY" in found.out
    assert "web-03" in found.out
    assert "DEMO" in found.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["fleet", "--no-such"], 2),
        (["fleet", "--columns", "nonsense"], 2),
        (["machine", "nohost"], 2),
        (["machine", "nohost/x"], 2),
        (["explain", "NO-SUCH-1"], 2),
        (["quarantine", "alder/web-03", "--mode", "gentle"], 2),
        (["quarantine", "alder/web-03", "--mode", "strict", "--yes"], 5),
        (["quarantine", "alder/web-03", "--reason", "x", "--yes"], 2),
        (["quarantine", "alder/web-03", *STRICT, "--door", "192.0.2.9:22", "--yes"], 2),
        (["quarantine", "alder/web-03", *STRICT, "--evidence", "nonsense", "--yes"], 2),
        (["quarantine", "alder/web-03", "--mode", "forensic", "--reason", "x", "--yes"], 2),
        (["release", "alder/web-03", "--reason", "x", "--how", "melt", "--yes"], 2),
        (["quarantine", "alder/web-03", "--reason", "x"], 2),
        (["release", "alder/web-03", "--reason", "x", "--yes"], 5),
        (["posture", "alder", "--fail-on", "high"], 1),
        (["posture", "birch/portal", "--fail-on", "critical"], 0),
    ],
)
def test_exit_codes(tmp_path: Path, arguments: list[str], code: int) -> None:
    found = ringfence(tmp_path, "--demo", *arguments)
    assert found.code == code, found.err
    assert "Traceback" not in found.err


def test_a_plan_is_printed_and_changes_nothing(tmp_path: Path) -> None:
    words = ["--demo", "quarantine", "alder/web-03", *STRICT, "--plan", "--json"]
    plan = ringfence(tmp_path, *words).document["plan"]
    assert plan["state"] == "planned"
    assert plan["steps"]
    assert plan["reason"] == "test"


def refusing(home: Path) -> tuple[str, ...]:
    """A host whose driver refuses every change of what runs; the demo fleet simulates it."""
    added = ringfence(home, "host", "add", "hv1", f"test://{ROOT}/resources/demo/alder.xml")
    assert added.code == 0, added.err
    return "quarantine", "hv1/web-03", *STRICT, "--yes"


def test_a_quarantine_that_cut_nothing_says_not_contained(tmp_path: Path) -> None:
    told = ringfence(tmp_path, *refusing(tmp_path)).out
    assert "State: not contained" in told
    assert told.count("still open while the machine runs") == 1
    assert "Revoke the password of the vnc console of web-03 (not done)" in told


def test_what_the_driver_refused_is_named(tmp_path: Path) -> None:
    found = ringfence(tmp_path, *refusing(tmp_path), "--json")
    assert found.code == 4
    plan = found.document["plan"]
    assert plan["state"] == "partial"
    assert plan["missing"]
    assert found.document["quarantine"]["state"] == "not-contained"


def test_a_machine_of_the_demo_is_cut_off(tmp_path: Path) -> None:
    words = ["--demo", "quarantine", "alder/web-03", *STRICT, "--yes", "--json"]
    found = ringfence(tmp_path, *words)
    assert found.code == 0, found.err
    assert found.document["plan"]["state"] == "done"
    assert found.document["quarantine"]["state"] == "contained"


def test_a_host_is_added_listed_as_not_reached_and_removed(tmp_path: Path) -> None:
    added = ringfence(tmp_path, "host", "add", "hv1", "test:///no/such/node.xml", "--json")
    assert added.code == 0, added.err
    listed = ringfence(tmp_path, "host", "list", "--json")
    assert listed.code == 3
    (row,) = listed.document["hosts"]
    assert row["failure"]["code"]
    assert ringfence(tmp_path, "host", "remove", "hv1").code == 0
    assert ringfence(tmp_path, "host", "list", "--json").document["hosts"] == []


@pytest.mark.parametrize(
    "uri",
    ["qemu+ext:///system?command=/bin/sh", "qemu+ssh://h/system?command=x", "qemu+tcp://h/system"],
)
def test_a_uri_that_is_a_program_is_refused(tmp_path: Path, uri: str) -> None:
    found = ringfence(tmp_path, "host", "add", "hv1", uri)
    assert found.code == 2
    assert found.err.startswith("Error: ")


def test_an_empty_journal_and_audit_verify(tmp_path: Path) -> None:
    assert ringfence(tmp_path, "journal", "list", "--json").document["plans"] == []
    verified = ringfence(tmp_path, "audit", "verify", "--json")
    assert verified.code == 0
    assert verified.document["intact"] is True


def test_help_and_errors_are_in_the_users_language(tmp_path: Path) -> None:
    chinese = ringfence(tmp_path, "--lang", "zh_CN", "quarantine", "--help")
    assert "用法" in chinese.out
    assert "Usage" not in chinese.out
    wrong = ringfence(tmp_path, "fleet", "--nonsense", LANG="zh_CN.UTF-8")
    assert wrong.err.startswith("错误")


def test_every_check_is_explained(tmp_path: Path) -> None:
    listed = ringfence(tmp_path, "explain", "--list", "--json").document["checks"]
    assert len(listed) >= 40
    assert all(check["title"] and check["why"] and check["fix"] for check in listed)


def test_completion_is_printed_for_each_shell(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_RINGFENCE_COMPLETE" in ringfence(tmp_path, "completion", shell).out


def test_watch_tells_when_it_was_told_to_stop(tmp_path: Path) -> None:
    assert ringfence(tmp_path, "--demo", "watch", "--for", "0.2").code == 0


def test_the_terminal_never_imports_qt(tmp_path: Path) -> None:
    code = (
        "import sys; from core.cli.main import main; main(['explain', '--list'])\n"
        "sys.exit(any(m.split('.')[0] in ('PySide6', 'gui') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0
