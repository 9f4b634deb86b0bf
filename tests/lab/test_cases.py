"""Cases on real guests: every mode leaves one, a suspect host is held whole, a drill gives back."""

import json
import re
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.changes.journal import Journal
from core.settings.places import Places
from tests.lab.commands import run
from tests.lab.frames.speakers import speaking
from tests.lab.frames.wire import neighbour
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import macs_of
from tests.lab.stations import ringfence, ringfence_json
from tests.lab.test_barrier import GUEST, HOST, TARGET, pings_answered

NEIGHBOUR = "g2"  # on the same host
WITNESS = "h2"  # on the same segment


def act(home: Path, *words: str, code: int = 0) -> str:
    done = ringfence(home, *words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def the_case(home: Path) -> dict[str, Any]:
    [case] = ringfence_json(home, "case", "list")["cases"]
    found: dict[str, Any] = ringfence_json(home, "case", "show", case["id"])["case"]
    return found


def station_of(lab: Lab) -> str:
    """From which address the host itself reaches the guest: the station of a door."""
    address = lab.guests[GUEST].nics[0].address.split("/")[0]
    told = lab.hosts[HOST].exec(["ip", "route", "get", address]).stdout
    found = re.search(r"src (\S+)", told)
    assert found, told
    return found[1]


@pytest.mark.parametrize("mode", ["freeze", "strict", "forensic", "observe"])
def test_every_mode_leaves_a_case_with_its_times(
    lab: Lab, home: Path, tmp_path: Path, mode: str
) -> None:
    lab.wait_until_answers(GUEST)
    more = {
        "forensic": ("--door", f"{station_of(lab)}:7"),
        "observe": ("--observe-anyway",),
    }.get(mode, ())
    words = ("--reason", "odd <b>logins</b>", "--yes", *more)
    act(home, "quarantine", TARGET, "--mode", mode, *words)
    case = the_case(home)
    assert [machine["held"] for machine in case["machines"]] == [True]
    assert case["machines"][0]["mode"] == mode
    assert case["doubts"] == []
    if mode != "observe":
        assert 0 < case["times"]["cut"] < 5_000
        assert case["times"]["cut"] <= case["times"]["proved"]
    if mode == "freeze":
        assert case["times"]["paused"] > 0
    act(home, "case", "note", case["id"], "seen at the door")
    act(home, "case", "status", case["id"], "closed", code=2)  # it still holds a machine
    act(home, "release", TARGET, "--reason", "done", "--yes")
    act(home, "case", "status", case["id"], "closed")
    case = the_case(home)
    assert case["machines"][0]["ended"] == "released" and case["closed_at"]
    for name in ("case.html", "case.pdf"):
        act(home, "case", "report", case["id"], "-o", str(tmp_path / name))
    page = (tmp_path / "case.html").read_text("utf-8")
    assert "odd &lt;b&gt;logins" in page and "seen at the door" in page
    assert "The audit log verified when this was made" in page
    assert (tmp_path / "case.pdf").read_bytes().startswith(b"%PDF-")
    lab.wait_until_answers(GUEST, timeout_seconds=20)


def quarantines(home: Path) -> list[dict[str, Any]]:
    """What is said of the two machines of the host, in one look."""
    rows = ringfence_json(home, "fleet")["machines"]
    ours = [row for row in rows if row["host"] == HOST and row["name"] in {GUEST, NEIGHBOUR}]
    return [row["quarantine"] for row in ours]


@contextmanager
def heard_on_the_segment(lab: Lab, past: str, bridged: str) -> Generator[None]:
    """Two machines are heard beyond their host: one past its bridge, where no barrier stands."""
    space = lab.address.namespace(HOST)
    address = lab.hosts[HOST].exec(["cat", "/sys/class/net/br0/address"]).stdout.strip()
    run(["ip", "-n", space, "link", "set", "br0", "address", address])  # whatever is plugged in
    with neighbour(space) as device, speaking(space, **{"eth0": past, device: bridged}):
        yield


def proofs_of(home: Path, plan: str) -> list[str]:
    with closing(Journal(Places.under(home).journal_file)) as journal:
        outcome = journal.need(plan).outcome
    return [] if outcome is None else [proof.what.code for proof in outcome.proofs]


def escape_watched_from_another(lab: Lab, home: Path) -> None:
    """Whom the barrier stops is proved silent from there; whom the host lets past it is named."""
    past, bridged = (macs_of(lab.hosts[HOST], name)[0] for name in (GUEST, NEIGHBOUR))
    words = ("--reason", "odd qemu", "--watch-from", WITNESS, "--yes", "--cut-anyway", "--json")
    with heard_on_the_segment(lab, past, bridged):
        plan = json.loads(act(home, "case", "escape", HOST, *words, code=4))["escape"]["plan"]
    listened = [step for step in plan["steps"] if step["text"].startswith(f"Listen from {WITNESS}")]
    assert len(listened) == 2, plan["steps"]
    assert f"{bridged}: heard" not in plan["missing"]
    assert f"{past}: heard" in plan["missing"]
    assert proofs_of(home, plan["id"]).count("changes.proof.neighbour") == 1


@pytest.mark.timeout(900)  # fourteen commands on two cores that others use too
def test_a_suspect_host_is_held_whole_and_proves_nothing(lab: Lab, home: Path) -> None:
    lab.wait_until_answers(GUEST)
    lab.wait_until_answers(NEIGHBOUR)
    escape_watched_from_another(lab, home)
    assert pings_answered(lab) == 0
    assert not lab.ping(NEIGHBOUR)
    case = the_case(home)
    held = {machine["name"] for machine in case["machines"] if machine["held"]}
    assert held >= {GUEST, NEIGHBOUR} and case["hosts"] == [HOST]
    for seen in quarantines(home):
        assert seen["state"] == "unknown"
        assert seen["missing"][0] == "suspect host: contained"
    act(home, "case", "trust", HOST, "--reason", "false alarm")
    assert [seen["state"] for seen in quarantines(home)] == ["contained", "contained"]
    for name in (GUEST, NEIGHBOUR):
        act(home, "release", f"{HOST}/{name}", "--reason", "done", "--yes")
        lab.wait_until_answers(name, timeout_seconds=20)
    for name in held - {GUEST, NEIGHBOUR}:
        act(home, "release", f"{HOST}/{name}", "--reason", "done", "--yes")
    assert [machine["held"] for machine in the_case(home)["machines"]] == [False] * len(held)


def test_a_drill_reaches_its_parts_and_gives_the_machine_back(lab: Lab, home: Path) -> None:
    lab.wait_until_answers(GUEST)
    assert ringfence(home, "drill", TARGET).returncode == 5, "nobody said its name"
    words = ("drill", TARGET, "--confirm", GUEST, "--evidence", "none", "--anyway")
    report = ringfence_json(home, *words)["drill"]
    reached = {part["part"]: part["reached_s"] for part in report["parts"]}
    assert not report["still_held"]
    assert reached["cut"] is not None and reached["proof"] is not None
    assert reached["release"] is not None and reached["evidence"] is None
    lab.wait_until_answers(GUEST, timeout_seconds=20)
    case = the_case(home)
    assert case["drill"] and [machine["held"] for machine in case["machines"]] == [False]
    plans = ringfence_json(home, "journal", "list")["plans"]
    assert [plan["state"] for plan in plans] == ["done", "done"]
