"""Cases from the terminal, on libvirt's test driver: cut, write, report, suspect, trust."""

from pathlib import Path

import pytest

from tests.unit.cli.command import Answer, ringfence

SETTINGS = """
version = 1
[[hosts]]
name = "hv1"
uri = "test:///default"
[[contacts]]
name = "Anna"
role = "lead"
how = "+49 30 1234"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir(parents=True)
    (tmp_path / "config" / "fleet.toml").write_text(SETTINGS)
    return tmp_path


def ask(home: Path, *words: str) -> Answer:
    found = ringfence(home, *words)
    assert found.code == 0, found.out + found.err
    return found


def opened(home: Path) -> str:
    case: str = ask(home, "case", "open", "odd logins", "--json").document["case"]["short"]
    return case


def test_a_case_is_written_and_read(home: Path) -> None:
    case = opened(home)
    ask(home, "case", "note", case, "seen at the door")
    ask(home, "case", "grade", case, "high")
    ask(home, "case", "playbook", case, "ransomware", "--step", "cut")
    found = ask(home, "case", "show", case, "--json").document["case"]
    assert (found["grade"], found["playbook"]) == ("high", "ransomware")
    assert found["checklist"][0] == {**found["checklist"][0], "step": "cut", "mark": "done"}
    [one] = ask(home, "case", "list", "--json").document["cases"]
    assert one["notes"][0]["text"] == "seen at the door"
    assert "Anna" in ask(home, "case", "playbook", case).out
    ask(home, "case", "status", case, "closed")


def test_reports_are_written_in_both_languages_and_kinds(home: Path) -> None:
    case = opened(home)
    ask(home, "case", "report", case, "-o", str(home / "a.html"))
    assert "odd logins" in (home / "a.html").read_text("utf-8")
    ask(home, "--lang", "zh_CN", "case", "report", case, "-o", str(home / "b.html"))
    assert "案件" in (home / "b.html").read_text("utf-8")
    ask(home, "case", "report", case, "-o", str(home / "c.pdf"))
    assert (home / "c.pdf").read_bytes().startswith(b"%PDF-")
    assert ringfence(home, "case", "report", case, "-o", str(home / "d.doc")).code == 2


def test_a_suspect_host_is_cut_off_and_trusted_again(home: Path) -> None:
    escape = ("case", "escape", "hv1", "--reason", "odd qemu", "--json", "--yes")
    found = ringfence(home, *escape, "--disconnect")
    assert found.code == 4, found.err  # the test driver refuses the live link
    case = found.document["escape"]["case"]
    [shown] = ask(home, "case", "list", "--json").document["cases"]
    assert (shown["id"], shown["hosts"]) == (case, ["hv1"])
    assert [machine["held"] for machine in shown["machines"]] == [True]
    assert ringfence(home, "fleet").code == 3
    ask(home, "case", "trust", "hv1", "--reason", "installed anew")
    assert ringfence(home, "case", "trust", "hv1", "--reason", "again").code == 2
    ask(home, "fleet")


def test_a_case_nobody_knows_and_a_playbook_nobody_wrote_are_errors(home: Path) -> None:
    assert ringfence(home, "case", "show", "nothing").code == 2
    case = opened(home)
    assert ringfence(home, "case", "playbook", case, "dance").code == 2
    assert ringfence(home, "case", "playbook", case).code == 2
    assert "Freeze the machine now" in ask(home, "case", "playbook", "ransomware").out
